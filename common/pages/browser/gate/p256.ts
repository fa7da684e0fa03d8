// Points of P-256 as 33 bytes (SEC 1 §2.3). WebCrypto need not take those, so the second coordinate is computed here, and checked.
import { type Bytes, hex, joined, sha256, unhex } from "./bytes";
import { Malformed } from "./errors";

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
export const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;

export function compressed(x: Uint8Array, odd: boolean): Bytes {
  return joined(Uint8Array.of(odd ? 3 : 2), x);
}

// 33 bytes → 65. Throws Malformed where no such point is on the curve.
export function decompressed(point: Uint8Array): Bytes {
  const sign = point[0];
  if (point.length !== 33 || (sign !== 2 && sign !== 3)) throw new Malformed("not a compressed point");
  const x = BigInt(`0x${hex(point.subarray(1))}`);
  if (x >= P) throw new Malformed("a coordinate beyond the field");
  const square = (((x * x - 3n) * x + B) % P + P) % P;
  const root = power(square);
  if ((root * root) % P !== square) throw new Malformed("not a point of the curve");
  const y = (root & 1n) === BigInt(sign & 1) ? root : P - root;
  return joined(Uint8Array.of(4), point.subarray(1), unhex(y.toString(16).padStart(64, "0")));
}

// x^((p + 1) / 4): the exponent is ((2^32 - 1) 2^32 + 1) 2^96 + 1, then shifted by 94 bits.
function power(x: bigint): bigint {
  let ones = x;
  let run = x;
  for (const size of [1, 2, 4, 8, 16]) {
    run = (squared(ones, size) * ones) % P;
    ones = run;
  } // x^(2^32 - 1)
  const first = (squared(ones, 32) * x) % P; // x^((2^32 - 1) 2^32 + 1)
  const second = (squared(first, 96) * x) % P;
  return squared(second, 94);
}

function squared(x: bigint, times: number): bigint {
  for (let left = times; left > 0; left--) x = (x * x) % P;
  return x;
}

export async function publicKey(point: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", decompressed(point), ALGORITHM, false, ["verify"]);
}

// A key whose private half no script can read: it is used where it was made, and nowhere else.
export async function newKeyPair(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
}

export async function pointOf(key: CryptoKey): Promise<Bytes> {
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", key));
  return compressed(raw.subarray(1, 33), ((raw[64] ?? 0) & 1) === 1);
}

export async function verifies(key: CryptoKey, signature: Bytes, message: Bytes): Promise<boolean> {
  return crypto.subtle.verify(SIGNING, key, signature, message);
}

export async function signed(key: CryptoKey, message: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign(SIGNING, key, message));
}

// The first bytes of the point's hash: a hint which key is meant, and a gate's name.
export async function keyHint(point: Bytes, size: number): Promise<Bytes> {
  return (await sha256(point)).slice(0, size);
}
