// The journals of one event on this device: its own chain, written before anything turns green, and what is proven of the others'.
import { type Bytes, hex, sha256, unhex } from "./bytes";
import { type Exchange, type GateJournal } from "./exchange";
import { buildEntry, type Entry, KIND, parseEntry, parseHead, signHead } from "./journal_entry";
import { Ledger } from "./ledger";
import type { Gate } from "./pack";
import { type Noted } from "./presence";
import { rememberLength } from "./remembered";
import type { DeviceKey } from "./requests";
import { beginningWith, durably, get, getAll, keep, promised } from "./store";
import { key as placeKey, type Proven, provenEntries } from "./verify_journal";

interface Tail {
  sequence: number;
  hash: Bytes;
}

interface Row {
  hash: Bytes;
  data: Bytes;
}

const MOST_ENTRIES = 20_000; // of one gate, read at a time
const MOST_BYTES = 4_000_000; // of all entries in one body: half of what a hub takes at once

// time: milliseconds, or what tells them when the entry's turn comes.
export type Draft = Pick<Entry, "kind" | "cti" | "entrance" | "detail"> & { time: number | (() => number) };

export class Journal {
  readonly ledger = new Ledger();
  private tail: Tail = { sequence: 0, hash: new Uint8Array(32) };
  private turn: Promise<unknown> = Promise.resolve();
  readonly gate: string;
  retired = false; // this chain ends here, whatever anybody would still write into it
  strangers = false; // an exchange told of a gate that the pack does not name: a newer one may

  private constructor(
    private readonly database: IDBDatabase,
    readonly event: string,
    readonly device: DeviceKey,
  ) {
    this.gate = hex(device.name);
  }

  static async open(database: IDBDatabase, event: string, device: DeviceKey): Promise<Journal> {
    const journal = new Journal(database, event, device);
    for (const row of await getAll<Row>(database, "entries", beginningWith(event))) journal.ledger.add(noted(parseEntry(row.data), row.hash));
    journal.tail = (await get<Tail>(database, "tails", event)) ?? journal.tail;
    return journal;
  }

  // Writes an entry, if `may` still says so when its turn comes; null where it does not. On the disk when the promise resolves.
  // Another window of this browser may have written meanwhile: then the chain goes on from there.
  append(draft: Draft, may: () => boolean = () => true): Promise<Noted | null> {
    const done = this.turn.then(async () => {
      for (;;) {
        if (this.retired) throw new Error("this device writes into this journal no more");
        if (!may()) return null;
        const { sequence, hash: previous } = this.tail;
        const time = typeof draft.time === "number" ? draft.time : draft.time();
        const data = buildEntry({ event: this.event, gate: this.gate, sequence: sequence + 1, previous, ...draft, time });
        const hash = await sha256(data);
        if (await this.write({ hash, data }, { sequence: sequence + 1, hash })) {
          const entry = noted(parseEntry(data), hash);
          this.ledger.add(entry);
          return entry;
        }
      }
    });
    this.turn = done.catch(() => undefined);
    return done;
  }

  private async write(row: Row, tail: Tail): Promise<boolean> {
    let moved = false;
    await durably(this.database, ["entries", "tails"], async (stores) => {
      const now = ((await promised(stores("tails").get(this.event))) as Tail | undefined) ?? { sequence: 0, hash: new Uint8Array(32) };
      moved = now.sequence !== tail.sequence - 1;
      if (moved) return;
      stores("entries").add(row, [this.event, this.gate, tail.sequence, hex(row.hash)]);
      stores("tails").put(tail, this.event);
    });
    if (!moved) {
      this.tail = tail;
      rememberLength(this.gate, this.event, tail.sequence);
      return true;
    }
    for (const { data, hash } of await getAll<Row>(this.database, "entries", beginningWith(this.event, this.gate))) this.ledger.add(noted(parseEntry(data), hash));
    this.tail = (await get<Tail>(this.database, "tails", this.event)) ?? this.tail;
    return false;
  }

  // The entry as it is signed: there is only one encoding.
  bytesOf(entry: Noted): Bytes {
    return buildEntry(entry);
  }

  // The signature under everything so far, kept too; null where nothing was written yet.
  async head(time: number): Promise<Bytes | null> {
    const { sequence, hash } = this.tail;
    if (sequence === 0) return null;
    const data = await signHead({ event: this.event, gate: this.gate, sequence, hash, time }, this.device.key);
    await keep(this.database, "heads", [this.event, this.gate, sequence], data);
    return data;
  }

  get length(): number {
    return this.tail.sequence;
  }

  // Whether somebody has entries of this chain that this device lost: what it wrote next would be a fork.
  async isBehind(known: number): Promise<boolean> {
    return known > this.length && known > ((await get<Tail>(this.database, "tails", this.event))?.sequence ?? 0);
  }

  // Journals with what the asker lacks: as much as goes into one body, each part up to a signed head, so that it can be proven.
  // gates: whose; known: up to where he has each.
  async lacking(gates: readonly string[], known: ReadonlyMap<string, number>, mostBytes = MOST_BYTES): Promise<GateJournal[]> {
    const found: GateJournal[] = [];
    let left = mostBytes;
    for (const gate of gates) {
      const after = [this.event, gate, (known.get(gate) ?? 0) + 1];
      const range = IDBKeyRange.bound(after, [this.event, gate, []]);
      const rows = await getAll<Row>(this.database, "entries", range, MOST_ENTRIES);
      const heads = await getAll<Bytes>(this.database, "heads", range);
      const entries = fitting(rows.map((row) => row.data), left);
      const cut = entries.length < rows.length || rows.length === MOST_ENTRIES;
      const last = cut ? sequenceOf(entries) : Infinity;
      const head = heads.filter((one) => parseHead(one).sequence <= last).at(-1);
      const proven = head === undefined ? 0 : parseHead(head).sequence;
      while (cut && sequenceOf(entries) > proven) entries.pop();
      if (entries.length > 0) found.push({ gate, entries, heads: head === undefined ? [] : [head] });
      for (const entry of entries) left -= entry.length;
      if (cut && entries.length > 0) break;
    }
    return found;
  }

  // All that is known of these gates, with every signed head: for a file, or for another screen.
  async everything(gates: readonly string[]): Promise<GateJournal[]> {
    const found: GateJournal[] = [];
    for (const gate of gates) {
      const range = beginningWith(this.event, gate);
      const entries = (await getAll<Row>(this.database, "entries", range)).map((row) => row.data);
      if (entries.length > 0) found.push({ gate, entries, heads: await getAll<Bytes>(this.database, "heads", range) });
    }
    return found.sort((one, other) => (one.gate < other.gate ? -1 : 1));
  }

  // Takes in what others' journals prove. Own entries come from this device alone. count: how many were new. left: what is not proven yet.
  async absorb({ event, journals }: Exchange, gates: readonly Gate[]): Promise<{ count: number; left: GateJournal[] }> {
    if (event !== this.event) return { count: 0, left: [] };
    let count = 0;
    const left: GateJournal[] = [];
    const isHere = ({ entry, hash }: Proven): boolean => this.ledger.at(entry.gate, entry.sequence).some((one) => one.hash === hex(hash));
    for (const journal of journals) {
      const gate = gates.find((one) => one.id === journal.gate);
      if (gate === undefined) this.strangers = true;
      if (gate === undefined || gate.id === this.gate) continue;
      const start = (sequence: number) => this.ledger.at(gate.id, sequence).map((one) => placeKey(sequence, unhex(one.hash)));
      const { proven, heads, unproven } = await provenEntries(journal, { event, point: gate.point, start });
      const waiting = unproven.filter((one) => !isHere(one)).map((one) => one.bytes);
      if (waiting.length > 0) left.push({ gate: gate.id, entries: waiting, heads: journal.heads });
      const fresh = proven.filter((one) => !isHere(one));
      if (fresh.length === 0) continue;
      await durably(this.database, ["entries", "heads"], (stores) => {
        for (const { entry, bytes, hash } of fresh) stores("entries").put({ hash, data: bytes }, [event, gate.id, entry.sequence, hex(hash)]);
        for (const head of heads) stores("heads").put(head, [event, gate.id, parseHead(head).sequence]);
      });
      for (const { entry, hash } of fresh) this.ledger.add(noted(entry, hash));
      count += fresh.length;
    }
    return { count, left };
  }

  // Takes back one of this gate's own entries; null where there is nothing to take back.
  async undo(sequence: number, time: number): Promise<Noted | null> {
    const [entry] = this.ledger.at(this.gate, sequence);
    if (entry === undefined || entry.kind > KIND.override) return null;
    const { cti, entrance } = entry;
    return this.append({ kind: KIND.undo, cti, time, entrance, detail: sequence }, () => !this.ledger.isUndone(entry));
  }
}

// The first of them, as many as this many bytes hold.
function fitting(entries: Bytes[], bytes: number): Bytes[] {
  let left = bytes;
  const end = entries.findIndex((entry) => (left -= entry.length) < 0);
  return end < 0 ? entries : entries.slice(0, end);
}

// Of the last.
function sequenceOf(entries: readonly Bytes[]): number {
  const last = entries.at(-1);
  return last === undefined ? 0 : parseEntry(last).sequence;
}

function noted(entry: Entry, hash: Bytes): Noted {
  return { ...entry, hash: hex(hash) };
}
