// What devices tell each other of their journals: a file, a hub's answer, the frames of an animated QR code.
//   { 1: event, 2: [[gate, [entry…], [head…]]…], 3?: {gate: highest sequence known}, 4?: [request…] }       gates sorted, each once
// Requests are in a hub's file only, for the report: no gate needs them, since whoever exchanges with that hub hears its answers.
import { type Bytes, compare, hex, unhex } from "./bytes";
import { type CborMap, decode, encode, type Value } from "./cbor";
import { bytesOf, listOf, mapOf, onlyKeys, textOf, whole } from "./cose";
import { Malformed } from "./errors";
import { MAX_ENTRY, MAX_HEAD, MAX_SEQUENCE } from "./journal_entry";
import { checkedEvent } from "./labels";
import { NAME_SIZE } from "./signed";

export const MAX_BODY = 1 << 23;
const MAX_GATES = 4096;
const LEAST_ENTRY = 52; // bytes of the shortest that there are
const LEAST_HEAD = 137;
const MAX_REQUEST = MAX_ENTRY + 256;

// entries, heads: as they came, since their hashes are over just these bytes.
export interface GateJournal {
  gate: string;
  entries: Bytes[];
  heads: Bytes[];
}

export interface Exchange {
  event: string;
  journals: GateJournal[];
  known: Map<string, number> | null; // up to where the asker has each gate's chain
}

export function buildExchange({ event, journals, known }: Exchange): Bytes {
  const ordered = [...journals].sort((one, other) => (one.gate < other.gate ? -1 : 1));
  const map: CborMap = new Map<number, Value>([[1, event]]);
  map.set(2, ordered.map(({ gate, entries, heads }): Value => [unhex(gate), entries, heads]));
  if (known !== null) map.set(3, new Map([...known].map(([gate, sequence]) => [unhex(gate), sequence])));
  return encode(map);
}

export function parseExchange(data: Bytes, maxBytes = MAX_BODY): Exchange {
  const map = mapOf(decode(data, maxBytes));
  onlyKeys(map, [1, 2], [3, 4]);
  if (map.has(4)) {
    const asked = strings(map.get(4), LEAST_ENTRY, MAX_REQUEST);
    if (asked.length === 0 || asked.some((one, at) => at > 0 && compare(asked[at - 1] as Bytes, one) >= 0)) throw new Malformed("exchange: requests unsorted, twice or none");
  }
  const journals = listOf(map.get(2), MAX_GATES).map((one) => {
    const [gate, entries, heads, ...more] = listOf(one, 3);
    if (more.length > 0) throw new Malformed("exchange: a journal has three parts");
    return { gate: bytesOf(gate, NAME_SIZE), entries: strings(entries, LEAST_ENTRY, MAX_ENTRY), heads: strings(heads, LEAST_HEAD, MAX_HEAD) };
  });
  journals.forEach(({ gate }, at) => {
    const before = journals[at - 1];
    if (before !== undefined && compare(before.gate, gate) >= 0) throw new Malformed("exchange: gates unsorted or twice");
  });
  const known = map.has(3) ? knownOf(mapOf(map.get(3))) : null;
  const event = checkedEvent(textOf(map.get(1), 64));
  return { event, journals: journals.map((one) => ({ ...one, gate: hex(one.gate) })), known };
}

function knownOf(map: CborMap): Map<string, number> {
  if (map.size > MAX_GATES) throw new Malformed("exchange: too many gates");
  return new Map([...map].map(([gate, sequence]) => [hex(bytesOf(typeof gate === "object" ? gate : null, NAME_SIZE)), whole(sequence, MAX_SEQUENCE)]));
}

function strings(value: Value | undefined, least: number, most: number): Bytes[] {
  return listOf(value, Number.MAX_SAFE_INTEGER).map((one) => {
    const bytes = bytesOf(one);
    if (bytes.length < least || bytes.length > most) throw new Malformed(`exchange: less than ${least} bytes in one, or more than ${most}`);
    return bytes;
  });
}
