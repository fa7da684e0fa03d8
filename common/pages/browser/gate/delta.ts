// What changed between two packs. Applied, it gives the very bytes of the later pack, whose own signature stands in it.
import { type Bytes, same, sha256 } from "./bytes";
import { type CborMap, decode, encode, type Value } from "./cbor";
import { bytesOf, listOf, mapOf, onlyKeys, textOf, whole } from "./cose";
import { Malformed, Rejected } from "./errors";
import { changed, decodeIndexSet, encodeIndexSet } from "./index_set";
import { checkedEvent } from "./labels";
import { MAX_PACK, type Pack } from "./pack";
import { parseMessage, type SignedMessage } from "./signed";

const STATUS = 11;
const CHANGEABLE: readonly number[] = [3, 4, 5, 6, 7, 8, 9, 10, 12, STATUS]; // under 11 the status list's new address alone

export interface Delta {
  event: string;
  from: number;
  to: number;
  result: Bytes; // SHA-256 of the payload that comes of it
  members: CborMap;
  asOf: number;
  revoked: { added: Uint32Array; removed: Uint32Array };
  excluded: { added: Uint32Array; removed: Uint32Array };
  packProtected: Bytes;
  packSignature: Bytes;
  message: SignedMessage;
}

// `verifyMessage` with the signers of the pack that it is for says whether it is to be believed.
export function parseDelta(data: Bytes): Delta {
  const message = parseMessage(data, MAX_PACK);
  const map = mapOf(decode(message.sign1.payload, MAX_PACK));
  onlyKeys(map, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  const members = mapOf(map.get(6));
  onlyKeys(members, [], CHANGEABLE);
  const [packProtected, packSignature] = listOf(map.get(12), 2);
  whole(map.get(4));
  const set = (number: number) => decodeIndexSet(bytesOf(map.get(number)));
  const [from, to] = [whole(map.get(2)), whole(map.get(3))];
  if (from === 0 || to <= from) throw new Malformed("delta: it leads to a later pack");
  return {
    event: checkedEvent(textOf(map.get(1), 64)),
    from,
    to,
    result: bytesOf(map.get(5), 32),
    members,
    asOf: whole(map.get(7)),
    revoked: { added: set(8), removed: set(9) },
    excluded: { added: set(10), removed: set(11) },
    packProtected: bytesOf(packProtected, 13),
    packSignature: bytesOf(packSignature, 64),
    message,
  };
}

// The bytes of the later pack, still to be verified as every pack is. Throws Rejected or Malformed for a delta that does not fit.
export async function applyDelta(pack: Pack, delta: Delta): Promise<Bytes> {
  if (delta.event !== pack.event) throw new Rejected("wrong_event");
  if (delta.from !== pack.serial) throw new Malformed(`delta: it leads from pack ${delta.from}`);
  const map = mapOf(decode(pack.message.sign1.payload, MAX_PACK));
  for (const [key, value] of delta.members) if (key !== STATUS) map.set(key, value);
  map.set(2, delta.to);
  const uri = textOf(delta.members.get(STATUS) ?? pack.statusUri, 1024);
  const revoked = encodeIndexSet(changed(pack.revoked, delta.revoked.added, delta.revoked.removed));
  const excluded = encodeIndexSet(changed(pack.excluded, delta.excluded.added, delta.excluded.removed));
  const status: Value[] = [delta.asOf, uri, revoked, excluded];
  map.set(STATUS, status);
  const payload = encode(map);
  if (!same(await sha256(payload), delta.result)) throw new Malformed("delta: it does not give the pack that it promises");
  return encode([delta.packProtected, new Map(), payload, delta.packSignature]);
}
