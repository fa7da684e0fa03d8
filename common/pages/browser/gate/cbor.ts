// The CBOR of the gate: deterministic encoding only (RFC 8949 §4.2.1). The decoder refuses everything else: longer heads, indefinite lengths,
// keys unsorted or twice, bytes left over, and the kinds that no message of the gate has (floats, tags, undefined).
import { type Bytes, compare, joined } from "./bytes";
import { Malformed } from "./errors";

export type Key = number | string | Bytes;
export type CborMap = Map<Key, Value>;
export type Value = number | string | boolean | null | Bytes | Value[] | CborMap;

const MAX_DEPTH = 16;
const NEGATIVE = 1;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;
const MAP = 5;
const SIMPLE = 7;

export function decode(data: Bytes, maxBytes: number): Value {
  if (data.length > maxBytes) throw new Malformed(`cbor: more than ${maxBytes} bytes`);
  const reader = new Reader(data);
  const value = reader.value(MAX_DEPTH);
  if (!reader.atEnd) throw new Malformed("cbor: bytes are left over");
  return value;
}

class Reader {
  private at = 0;
  private readonly view: DataView;

  constructor(private readonly data: Bytes) {
    this.view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  }

  get atEnd(): boolean {
    return this.at === this.data.length;
  }

  value(depth: number): Value {
    if (depth < 0) throw new Malformed("cbor: nested too deeply");
    const initial = this.byte();
    const major = initial >> 5;
    if (major === SIMPLE) return simple(initial & 31);
    const count = this.count(initial & 31);
    switch (major) {
      case 0:
        return count;
      case NEGATIVE:
        if (count === Number.MAX_SAFE_INTEGER) throw new Malformed("cbor: a number beyond what is taken here");
        return -1 - count;
      case BYTES:
        return this.take(count).slice();
      case TEXT:
        return text(this.take(count));
      case ARRAY:
        return this.array(count, depth);
      case MAP:
        return this.map(count, depth);
      default:
        throw new Malformed("cbor: tags are not taken here");
    }
  }

  private byte(): number {
    const byte = this.data[this.at];
    if (byte === undefined) throw new Malformed("cbor: ends too early");
    this.at++;
    return byte;
  }

  // The number in a head, only in its shortest form, up to 2^53 - 1: more than any count, index or time of the gate.
  private count(short: number): number {
    if (short < 24) return short;
    if (short > 27) throw new Malformed("cbor: indefinite lengths and reserved heads are not taken");
    const size = 1 << (short - 24);
    const from = this.at;
    this.take(size);
    let count: number;
    if (size === 1) count = this.view.getUint8(from);
    else if (size === 2) count = this.view.getUint16(from);
    else if (size === 4) count = this.view.getUint32(from);
    else count = this.view.getUint32(from) * 2 ** 32 + this.view.getUint32(from + 4);
    if (count < (size === 1 ? 24 : 2 ** (4 * size))) throw new Malformed("cbor: a head longer than needed");
    if (count > Number.MAX_SAFE_INTEGER) throw new Malformed("cbor: a number beyond what is taken here");
    return count;
  }

  private take(count: number): Bytes {
    if (count > this.data.length - this.at) throw new Malformed("cbor: ends too early");
    this.at += count;
    return this.data.subarray(this.at - count, this.at);
  }

  private array(count: number, depth: number): Value[] {
    if (count > this.data.length - this.at) throw new Malformed("cbor: ends too early");
    const items: Value[] = [];
    for (let left = count; left > 0; left--) items.push(this.value(depth - 1));
    return items;
  }

  private map(count: number, depth: number): CborMap {
    if (2 * count > this.data.length - this.at) throw new Malformed("cbor: ends too early");
    const map: CborMap = new Map();
    let before: Bytes | null = null;
    for (let left = count; left > 0; left--) {
      const from = this.at;
      const key = this.value(0);
      if (typeof key !== "number" && typeof key !== "string" && !(key instanceof Uint8Array)) {
        throw new Malformed("cbor: map keys are numbers, texts or bytes");
      }
      const encoded = this.data.subarray(from, this.at);
      if (before !== null && compare(before, encoded) >= 0) throw new Malformed("cbor: map keys unsorted or twice");
      before = encoded;
      map.set(key, this.value(depth - 1));
    }
    return map;
  }
}

function simple(number: number): boolean | null {
  if (number === 20) return false;
  if (number === 21) return true;
  if (number === 22) return null;
  throw new Malformed("cbor: floats, undefined and other simple values are not taken here");
}

function text(bytes: Bytes): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed("cbor: wrong UTF-8");
  }
}

export function encode(value: Value): Bytes {
  if (typeof value === "number") return value < 0 ? head(NEGATIVE, -1 - value) : head(0, value);
  if (typeof value === "boolean") return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (value === null) return Uint8Array.of(0xf6);
  if (value instanceof Uint8Array) return joined(head(BYTES, value.length), value);
  if (typeof value === "string") {
    const raw = new TextEncoder().encode(value);
    return joined(head(TEXT, raw.length), raw);
  }
  if (Array.isArray(value)) return joined(head(ARRAY, value.length), ...value.map(encode));
  const pairs = [...value].map(([key, held]) => [encode(key), encode(held)] as const);
  pairs.sort(([one], [other]) => compare(one, other));
  return joined(head(MAP, pairs.length), ...pairs.flat());
}

function head(major: number, count: number): Bytes {
  if (!Number.isSafeInteger(count) || count < 0) throw new TypeError(`no CBOR for ${count}`);
  const initial = major << 5;
  if (count < 24) return Uint8Array.of(initial | count);
  if (count < 0x100) return Uint8Array.of(initial | 24, count);
  const size = count < 0x10000 ? 2 : count < 2 ** 32 ? 4 : 8;
  const bytes = new Uint8Array(1 + size);
  bytes[0] = initial | (24 + Math.log2(size));
  for (let at = size, rest = count; at > 0; at--, rest = Math.floor(rest / 256)) bytes[at] = rest % 256;
  return bytes;
}
