// What this browser keeps of passes: the key, which no script can read, the issuer's token, and what the ticket says. Nothing about a person.
import { ascii, type Bytes, same } from "../gate/bytes";
import { pointOf, SIGNING, signed } from "../gate/p256";
import { parseToken } from "../gate/pass";
import { promised } from "../gate/store";

const NAME = "tegata-pass";
const VERSION = 1;
const STORE = "passes";
const CLOCK = "clock";

// Everything that the wallet told at the last visit.
export interface Facts {
  id: string;
  event: string;
  event_name: string;
  venue: string;
  zone: string;
  entrance: string;
  starts_at: string;
  ends_at: string;
  state: "valid" | "ended" | "stopped" | "unknown";
  holder: string;
}

// holder: thumbprint of the key. token: null between the making of the key and the issuer's answer. checkedAt: milliseconds, by the
// corrected clock; 0 while the wallet has not been asked since.
export interface Kept {
  tenant: string;
  facts: Facts;
  pair: CryptoKeyPair;
  holder: string;
  token: Bytes | null;
  checkedAt: number;
}

// Whether the key signs, and is the one that the pass is bound to.
async function isUsable({ pair, token }: Kept): Promise<boolean> {
  try {
    const text = ascii("a pass page looks whether its key works");
    const works = await crypto.subtle.verify(SIGNING, pair.publicKey, await signed(pair.privateKey, text), text);
    const holder = token === null ? null : parseToken(token).holder;
    return works && (token === null || (holder !== null && same(holder, await pointOf(pair.publicKey))));
  } catch {
    return false;
  }
}

export class Shelf {
  private constructor(private readonly database: IDBDatabase) {}

  static async open(): Promise<Shelf> {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE);
      request.result.createObjectStore(CLOCK);
    };
    return new Shelf(await promised(request));
  }

  // Undefined also where the key is of no use any more: browsers have kept a record and lost the key in it. Such a pass is gone.
  async find(tenant: string, id: string): Promise<Kept | undefined> {
    try {
      const kept = (await promised(this.store().get([tenant, id]))) as Kept | undefined;
      return kept !== undefined && (await isUsable(kept)) ? kept : undefined;
    } catch (error) {
      if (error instanceof DOMException) return undefined; // the record cannot be read
      throw error;
    }
  }

  // Of one wallet.
  async all(tenant: string): Promise<Kept[]> {
    return promised(this.store().getAll(IDBKeyRange.bound([tenant], [tenant, []]))) as Promise<Kept[]>;
  }

  async put(kept: Kept): Promise<void> {
    await this.write((store) => store.put(kept, [kept.tenant, kept.facts.id]));
  }

  async remove(tenant: string, id: string): Promise<void> {
    await this.write((store) => store.delete([tenant, id]));
  }

  async removeAll(tenant: string): Promise<void> {
    await this.write((store) => store.delete(IDBKeyRange.bound([tenant], [tenant, []])));
  }

  // Milliseconds that this device's clock has to be put forward.
  async offset(): Promise<number> {
    return ((await promised(this.database.transaction(CLOCK).objectStore(CLOCK).get("offset"))) as number | undefined) ?? 0;
  }

  async keepOffset(offset: number): Promise<void> {
    await this.write((store) => store.put(offset, "offset"), CLOCK);
  }

  private store(): IDBObjectStore {
    return this.database.transaction(STORE).objectStore(STORE);
  }

  // On the disk when it resolves: what was written is what the issuer then binds a pass to.
  private write(act: (store: IDBObjectStore) => void, name = STORE): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(name, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error("the browser could not keep this"));
      act(transaction.objectStore(name));
    });
  }
}
