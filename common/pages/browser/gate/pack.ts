// The gate pack: everything that a gate must know to decide with no network, signed by the organiser. Read here, believed in `verifyPack`.
import { type Bytes, hex, same, sha256 } from "./bytes";
import { decode, type Value } from "./cbor";
import { bytesOf, mapOf, onlyKeys, textOf, whole } from "./cose";
import { Malformed, Rejected } from "./errors";
import { decodeIndexSet, encodeIndexSet } from "./index_set";
import { checkedEvent } from "./labels";
import { keyHint, publicKey } from "./p256";
import * as M from "./pack_members";
import type { IssuerKey } from "./pass_verify";
import { NAME_SIZE, parseMessage, type SignedMessage, verifyMessage } from "./signed";

export type { Gate, Names } from "./pack_members";

export const MAX_PACK = 1 << 24;
const MEMBERS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const;

export interface Pack {
  event: string;
  serial: number;
  issuedAt: number;
  goodUntil: number;
  names: M.Names;
  issuerKeys: M.IssuerPoint[];
  gates: M.Gate[];
  classes: Map<number, M.TicketClass>;
  entrances: Map<number, { names: M.Names; challenge: boolean }>;
  rules: M.Rules;
  asOf: number;
  statusUri: string;
  revoked: Uint32Array;
  excluded: Uint32Array;
  nextSigners: Bytes[];
  message: SignedMessage;
}

export async function parsePack(data: Bytes): Promise<Pack> {
  const message = parseMessage(data, MAX_PACK);
  const map = mapOf(decode(message.sign1.payload, MAX_PACK));
  onlyKeys(map, MEMBERS);
  const [asOf, uri, revoked, excluded] = M.parts(map.get(11), 4);
  const issuedAt = whole(map.get(3));
  const pack: Pack = {
    event: checkedEvent(textOf(map.get(1), 64)),
    serial: M.atLeast(1, map.get(2)),
    issuedAt,
    goodUntil: M.atLeast(issuedAt, map.get(4)),
    names: M.names(map.get(5)),
    issuerKeys: M.issuerKeys(map.get(6)),
    gates: M.gates(map.get(7)),
    classes: M.classes(map.get(8)),
    entrances: M.entrances(map.get(9)),
    rules: M.rules(mapOf(map.get(10))),
    asOf: whole(asOf),
    statusUri: M.name(uri, 1024),
    revoked: setOf(revoked),
    excluded: setOf(excluded),
    nextSigners: M.points(map.get(12)),
    message,
  };
  for (const gate of pack.gates) {
    if (hex(await keyHint(gate.point, NAME_SIZE)) !== gate.id) throw new Malformed("pack: a gate goes by its key");
  }
  for (const { entrances } of [...pack.gates, ...pack.classes.values()]) {
    if (!entrances.every((number) => pack.entrances.has(number))) throw new Malformed("pack: an entrance that it does not name");
  }
  return pack;
}

// 1. signed by a signer that this device trusts (points)   2. the signature   3. the event   4. good until after now   5. no older than the
// pack that is loaded. Throws Rejected: unknown_signer, bad_signature, wrong_event, pack_expired, pack_rolled_back.
export async function verifyPack(
  pack: Pack,
  { signers, event, loaded, now }: { signers: readonly Bytes[]; event: string | null; loaded: number; now: number },
): Promise<void> {
  await verifyMessage(pack.message, signers, "TG1-pack");
  if (event !== null && pack.event !== event) throw new Rejected("wrong_event");
  if (now >= pack.goodUntil) throw new Rejected("pack_expired");
  if (pack.serial < loaded) throw new Rejected("pack_rolled_back");
}

// Whoever signs the first pack names himself in it; a person compares his fingerprint with the organiser's page before it is trusted.
export async function signerOf(pack: Pack): Promise<{ point: Bytes; fingerprint: string }> {
  for (const point of pack.nextSigners) {
    if (same(await keyHint(point, NAME_SIZE), pack.message.signer)) {
      return { point, fingerprint: (hex(pack.message.signer).toUpperCase().match(/.{4}/g) ?? []).join(" ") };
    }
  }
  throw new Rejected("unknown_signer");
}

export async function importIssuerKeys(pack: Pack): Promise<IssuerKey[]> {
  return Promise.all(
    pack.issuerKeys.map(async ({ point, notBefore, notAfter }) => ({ key: await publicKey(point), digest: await sha256(point), notBefore, notAfter })),
  );
}

// Coded with its own parameter only: a delta could not arrive at another.
function setOf(coded: Value | undefined): Uint32Array {
  const bytes = bytesOf(coded);
  const found = decodeIndexSet(bytes);
  if (!same(encodeIndexSet(found), bytes)) throw new Malformed("pack: a set that is not coded with its own parameter");
  return found;
}
