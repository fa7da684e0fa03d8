// A set of status indices as the pack carries it: Golomb-Rice coded gaps. One bit more than needed, one too few, and it is refused.
//   byte k (0..30), count as LEB128, then for each index its gap (the first as it is, then difference - 1): quotient in ones ended by a
//   zero, k bits of remainder, most significant bit first, padded with zeros to a whole byte
import type { Bytes } from "./bytes";
import { Malformed } from "./errors";

export const MOST = 4_000_000;
const LARGEST = 2 ** 32 - 1;
const MAX_K = 30;

// Sorted ascending.
export function decodeIndexSet(data: Uint8Array): Uint32Array {
  const reader = new Bits(data);
  const k = reader.byte();
  if (k > MAX_K) throw new Malformed("index set: a parameter beyond 30");
  const count = reader.varint();
  if (count > MOST || count > reader.bitsLeft) throw new Malformed("index set: more than it can hold");
  const indices = new Uint32Array(count);
  let next = 0;
  for (let at = 0; at < count; at++) {
    const index = next + reader.gap(k, LARGEST - next);
    indices[at] = index;
    next = index + 1;
  }
  reader.end();
  return indices;
}

export function encodeIndexSet(indices: Uint32Array): Bytes {
  const last = indices.at(-1) ?? -1;
  const sum = last + 1 - indices.length; // of all gaps
  const mean = indices.length === 0 ? 0 : Math.floor((7 * sum) / (10 * indices.length));
  const k = mean < 2 ? 0 : Math.min(MAX_K, Math.floor(Math.log2(mean)));
  const out: number[] = [k];
  for (let rest = indices.length; ; rest = Math.floor(rest / 128)) {
    out.push(rest < 128 ? rest : (rest % 128) | 128);
    if (rest < 128) break;
  }
  let byte = 0;
  let filled = 0;
  const put = (bit: number) => {
    byte = (byte << 1) | bit;
    if (++filled === 8) {
      out.push(byte);
      byte = filled = 0;
    }
  };
  let next = 0;
  for (const index of indices) {
    const gap = index - next;
    for (let left = Math.floor(gap / 2 ** k); left > 0; left--) put(1);
    put(0);
    for (let bit = k - 1; bit >= 0; bit--) put(Math.floor(gap / 2 ** bit) & 1);
    next = index + 1;
  }
  while (filled !== 0) put(0);
  return Uint8Array.from(out);
}

export function holds(indices: Uint32Array, index: number): boolean {
  let low = 0;
  let high = indices.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((indices[middle] ?? 0) < index) low = middle + 1;
    else high = middle;
  }
  return indices[low] === index && low < indices.length;
}

// What stands in the first, without those removed, with those added. Throws where a removed one was not there, or an added one was.
export function changed(indices: Uint32Array, added: Uint32Array, removed: Uint32Array): Uint32Array {
  const gone = new Set(removed);
  const kept = indices.filter((index) => !gone.delete(index));
  if (gone.size > 0 || added.some((index) => holds(indices, index))) throw new Malformed("index set: a change that does not fit");
  const whole = new Uint32Array(kept.length + added.length);
  whole.set(kept);
  whole.set(added, kept.length);
  return whole.sort();
}

class Bits {
  private at = 0; // in bits

  constructor(private readonly data: Uint8Array) {}

  get bitsLeft(): number {
    return 8 * this.data.length - this.at;
  }

  byte(): number {
    const byte = this.data[this.at >> 3];
    if (byte === undefined) throw new Malformed("index set: ends too early");
    this.at += 8;
    return byte;
  }

  varint(): number {
    let number = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.byte();
      number += (byte & 127) * 2 ** shift;
      if (byte < 128) {
        if (byte === 0 && shift > 0) break;
        return number;
      }
    }
    throw new Malformed("index set: a count longer than needed or too large");
  }

  gap(k: number, most: number): number {
    let quotient = 0;
    while (this.bit() === 1) {
      quotient++;
      if (quotient * 2 ** k > most) throw new Malformed("index set: an index beyond 32 bits");
    }
    let rest = 0;
    for (let left = k; left > 0; left--) rest = rest * 2 + this.bit();
    const gap = quotient * 2 ** k + rest;
    if (gap > most) throw new Malformed("index set: an index beyond 32 bits");
    return gap;
  }

  private bit(): number {
    const byte = this.data[this.at >> 3];
    if (byte === undefined) throw new Malformed("index set: ends too early");
    const bit = (byte >> (7 - (this.at & 7))) & 1;
    this.at++;
    return bit;
  }

  end(): void {
    if (this.bitsLeft > 7) throw new Malformed("index set: bytes are left over");
    while (this.bitsLeft > 0) if (this.bit() !== 0) throw new Malformed("index set: padding that is not zero");
  }
}
