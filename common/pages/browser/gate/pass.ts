// Text of a QR code → parts of a gate pass, not yet believed. The format is written down in common/formats/gate_pass.
import { decodeBase45 } from "./base45";
import type { Bytes } from "./bytes";
import { type CborMap, decode, type Value } from "./cbor";
import { ALG, bytesOf, KID, listOf, mapOf, onlyKeys, parseSign1, type Sign1, whole } from "./cose";
import { Malformed, Rejected } from "./errors";
import * as L from "./labels";
import { compressed } from "./p256";

export interface PassToken {
  kid: Bytes;
  cti: Bytes;
  klass: number;
  index: number;
  flags: number;
  exp: number;
  nbf: number | null;
  holder: Bytes | null; // compressed point; null: a paper pass
  sign1: Sign1;
}

export interface HolderProof {
  audience: Bytes;
  iat: number;
  cnonce: Bytes | null;
  sign1: Sign1;
}

export interface ParsedPass {
  token: PassToken;
  proof: HolderProof | null;
}

// Throws Malformed; and Rejected for a ticket that is bound to a phone and comes without the phone's proof.
export function parsePass(text: string): ParsedPass {
  if (text.length > L.MAX_TEXT) throw new Malformed(`more than ${L.MAX_TEXT} characters`);
  if (!text.startsWith(L.PREFIX)) throw new Malformed(`a gate pass begins with ${L.PREFIX}`);
  return parsePassBytes(decodeBase45(text.slice(L.PREFIX.length)));
}

export function parsePassBytes(data: Bytes): ParsedPass {
  const sign1 = parseSign1(decode(data, L.MAX_BYTES));
  const header = sign1.protectedHeader;
  if (header.has(KID)) {
    const token = tokenOf(sign1);
    if (token.holder !== null) throw new Rejected("bad_holder_proof");
    return { token, proof: null };
  }
  onlyKeys(header, [ALG, L.KCWT]);
  const token = tokenOf(parseSign1(header.get(L.KCWT) ?? null));
  if (token.holder === null) throw new Malformed("a holder's proof around a ticket that names no holder's key");
  return { token, proof: proofOf(sign1) };
}

// The issuer's CWT alone, as an issuer hands it to a wallet.
export function parseToken(data: Bytes): PassToken {
  return tokenOf(parseSign1(decode(data, L.MAX_BYTES)));
}

function tokenOf(sign1: Sign1): PassToken {
  onlyKeys(sign1.protectedHeader, [ALG, KID]);
  const kid = bytesOf(sign1.protectedHeader.get(KID), 4);
  const claims = mapOf(decode(sign1.payload, L.MAX_BYTES));
  onlyKeys(claims, [L.EXP, L.CTI, L.TICKET], [L.NBF, L.CNF]);
  const ticket = listOf(claims.get(L.TICKET), 3);
  if (ticket.length !== 3) throw new Malformed("class, index and flags are needed");
  return {
    kid,
    cti: bytesOf(claims.get(L.CTI), 8),
    klass: whole(ticket[0], L.MAX_BYTE),
    index: whole(ticket[1], L.MAX_INDEX),
    flags: whole(ticket[2], L.MAX_BYTE),
    exp: whole(claims.get(L.EXP)),
    nbf: claims.has(L.NBF) ? whole(claims.get(L.NBF)) : null,
    holder: claims.has(L.CNF) ? holderOf(mapOf(claims.get(L.CNF))) : null,
    sign1,
  };
}

function holderOf(cnf: CborMap): Bytes {
  onlyKeys(cnf, [1]);
  const key = mapOf(cnf.get(1));
  onlyKeys(key, [1, -1, -2, -3]);
  const odd: Value | undefined = key.get(-3);
  if (key.get(1) !== 2 || key.get(-1) !== 1 || typeof odd !== "boolean") throw new Malformed("only compressed points of P-256 are taken");
  return compressed(bytesOf(key.get(-2), 32), odd);
}

function proofOf(sign1: Sign1): HolderProof {
  const claims = mapOf(decode(sign1.payload, L.MAX_BYTES));
  onlyKeys(claims, [L.AUD, L.IAT], [L.CNONCE]);
  const cnonce = claims.has(L.CNONCE) ? bytesOf(claims.get(L.CNONCE)) : null;
  if (cnonce !== null && (cnonce.length < 2 || cnonce.length > 4)) throw new Malformed("a nonce has two to four bytes");
  return { audience: bytesOf(claims.get(L.AUD), 4), iat: whole(claims.get(L.IAT)), cnonce, sign1 };
}
