// What a scanner keeps in the browser: its key, packs, the posts that it stood at, journals. Nothing in it is about a person.
// Whatever a green light stands on is written with durability "strict": it is on the disk before the promise resolves.
const NAME = "tegata-gate";
const VERSION = 1;
export const STORES = ["device", "packs", "posts", "entries", "heads", "tails"] as const;
export type Store = (typeof STORES)[number];

export async function openStore(name = NAME): Promise<IDBDatabase> {
  const request = indexedDB.open(name, VERSION);
  request.onupgradeneeded = () => {
    for (const store of STORES) request.result.createObjectStore(store);
  };
  return promised(request);
}

export function promised<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export async function get<T>(database: IDBDatabase, store: Store, key: IDBValidKey): Promise<T | undefined> {
  return promised(database.transaction(store).objectStore(store).get(key)) as Promise<T | undefined>;
}

export async function getAll<T>(database: IDBDatabase, store: Store, range?: IDBKeyRange, most?: number): Promise<T[]> {
  return promised(database.transaction(store).objectStore(store).getAll(range, most)) as Promise<T[]>;
}

export async function getAllKeys(database: IDBDatabase, store: Store): Promise<IDBValidKey[]> {
  return promised(database.transaction(store).objectStore(store).getAllKeys());
}

export async function keep(database: IDBDatabase, store: Store, key: IDBValidKey, value: unknown): Promise<void> {
  await durably(database, [store], (stores) => {
    stores(store).put(value, key);
  });
}

export async function discard(database: IDBDatabase, store: Store, key: IDBValidKey): Promise<void> {
  await durably(database, [store], (stores) => {
    stores(store).delete(key);
  });
}

// One transaction over several stores, on the disk when the promise resolves. act: only calls on stores, nothing to wait for but them;
// what it throws undoes the transaction.
export function durably(database: IDBDatabase, names: Store[], act: (stores: (name: Store) => IDBObjectStore) => void | Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(names, "readwrite", { durability: "strict" });
    let fault: unknown = null;
    const failed = (error: unknown) => {
      fault = error;
      transaction.abort();
    };
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject((fault as Error | null) ?? transaction.error ?? new Error("the browser could not keep this"));
    try {
      Promise.resolve(act((name) => transaction.objectStore(name))).catch(failed);
    } catch (error) {
      failed(error);
    }
  });
}

// Everything that begins with these parts.
export function beginningWith(...parts: string[]): IDBKeyRange {
  return IDBKeyRange.bound(parts, [...parts, []]);
}
