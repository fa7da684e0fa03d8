// Base45 (RFC 9285): bytes as the characters of a QR code's alphanumeric mode. Strict: upper case, whole groups, nothing beyond a byte's reach.
import type { Bytes } from "./bytes";
import { Malformed } from "./errors";

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const VALUES = new Map([...ALPHABET].map((letter, value) => [letter, value]));

export function encodeBase45(data: Uint8Array): string {
  let text = "";
  for (let at = 0; at < data.length; at += 2) {
    const first = data[at] ?? 0;
    const second = data[at + 1];
    let rest = second === undefined ? first : first * 256 + second;
    for (let left = second === undefined ? 2 : 3; left > 0; left--) {
      text += ALPHABET[rest % 45];
      rest = Math.floor(rest / 45);
    }
  }
  return text;
}

export function decodeBase45(text: string): Bytes {
  if (text.length % 3 === 1) throw new Malformed("base45: a character is left over");
  const data = new Uint8Array(Math.floor(text.length / 3) * 2 + (text.length % 3 === 2 ? 1 : 0));
  let at = 0;
  for (let from = 0; from < text.length; from += 3) {
    const group = text.slice(from, from + 3);
    let number = 0;
    for (let place = group.length - 1; place >= 0; place--) {
      const value = VALUES.get(group.charAt(place));
      if (value === undefined) throw new Malformed("base45: a character that is none of its 45");
      number = number * 45 + value;
    }
    if (number > (group.length === 3 ? 0xffff : 0xff)) throw new Malformed("base45: a group beyond its bytes");
    if (group.length === 3) data[at++] = number >> 8;
    data[at++] = number & 0xff;
  }
  return data;
}
