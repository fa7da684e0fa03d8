// What a gate asks: a hub, whether a ticket may enter; the organiser, to be let into the next pack.
import { type Bytes } from "./bytes";
import { type CborMap, decode, encode, type Value } from "./cbor";
import { bytesOf, mapOf, onlyKeys, whole } from "./cose";
import { Malformed } from "./errors";
import { MAX_ENTRY, parseEntry, type Entry } from "./journal_entry";
import { signMessage } from "./signed";

const MAX_ANSWER = MAX_ENTRY + 256;
const CODE = /^[0-9A-Za-z-]{4,64}$/;
export const MAX_NAME = 60;
const MAX_SERIAL = 2 ** 53 - 1;

// A device's key: its public half as a point, and the name that follows from it (bytes).
export interface DeviceKey {
  key: CryptoKey;
  point: Bytes;
  name: Bytes;
}

// generation: how often the ticket has entered and left again.
export async function buildAdmit(entry: Bytes, generation: number, device: DeviceKey): Promise<Bytes> {
  const payload: CborMap = new Map<number, Value>([[1, entry], [2, generation]]);
  return signMessage("TG1-admit", payload, device.key, device.name);
}

// serial: of the hub's pack; 0 where it is not told.
export interface AdmitAnswer {
  admitted: boolean;
  first: Entry;
  serial: number;
}

export function parseAdmitAnswer(data: Bytes): AdmitAnswer {
  const map = mapOf(decode(data, MAX_ANSWER));
  onlyKeys(map, [1, 2], [3]);
  const serial = map.has(3) ? whole(map.get(3), MAX_SERIAL) : null;
  if (serial === 0) throw new Malformed("admit: packs are counted from 1");
  return { admitted: whole(map.get(1), 1) === 0, first: parseEntry(bytesOf(map.get(2))), serial: serial ?? 0 };
}

export function isCode(text: string): boolean {
  return CODE.test(text);
}

export async function buildEnrolment(event: string, code: string, name: string, device: DeviceKey): Promise<Bytes> {
  if (!isCode(code) || name === "" || [...name].length > MAX_NAME) throw new Malformed("enrolment: a code and a name are needed");
  const proof = await signMessage("TG1-enrol", [event, code], device.key, device.name);
  return encode(new Map<number, Value>([[1, code], [2, device.point], [3, name], [4, proof]]));
}
