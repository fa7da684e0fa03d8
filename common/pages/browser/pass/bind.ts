// Gets a pass for a key that is made here: the key proof of OpenID4VCI 1.0 appendix F.1 is signed in this browser, where the key stays.
import { ascii, type Bytes, sha256, same } from "../gate/bytes";
import { Rejected } from "../gate/errors";
import { newKeyPair, pointOf, signed } from "../gate/p256";
import { parseToken } from "../gate/pass";
import { type Agent, NoAnswer, type Visit } from "./agent";
import type { PassClock } from "./clock";
import type { Kept, Shelf } from "./shelf";

// again: a key that was made before and may have a pass whose answer was lost; else a new one is made.
export async function bindPass(agent: Agent, shelf: Shelf, clock: PassClock, tenant: string, visit: Visit, again?: Kept): Promise<Kept> {
  const pair = again?.pair ?? (await newKeyPair());
  const jwk = await publicJwk(pair.publicKey);
  const holder = base64url(await sha256(ascii(`{"crv":"${jwk.crv}","kty":"${jwk.kty}","x":"${jwk.x}","y":"${jwk.y}"}`))); // RFC 7638
  const { csrf: _, ...facts } = visit;
  const kept: Kept = { tenant, facts, pair, holder, token: again?.token ?? null, checkedAt: clock.now() };
  await shelf.put(kept).catch(() => Promise.reject(new NoAnswer("no_storage"))); // before the issuer knows of it: a pass for a key that is lost would help nobody
  const bound = await prove(agent, clock, visit.id, pair, jwk);
  const token = fromBase64url(bound.token);
  const named = parseToken(token).holder;
  if (bound.holder !== holder || named === null || !same(named, await pointOf(pair.publicKey))) throw new Rejected("bad_holder_proof");
  const done = { ...kept, facts: { ...facts, holder }, token };
  await shelf.put(done);
  await navigator.storage?.persist?.().catch(() => false);
  return done;
}

// A nonce may age on the way: then once more with a fresh one.
async function prove(agent: Agent, clock: PassClock, id: string, pair: CryptoKeyPair, jwk: Jwk): Promise<{ token: string; holder: string }> {
  for (let tries = 2; ; tries--) {
    const wanted = await agent.wantProof(id);
    const claims = { aud: wanted.audience, iat: clock.seconds(), ...(wanted.nonce === null ? {} : { nonce: wanted.nonce }) };
    try {
      return await agent.bind(id, await proofJwt(pair.privateKey, jwk, claims));
    } catch (error) {
      if (tries <= 1 || !(error instanceof NoAnswer) || error.code !== "invalid_nonce") throw error;
    }
  }
}

interface Jwk {
  kty: string;
  crv: string;
  x: string;
  y: string;
}

async function publicJwk(key: CryptoKey): Promise<Jwk> {
  const { kty, crv, x, y } = (await crypto.subtle.exportKey("jwk", key)) as unknown as Jwk;
  return { kty, crv, x, y };
}

export async function proofJwt(key: CryptoKey, jwk: Jwk, claims: Record<string, unknown>): Promise<string> {
  const head = { typ: "openid4vci-proof+jwt", alg: "ES256", jwk };
  const text = [head, claims].map((part) => base64url(ascii(JSON.stringify(part)))).join(".");
  return `${text}.${base64url(await signed(key, ascii(text)))}`;
}

export function base64url(data: Uint8Array): string {
  return btoa(String.fromCharCode(...data)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64url(text: string): Bytes {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}
