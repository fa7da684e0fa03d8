// A parsed pass → what it says, once it is proven. The same numbered plan as common/formats/gate_pass/verify.py.
import { type Bytes, compare, hex, same } from "./bytes";
import { verifiesSign1 } from "./cose";
import { Malformed, Rejected } from "./errors";
import { aadOf, audienceOf } from "./labels";
import { publicKey } from "./p256";
import type { ParsedPass, PassToken } from "./pass";

// Speaks from notBefore up to, and not at, notAfter (seconds). digest: SHA-256 of the compressed point.
export interface IssuerKey {
  key: CryptoKey;
  digest: Bytes;
  notBefore: number;
  notAfter: number;
}

export interface VerifiedPass {
  cti: string;
  klass: number;
  index: number;
  flags: number;
  exp: number;
  nbf: number | null;
  bound: boolean;
  iat: number | null;
  cnonce: Bytes | null;
}

// 1. the proof is for this event and the ticket's class                 RFC 8392 §3.1.3
// 2. a key of the event's issuer, valid now, that kid may mean            RFC 9052 §3.1: kid is a hint, every such key is tried
// 3. the issuer's signature, over the event's identifier too            RFC 9052 §4.4, §4.3
// 4. exp and nbf, with the gate's own clock error on either side        RFC 8392 §3.1.4, §3.1.5
// 5. the holder's signature by the key in cnf; a paper pass has none     RFC 8747 §3.3
// Left to the caller: how old iat may be, cnonce, status, the journal, rules. Throws Rejected(reason of the gate's list).
export async function verifyPass(
  { token, proof }: ParsedPass,
  { event, issuerKeys, now, leeway = 0 }: { event: string; issuerKeys: readonly IssuerKey[]; now: number; leeway?: number },
): Promise<VerifiedPass> {
  const aad = aadOf(event);
  if (proof !== null && !same(proof.audience, await audienceOf(event, token.klass))) throw new Rejected("wrong_event"); // 1
  const holder = holderSigned({ token, proof }, aad); // 5 runs beside 3: a phone has more than one core
  holder.catch(() => undefined); // what comes first in the plan is the reason; this one is awaited below
  await checkIssuer(token, aad, issuerKeys, now); // 2, 3
  if (now >= token.exp + leeway) throw new Rejected("expired"); // 4
  if (token.nbf !== null && now < token.nbf - leeway) throw new Rejected("not_yet_valid");
  if (!(await holder)) throw new Rejected("bad_holder_proof"); // 5
  const { klass, index, flags, exp, nbf } = token;
  const bound = token.holder !== null;
  return { cti: hex(token.cti), klass, index, flags, exp, nbf, bound, iat: proof?.iat ?? null, cnonce: proof?.cnonce ?? null };
}

async function checkIssuer(token: PassToken, aad: Bytes, keys: readonly IssuerKey[], now: number): Promise<void> {
  let candidates = false;
  for (const each of keys) {
    if (compare(each.digest.subarray(0, 4), token.kid) !== 0 || now < each.notBefore || now >= each.notAfter) continue;
    if (await verifiesSign1(token.sign1, aad, each.key)) return;
    candidates = true;
  }
  throw new Rejected(candidates ? "bad_issuer_signature" : "unknown_issuer");
}

async function holderSigned({ token, proof }: ParsedPass, aad: Bytes): Promise<boolean> {
  if (token.holder === null) return true;
  if (proof === null) return false;
  try {
    return await verifiesSign1(proof.sign1, aad, await publicKey(token.holder));
  } catch (error) {
    if (error instanceof Malformed) return false; // a point that is not on its curve
    throw error;
  }
}
