// One entry of a gate's journal, the signed head of its chain, and what two devices hand each other: bytes ↔ meaning.
//   entry = [ event, gate (8), sequence (1…), previous hash (32; zeros at 1), kind, cti (8) | null, time ms, entrance, detail ]
import { type Bytes, hex, same, unhex } from "./bytes";
import { decode, encode, type Value } from "./cbor";
import { bytesOf, listOf, mapOf, onlyKeys, textOf, whole } from "./cose";
import { Malformed } from "./errors";
import { checkedEvent } from "./labels";
import { NAME_SIZE, parseMessage, signMessage, type SignedMessage } from "./signed";

export const KIND = { in: 0, out: 1, override: 2, undo: 3, lockSeen: 4, note: 5 } as const;
export const MAX_ENTRY = 1024;
export const MAX_HEAD = 256;
export const MAX_DETAIL = 200;
export const MAX_SEQUENCE = 2 ** 32 - 1;
const MAX_ENTRANCE = 255;
const NO_HASH = new Uint8Array(32);
export const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

export interface Entry {
  event: string;
  gate: string; // hexadecimal, as all short names are once they are read
  sequence: number;
  previous: Bytes;
  kind: number;
  cti: string | null;
  time: number; // milliseconds
  entrance: number;
  detail: string | number | null;
}

export interface Head {
  event: string;
  gate: string;
  sequence: number;
  hash: Bytes;
  time: number;
  message: SignedMessage;
}

export function buildEntry(entry: Entry): Bytes {
  const { event, gate, sequence, previous, kind, cti, time, entrance, detail } = entry;
  const parts: Value[] = [event, unhex(gate), sequence, previous, kind, cti === null ? null : unhex(cti), time, entrance, detail];
  const data = encode(parts);
  parseEntry(data); // no gate writes what others refuse
  return data;
}

export function parseEntry(data: Bytes): Entry {
  const parts = listOf(decode(data, MAX_ENTRY), 9);
  if (parts.length !== 9) throw new Malformed("an entry has nine parts");
  const [event, gate, sequence, previous, kind, cti, time, entrance, detail] = parts;
  const entry = {
    event: checkedEvent(textOf(event, 64)),
    gate: hex(bytesOf(gate, NAME_SIZE)),
    sequence: whole(sequence, MAX_SEQUENCE),
    previous: bytesOf(previous, 32),
    kind: whole(kind, KIND.note),
    cti: cti === null ? null : hex(bytesOf(cti, 8)),
    time: whole(time),
    entrance: whole(entrance, MAX_ENTRANCE),
    detail: detail === null ? null : typeof detail === "number" ? whole(detail, MAX_SEQUENCE) : textOf(detail, MAX_DETAIL),
  };
  check(entry);
  return entry;
}

function check({ sequence, previous, kind, cti, detail }: Entry): void {
  if (sequence === 0 || (sequence === 1) !== same(previous, NO_HASH)) throw new Malformed("a chain begins at 1, and nowhere else");
  if (kind <= KIND.out && cti === null) throw new Malformed("who went in or out is named by the ticket");
  if (kind >= KIND.lockSeen && cti !== null) throw new Malformed("an entry about the gate names no ticket");
  const number = typeof detail === "number";
  if (number !== (kind === KIND.undo) || (number && (detail === 0 || detail >= sequence))) throw new Malformed("an undo names what it undoes");
  if ((kind === KIND.override || kind === KIND.note) && detail === null) throw new Malformed("a person's decision says why");
  if (typeof detail === "string" && (detail === "" || CONTROL.test(detail))) throw new Malformed("a text without control characters is needed");
}

export async function signHead(head: Omit<Head, "message">, key: CryptoKey): Promise<Bytes> {
  const payload = new Map<number, Value>([
    [1, head.event],
    [2, unhex(head.gate)],
    [3, head.sequence],
    [4, head.hash],
    [5, head.time],
  ]);
  return signMessage("TG1-head", payload, key, unhex(head.gate));
}

// Believed once `verifyMessage` names the gate's key.
export function parseHead(data: Bytes): Head {
  const message = parseMessage(data, MAX_HEAD);
  const map = mapOf(decode(message.sign1.payload, MAX_HEAD));
  onlyKeys(map, [1, 2, 3, 4, 5]);
  const gate = bytesOf(map.get(2), NAME_SIZE);
  const sequence = whole(map.get(3), MAX_SEQUENCE);
  if (sequence === 0 || !same(gate, message.signer)) throw new Malformed("a head is of the gate that signs it");
  const event = checkedEvent(textOf(map.get(1), 64));
  return { event, gate: hex(gate), sequence, hash: bytesOf(map.get(4), 32), time: whole(map.get(5)), message };
}
