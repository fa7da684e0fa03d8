// COSE_Sign1 (RFC 9052 §4.2), untagged, ES256, nothing in the unprotected header: the one envelope of the gate.
import type { Bytes } from "./bytes";
import { type CborMap, decode, encode, type Value } from "./cbor";
import { Malformed } from "./errors";
import { signed, verifies } from "./p256";

export const ALG = 1;
export const KID = 4;
export const ES256 = -7;
const SIGNATURE = 64;

export interface Sign1 {
  protectedBytes: Bytes;
  protectedHeader: CborMap;
  payload: Bytes;
  signature: Bytes;
}

export function parseSign1(value: Value): Sign1 {
  if (!Array.isArray(value) || value.length !== 4) throw new Malformed("cose: an array of four is needed");
  const [protectedBytes, unprotected, payload, signature] = value;
  if (!isBytes(protectedBytes) || !isBytes(payload) || !isBytes(signature)) throw new Malformed("cose: byte strings are needed");
  if (!(unprotected instanceof Map) || unprotected.size !== 0) throw new Malformed("cose: the unprotected header stays empty");
  if (signature.length !== SIGNATURE) throw new Malformed("cose: an ES256 signature has 64 bytes");
  const protectedHeader = mapOf(decode(protectedBytes, protectedBytes.length));
  if (protectedHeader.get(ALG) !== ES256) throw new Malformed("cose: only ES256 is taken");
  return { protectedBytes, protectedHeader, payload, signature };
}

export function signedBytes(protectedBytes: Bytes, aad: Bytes, payload: Bytes): Bytes {
  return encode(["Signature1", protectedBytes, aad, payload]);
}

export async function verifiesSign1(one: Sign1, aad: Bytes, key: CryptoKey): Promise<boolean> {
  return verifies(key, one.signature, signedBytes(one.protectedBytes, aad, one.payload));
}

export async function buildSign1(header: CborMap, payload: Bytes, aad: Bytes, key: CryptoKey): Promise<Value[]> {
  const protectedBytes = encode(header);
  return [protectedBytes, new Map(), payload, await signed(key, signedBytes(protectedBytes, aad, payload))];
}

export function isBytes(value: Value | undefined): value is Bytes {
  return value instanceof Uint8Array;
}

export function mapOf(value: Value | undefined): CborMap {
  if (!(value instanceof Map)) throw new Malformed("cbor: a map is needed");
  return value;
}

export function onlyKeys(map: CborMap, needed: readonly number[], allowed: readonly number[] = []): void {
  for (const key of map.keys()) {
    if (typeof key !== "number" || !(needed.includes(key) || allowed.includes(key))) throw new Malformed(`cbor: no such field: ${String(key)}`);
  }
  for (const key of needed) if (!map.has(key)) throw new Malformed(`cbor: field ${key} is missing`);
}

// A whole number from 0 to most.
export function whole(value: Value | undefined, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== "number" || value < 0 || value > most) throw new Malformed("cbor: a number in its range is needed");
  return value;
}

export function bytesOf(value: Value | undefined, size?: number): Bytes {
  if (!isBytes(value) || (size !== undefined && value.length !== size)) throw new Malformed("cbor: bytes of their length are needed");
  return value;
}

export function listOf(value: Value | undefined, most: number): Value[] {
  if (!Array.isArray(value) || value.length > most) throw new Malformed("cbor: a list that is not too long is needed");
  return value;
}

export function textOf(value: Value | undefined, most: number): string {
  if (typeof value !== "string" || [...value].length > most) throw new Malformed("cbor: a text that is not too long is needed");
  return value;
}
