// What the gate's browser code asks of IndexedDB, in memory: enough to run journal, link and desk under Node.
type Key = string | number | Key[];

function compare(one: Key, other: Key): number {
  const [rank, next] = [rankOf(one), rankOf(other)];
  if (rank !== next) return rank - next;
  if (!Array.isArray(one) || !Array.isArray(other)) return one < other ? -1 : one > other ? 1 : 0;
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    const found = compare(one[at] as Key, other[at] as Key);
    if (found !== 0) return found;
  }
  return one.length - other.length;
}

function rankOf(key: Key): number {
  return Array.isArray(key) ? 2 : typeof key === "string" ? 1 : 0;
}

interface Range {
  lower: Key;
  upper: Key;
}

class Request {
  onsuccess: (() => void) | null = null;
  onerror: (() => void) | null = null;
  constructor(readonly result: unknown) {}
}

class Transaction {
  oncomplete: (() => void) | null = null;
  onabort: (() => void) | null = null;
  error: Error | null = null;
  private waiting = 0;

  constructor(private readonly stores: Map<string, [Key, unknown][]>) {
    this.settle();
  }

  abort(): void {
    this.onabort?.();
  }

  private settle(): void {
    setTimeout(() => this.waiting === 0 && this.oncomplete?.());
  }

  private answer(result: unknown): Request {
    const request = new Request(result);
    this.waiting++;
    setTimeout(() => {
      request.onsuccess?.();
      this.waiting--;
      this.settle();
    });
    return request;
  }

  objectStore(name: string) {
    const rows = this.stores.get(name) ?? [];
    this.stores.set(name, rows);
    const put = (value: unknown, key: Key) => {
      const at = rows.findIndex(([held]) => compare(held, key) >= 0);
      if (at < 0) rows.push([key, value]);
      else rows.splice(at, compare((rows[at] as [Key, unknown])[0], key) === 0 ? 1 : 0, [key, value]);
      return this.answer(key);
    };
    return {
      delete: (key: Key) => {
        const at = rows.findIndex(([held]) => compare(held, key) === 0);
        if (at >= 0) rows.splice(at, 1);
        return this.answer(undefined);
      },
      get: (key: Key) => this.answer(rows.find(([held]) => compare(held, key) === 0)?.[1]),
      getAll: (range?: Range, most = Infinity) => {
        const inside = rows.filter(([key]) => range === undefined || (compare(key, range.lower) >= 0 && compare(key, range.upper) <= 0));
        return this.answer(inside.slice(0, most).map(([, value]) => value));
      },
      put,
      add: put,
    };
  }
}

export function memoryStore(): IDBDatabase {
  const stores = new Map<string, [Key, unknown][]>();
  Object.assign(globalThis, { IDBKeyRange: { bound: (lower: Key, upper: Key): Range => ({ lower, upper }) } });
  return { transaction: () => new Transaction(stores) } as unknown as IDBDatabase;
}
