// Another gate's journal → the entries that are to be believed: an unbroken chain up to a head that the gate's key, named in the pack, signed.
import { type Bytes, same, sha256 } from "./bytes";
import { Malformed, Rejected } from "./errors";
import type { GateJournal } from "./exchange";
import { type Entry, type Head, parseEntry, parseHead } from "./journal_entry";
import { verifyMessage } from "./signed";

export interface Proven {
  entry: Entry;
  bytes: Bytes;
  hash: Bytes;
}

// 1. each entry parses, is of this event and this gate, and names the hash of the one before it; where several chains share a place, each
//    is followed. What does not is no entry: the rest of a journal is not refused for it
// 2. a head's signature by the gate's key
// 3. what leads up to a signed head is proven. What comes after the last is not lost: its gate sends it again with the next head.
// start: what is proven of this gate already at a sequence. unproven: what no head leads to, or was proven before.
export async function provenEntries(
  journal: GateJournal,
  { event, point, start }: { event: string; point: Bytes; start: (sequence: number) => readonly string[] },
): Promise<{ proven: Proven[]; heads: Bytes[]; unproven: Proven[] }> {
  const found = new Map<string, Proven>();
  for (const bytes of journal.entries) {
    const entry = parsed(parseEntry, bytes);
    if (entry === null || entry.event !== event || entry.gate !== journal.gate) continue;
    const hash = await sha256(bytes);
    found.set(key(entry.sequence, hash), { entry, bytes, hash });
  }
  const proven = new Map<string, Proven>();
  const dead = new Set<string>();
  const heads: Bytes[] = [];
  for (const bytes of journal.heads) {
    const head = await believed(bytes, event, point);
    if (head === null || head.gate !== journal.gate) continue;
    const chain = chainTo(head, found, start, proven, dead);
    if (chain === null) continue;
    heads.push(bytes);
    for (const one of chain) proven.set(key(one.entry.sequence, one.hash), one);
  }
  const unproven = [...found].filter(([place]) => !proven.has(place)).map(([, one]) => one);
  return { proven: [...proven.values()].sort((one, other) => one.entry.sequence - other.entry.sequence), heads, unproven };
}

async function believed(bytes: Bytes, event: string, point: Bytes): Promise<Head | null> {
  const head = parsed(parseHead, bytes);
  if (head === null) return null;
  try {
    await verifyMessage(head.message, [point], "TG1-head");
  } catch (error) {
    if (error instanceof Rejected) return null;
    throw error;
  }
  return head.event === event ? head : null;
}

function parsed<T>(parse: (bytes: Bytes) => T, bytes: Bytes): T | null {
  try {
    return parse(bytes);
  } catch (error) {
    if (error instanceof Malformed) return null;
    throw error;
  }
}

// From the head backwards to the chain's beginning, or to what is proven already; null where a piece is missing.
// dead: what led nowhere before, so that no other head walks there again.
function chainTo(
  head: Head,
  found: ReadonlyMap<string, Proven>,
  start: (sequence: number) => readonly string[],
  proven: ReadonlyMap<string, Proven>,
  dead: Set<string>,
): Proven[] | null {
  const chain = new Map<string, Proven>();
  let hash = head.hash;
  let sequence = head.sequence;
  for (; sequence > 0; sequence--) {
    const place = key(sequence, hash);
    if (proven.has(place) || start(sequence).includes(place)) return [...chain.values()];
    const one = dead.has(place) ? undefined : found.get(place);
    if (one === undefined) break;
    chain.set(place, one);
    hash = one.entry.previous;
  }
  if (sequence === 0 && same(hash, new Uint8Array(32))) return [...chain.values()];
  for (const place of chain.keys()) dead.add(place);
  return null;
}

export function key(sequence: number, hash: Uint8Array): string {
  let text = `${sequence}:`;
  for (const byte of hash) text += byte.toString(16).padStart(2, "0");
  return text;
}
