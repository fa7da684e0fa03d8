// Numbers, limits and derived names of a gate pass; the same table as common/formats/gate_pass/labels.py.
import { ascii, type Bytes, joined, sha256 } from "./bytes";
import { Malformed } from "./errors";

export const PREFIX = "TG1:";
export const MAX_TEXT = 600;
export const MAX_BYTES = 400;
export const MAX_INDEX = 2 ** 32 - 1;
export const MAX_BYTE = 255;

export const KCWT = 13;
export const AUD = 3;
export const EXP = 4;
export const NBF = 5;
export const IAT = 6;
export const CTI = 7;
export const CNF = 8;
export const CNONCE = 39;
export const TICKET = -65537;

const EVENT = /^[a-z0-9-]{1,64}$/;

export function checkedEvent(event: string): string {
  if (!EVENT.test(event)) throw new Malformed("an event's identifier has 1 to 64 of the characters a-z, 0-9 and -");
  return event;
}

// What both signatures cover besides the pass: it is worth nothing at another event.
export function aadOf(event: string): Bytes {
  return ascii(`TG1${checkedEvent(event)}`);
}

// Whom the holder's proof is for.
export async function audienceOf(event: string, klass: number): Promise<Bytes> {
  const zero = Uint8Array.of(0);
  return (await sha256(joined(ascii("TG1"), zero, ascii(checkedEvent(event)), zero, ascii(String(klass))))).slice(0, 4);
}
