// The holder's proof, as the page on the holder's phone makes it every ten seconds, and the text of its QR code.
import { encodeBase45 } from "./base45";
import type { Bytes } from "./bytes";
import { type CborMap, decode, encode } from "./cbor";
import { ALG, buildSign1, ES256 } from "./cose";
import * as L from "./labels";
import { parseToken } from "./pass";

// token: the issuer's CWT. iat: seconds. challenge: the short number that the gate shows, or null. key: the holder's, not extractable.
export async function buildProof(
  token: Bytes,
  { event, iat, challenge, key }: { event: string; iat: number; challenge: number | null; key: CryptoKey },
): Promise<Bytes> {
  const claims: CborMap = new Map([[L.AUD, await L.audienceOf(event, parseToken(token).klass)]]);
  claims.set(L.IAT, iat);
  if (challenge !== null) claims.set(L.CNONCE, nonceOf(challenge));
  const header: CborMap = new Map([[ALG, ES256]]);
  header.set(L.KCWT, decode(token, L.MAX_BYTES));
  return encode(await buildSign1(header, encode(claims), L.aadOf(event), key));
}

export function nonceOf(challenge: number): Bytes {
  return Uint8Array.of(challenge >> 8, challenge & 0xff);
}

export function textOfPass(data: Uint8Array): string {
  return L.PREFIX + encodeBase45(data);
}
