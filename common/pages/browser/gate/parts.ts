// Journals too long for one animated code: several exchanges, each of which a device takes in for itself, in any order. As common/gate/parts.py.
// A part ends at a signed head where there is one, so that it is believed as soon as what comes before it is here. What is not believed yet
// waits (Pending) for the part that proves it.
import { type Bytes, compare, hex } from "./bytes";
import { buildExchange, type Exchange, type GateJournal } from "./exchange";
import { parseEntry, parseHead } from "./journal_entry";

const LEAST_PART = 4096;
const MAX_PENDING = 1 << 25; // bytes of entries that wait, with their heads
const FRAME = 96; // bytes around what is in a part, in a journal, in an entry: no more than these
const JOURNAL = 24;
const STRING = 3;
const HEADS_APART = 8; // a head for each eighth of a part: gates sign one every thirty seconds

interface Item {
  sequence: number;
  isHead: boolean;
  data: Bytes;
}

// The same entries in parts of at most so many encoded bytes each (at least 4096).
export function splitExchange({ event, journals }: Exchange, mostBytes: number): Exchange[] {
  if (buildExchange({ event, journals, known: null }).length <= mostBytes) return [{ event, journals, known: null }];
  const most = Math.max(mostBytes, LEAST_PART) - FRAME;
  const parts: GateJournal[][] = [[]];
  let left = most;
  for (const journal of journals) {
    const items = itemsOf(journal, Math.floor(most / HEADS_APART));
    for (let at = 0; at < items.length; ) {
      const part = parts.at(-1) as GateJournal[];
      const end = endOf(items, at, left - JOURNAL, part.length === 0);
      if (end === at) {
        parts.push([]);
        left = most;
        continue;
      }
      const piece = items.slice(at, end);
      part.push({ gate: journal.gate, entries: of(piece, false), heads: of(piece, true) });
      left -= JOURNAL + piece.reduce((sum, { data }) => sum + data.length + STRING, 0);
      at = end;
    }
  }
  return parts.filter((part) => part.length > 0).map((part) => ({ event, journals: part, known: null }));
}

// Entries, each head after the entry that it signs. Of the heads those that are needed: the last, and some on the way; all of them where the
// chain has branches.
function itemsOf({ entries, heads }: GateJournal, apart: number): Item[] {
  const own = entries.map((data): Item => ({ sequence: parseEntry(data).sequence, isHead: false, data }));
  const signed = heads.map((data): Item => ({ sequence: parseHead(data).sequence, isHead: true, data })).sort(inOrder);
  const items = [...own, ...signed].sort(inOrder);
  if (new Set(own.map(({ sequence }) => sequence)).size < own.length) return items;
  let since = 0;
  return items.filter((item) => {
    since += item.data.length;
    const kept = !item.isHead || item === signed.at(-1) || since >= apart;
    if (item.isHead && kept) since = 0;
    return kept;
  });
}

function inOrder(one: Item, other: Item): number {
  return one.sequence - other.sequence || Number(one.isHead) - Number(other.isHead) || compare(one.data, other.data);
}

// Up to where they fit, back to the last head; as they come where there is none and no other part has more room.
function endOf(items: readonly Item[], at: number, room: number, isFresh: boolean): number {
  let end = at;
  for (let item = items[end]; item !== undefined && room >= item.data.length + STRING; item = items[end]) {
    room -= item.data.length + STRING;
    end++;
  }
  if (end === items.length) return end;
  for (let place = end - 1; place > at; place--) if (items[place]?.isHead) return place + 1;
  return isFresh ? end : at;
}

function of(items: readonly Item[], isHead: boolean): Bytes[] {
  return items.filter((item) => item.isHead === isHead).map(({ data }) => data);
}

// Entries of parts that came before the one that proves them.
export class Pending {
  private held: Exchange | null = null;

  // With what waits of the same event.
  joined(exchange: Exchange): Exchange {
    if (this.held?.event !== exchange.event) return exchange;
    const byGate = new Map(this.held.journals.map((one) => [one.gate, one]));
    for (const { gate, entries, heads } of exchange.journals) {
      const before = byGate.get(gate) ?? { entries: [], heads: [] };
      byGate.set(gate, { gate, entries: once([...before.entries, ...entries]), heads: once([...before.heads, ...heads]) });
    }
    const journals = [...byGate.values()].sort((one, other) => (one.gate < other.gate ? -1 : 1));
    const weight = journals.flatMap(({ entries, heads }) => [...entries, ...heads]).reduce((sum, data) => sum + data.length, 0);
    return weight <= MAX_PENDING ? { ...exchange, journals } : exchange;
  }

  // left: what was not proven when it was taken in. How many entries wait now.
  hold(event: string, left: GateJournal[]): number {
    this.held = left.length > 0 ? { event, journals: left, known: null } : null;
    return left.reduce((sum, { entries }) => sum + entries.length, 0);
  }
}

function once(strings: readonly Bytes[]): Bytes[] {
  return [...new Map(strings.map((data) => [hex(data), data])).values()];
}
