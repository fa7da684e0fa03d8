// What all files and messages of gates are (common/gate/signed.py): COSE_Sign1 that names its signer by 8 bytes, told apart by external_aad.
import { ascii, type Bytes, same } from "./bytes";
import { type CborMap, decode, encode, type Value } from "./cbor";
import { ALG, buildSign1, bytesOf, ES256, KID, onlyKeys, parseSign1, type Sign1, verifiesSign1 } from "./cose";
import { Rejected } from "./errors";
import { keyHint, publicKey } from "./p256";

export type Kind = "TG1-pack" | "TG1-delta" | "TG1-head" | "TG1-admit" | "TG1-enrol";
export const NAME_SIZE = 8;

export interface SignedMessage {
  signer: Bytes;
  sign1: Sign1;
}

export function parseMessage(data: Bytes, maxBytes: number): SignedMessage {
  const sign1 = parseSign1(decode(data, maxBytes));
  onlyKeys(sign1.protectedHeader, [ALG, KID]);
  return { signer: bytesOf(sign1.protectedHeader.get(KID), NAME_SIZE), sign1 };
}

// The point, one of those given, whose key signed it. Throws Rejected.
export async function verifyMessage(message: SignedMessage, points: readonly Bytes[], kind: Kind): Promise<Bytes> {
  let known = false;
  for (const point of points) {
    if (!same(await keyHint(point, NAME_SIZE), message.signer)) continue;
    if (await verifiesSign1(message.sign1, ascii(kind), await publicKey(point))) return point;
    known = true;
  }
  throw new Rejected(known ? "bad_signature" : "unknown_signer");
}

// name: the first 8 bytes of the hash of the signer's point.
export async function signMessage(kind: Kind, payload: Value, key: CryptoKey, name: Bytes): Promise<Bytes> {
  const header: CborMap = new Map([[ALG, ES256]]);
  header.set(KID, name);
  return encode(await buildSign1(header, encode(payload), ascii(kind), key));
}
