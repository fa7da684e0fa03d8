// The pack that this device goes by: verified when it is taken, kept, replaced by later ones, by deltas where there is a hub.
import { type Bytes, same } from "./bytes";
import { applyDelta, parseDelta } from "./delta";
import { Malformed, Rejected } from "./errors";
import type { Hub } from "./hub";
import { type Pack, parsePack, signerOf, verifyPack } from "./pack";
import { verifyMessage } from "./signed";
import { get, keep } from "./store";

interface Shelved {
  data: Bytes;
  signers: Bytes[];
  serial: number;
}

// A first pack waits until a person has compared its signer's fingerprint with the organiser's page.
export interface Untrusted {
  pack: Pack;
  data: Bytes;
  signer: Bytes;
  fingerprint: string;
}

export class PackShelf {
  pack: Pack | null = null;
  rolledBack = false;
  private shelved: Shelved | null = null;

  constructor(private readonly database: IDBDatabase) {}

  // The pack that was used last.
  async open(): Promise<void> {
    const event = await get<string>(this.database, "device", "event");
    if (event !== undefined) await this.choose(event);
  }

  private async choose(event: string): Promise<void> {
    this.shelved = (await get<Shelved>(this.database, "packs", event)) ?? null;
    this.pack = this.shelved && (await parsePack(this.shelved.data));
    this.rolledBack = this.pack !== null && this.pack.serial < (this.shelved?.serial ?? 0);
  }

  // Throws Rejected or Malformed, and keeps what it has. The answer waits for a person where this event is new here.
  async take(data: Bytes, now: number): Promise<Untrusted | null> {
    const pack = await parsePack(data);
    const known = await get<Shelved>(this.database, "packs", pack.event);
    if (known === undefined) {
      const { point, fingerprint } = await signerOf(pack);
      await verifyPack(pack, { signers: [point], event: null, loaded: 0, now });
      return { pack, data, signer: point, fingerprint };
    }
    await verifyPack(pack, { signers: known.signers, event: pack.event, loaded: known.serial, now });
    if (known.serial === pack.serial && !(await sameContent(pack, known.data))) throw new Rejected("pack_rolled_back");
    await this.shelve(pack, data, await signersAfter(pack, known.signers));
    return null;
  }

  async trust({ pack, data, signer }: Untrusted): Promise<void> {
    await this.shelve(pack, data, await signersAfter(pack, [signer]));
  }

  async takeDelta(data: Bytes, now: number): Promise<void> {
    if (this.pack === null || this.shelved === null) throw new Malformed("delta: there is no pack that it could change");
    const delta = parseDelta(data);
    await verifyMessage(delta.message, this.shelved.signers, "TG1-delta");
    await this.take(await applyDelta(this.pack, delta), now);
  }

  // Asks the hub for what is newer. Whether anything was.
  async refresh(hub: Hub, now: number): Promise<boolean> {
    if (this.pack === null) return false;
    const before = this.pack.serial;
    const delta = await hub.delta(this.pack.event, before);
    if (delta === "same") return false;
    if (delta !== "whole") {
      try {
        await this.takeDelta(delta, now);
      } catch (error) {
        if (!(error instanceof Malformed)) throw error; // a delta that does not fit: the whole pack will
      }
    }
    if (this.pack.serial === before) await this.take(await hub.pack(this.pack.event), now);
    return this.pack.serial !== before;
  }

  private async shelve(pack: Pack, data: Bytes, signers: Bytes[]): Promise<void> {
    this.shelved = { data, signers, serial: pack.serial };
    await keep(this.database, "packs", pack.event, this.shelved);
    await keep(this.database, "device", "event", pack.event);
    this.pack = pack;
    this.rolledBack = false;
  }
}

// A pack that was signed anew is the same pack.
async function sameContent(pack: Pack, data: Bytes): Promise<boolean> {
  return same(pack.message.sign1.payload, (await parsePack(data)).message.sign1.payload);
}

// Who may sign what comes next: whoever signed this one, and those whom it names.
async function signersAfter(pack: Pack, trusted: readonly Bytes[]): Promise<Bytes[]> {
  const signer = await verifyMessage(pack.message, trusted, "TG1-pack");
  return [signer, ...pack.nextSigners.filter((point) => !same(point, signer))];
}
