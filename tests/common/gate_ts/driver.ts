// Lets Node run the gate's browser code over cases: a line of JSON in, a line out. Bytes are hexadecimal; what is refused is {error, reason}.
import { decodeBase45, encodeBase45 } from "../../../common/pages/browser/gate/base45";
import { type Bytes, hex, sha256, unhex } from "../../../common/pages/browser/gate/bytes";
import { decode, encode, type Value } from "../../../common/pages/browser/gate/cbor";
import { decide, homeOf, type Known, type Post, type Reason } from "../../../common/pages/browser/gate/decide";
import { applyDelta, parseDelta } from "../../../common/pages/browser/gate/delta";
import { Rejected } from "../../../common/pages/browser/gate/errors";
import { buildExchange, parseExchange } from "../../../common/pages/browser/gate/exchange";
import { FrameCollector, splitFrames } from "../../../common/pages/browser/gate/frames";
import { Pending, splitExchange } from "../../../common/pages/browser/gate/parts";
import { decodeIndexSet, encodeIndexSet } from "../../../common/pages/browser/gate/index_set";
import { Ledger } from "../../../common/pages/browser/gate/ledger";
import { buildEntry, parseEntry, parseHead, signHead } from "../../../common/pages/browser/gate/journal_entry";
import { importIssuerKeys, type Pack, parsePack, signerOf, verifyPack } from "../../../common/pages/browser/gate/pack";
import { compressed, decompressed, keyHint, newKeyPair, pointOf } from "../../../common/pages/browser/gate/p256";
import { parsePass } from "../../../common/pages/browser/gate/pass";
import { buildProof, textOfPass } from "../../../common/pages/browser/gate/pass_build";
import { type IssuerKey, verifyPass } from "../../../common/pages/browser/gate/pass_verify";
import { type Noted, presenceOf, whereabouts } from "../../../common/pages/browser/gate/presence";
import { buildAdmit, buildEnrolment, parseAdmitAnswer } from "../../../common/pages/browser/gate/requests";
import { verifyMessage } from "../../../common/pages/browser/gate/signed";
import { StaleCodes } from "../../../common/pages/browser/gate/stale_codes";
import { key as placeKey, provenEntries } from "../../../common/pages/browser/gate/verify_journal";
import { answerCases, type Case } from "./cases";

// Values without a JSON form: bytes as {"h": hex}, maps as {"m": [[key, value]…]}.
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return { h: hex(value) };
  if (value instanceof Uint32Array) return [...value];
  if (value instanceof Map) return { m: [...value].map(([key, held]) => [plain(key), plain(held)]) };
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === "object" && value !== null && !(value instanceof CryptoKey)) {
    return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, plain(held)]));
  }
  return value instanceof CryptoKey ? null : value;
}

function rich(value: any): Value {
  if (Array.isArray(value)) return value.map(rich);
  if (value !== null && typeof value === "object") return "h" in value ? unhex(value.h) : new Map(value.m.map((pair: any[]) => pair.map(rich)));
  return value;
}

async function issuerKeys(keys: [string, number, number][]) {
  const pack = { issuerKeys: keys.map(([point, notBefore, notAfter]) => ({ point: unhex(point), notBefore, notAfter })) };
  return importIssuerKeys(pack as never);
}

async function read(one: Case) {
  return verifyPass(parsePass(one.text), { event: one.event, issuerKeys: await issuerKeys(one.keys), now: one.now, leeway: one.leeway ?? 0 });
}

const packs = new Map<string, Promise<[Pack, IssuerKey[]]>>();

function packOf(data: string): Promise<[Pack, IssuerKey[]]> {
  const loaded = packs.get(data) ?? parsePack(unhex(data)).then(async (pack): Promise<[Pack, IssuerKey[]]> => [pack, await importIssuerKeys(pack)]);
  packs.set(data, loaded);
  return loaded;
}

async function device() {
  const pair = await newKeyPair();
  const point = await pointOf(pair.publicKey);
  return { key: pair.privateKey, point, name: await keyHint(point, 8) };
}

const DO: Record<string, (one: Case) => unknown> = {
  base45_encode: ({ data }) => encodeBase45(unhex(data)),
  base45_decode: ({ text }) => hex(decodeBase45(text)),
  cbor_decode: ({ data }) => decode(unhex(data), 1 << 16),
  cbor_encode: ({ value }) => hex(encode(rich(value))),
  point: ({ point }) => hex(decompressed(unhex(point))),
  recompress: ({ point }) => {
    const raw = decompressed(unhex(point));
    return hex(compressed(raw.subarray(1, 33), ((raw[64] ?? 0) & 1) === 1));
  },
  parse_pass: ({ text }) => parsePass(text),
  verify_pass: read,
  index_set: ({ data }) => decodeIndexSet(unhex(data)),
  index_set_encode: ({ indices }) => hex(encodeIndexSet(Uint32Array.from(indices))),
  entry: ({ data }) => parseEntry(unhex(data)),
  entry_again: ({ data }) => hex(buildEntry(parseEntry(unhex(data)))),
  head: async ({ data, point }) => {
    const head = parseHead(unhex(data));
    await verifyMessage(head.message, [unhex(point)], "TG1-head");
    return head;
  },
  exchange: ({ data }) => parseExchange(unhex(data)),
  exchange_again: ({ data }) => hex(buildExchange(parseExchange(unhex(data)))),
  pack: async ({ data, signers, event, loaded, now }) => {
    const pack = await parsePack(unhex(data));
    await verifyPack(pack, { signers: signers.map(unhex), event, loaded, now });
    return pack;
  },
  fingerprint: async ({ data }) => (await signerOf(await parsePack(unhex(data)))).fingerprint,
  delta: async ({ pack, delta, signers }) => {
    const [before, parsed] = [await parsePack(unhex(pack)), parseDelta(unhex(delta))];
    await verifyMessage(parsed.message, signers.map(unhex), "TG1-delta");
    return hex(await applyDelta(before, parsed));
  },
  decide: async (one) => {
    const [pack, keys] = await packOf(one.pack);
    let found: Awaited<ReturnType<typeof verifyPass>> | Reason;
    try {
      const clock = { now: one.now, leeway: one.post.clockError };
      found = await verifyPass(parsePass(one.text), { event: pack.event, issuerKeys: keys, ...clock });
    } catch (error) {
      found = error instanceof Rejected ? (error.reason as Reason) : "malformed";
    }
    const { reason, word, asksDocument } = decide(found, pack, one.post as Post, one.known as Known, one.now);
    return { reason, word, asksDocument };
  },
  whereabouts: ({ entries, alone }) => whereabouts(entries as Noted[], alone),
  presence: ({ entries, reEntry }) => presenceOf(entries as Noted[], reEntry),
  counts: ({ entries, gate }) => {
    const ledger = new Ledger();
    for (const one of [...entries, ...entries] as Noted[]) ledger.add(one);
    return ledger.counts(gate);
  },
  home: ({ cti, homes }) => homeOf(cti, homes),
  stale: ({ codes }) => {
    const seen = new StaleCodes();
    return codes.map(([cti, issuedAt, now]: [string, number, number]) => seen.advances(cti, issuedAt, now));
  },
  frames: ({ data }) => splitFrames(unhex(data)),
  join_frames: async ({ frames }) => {
    const collector = new FrameCollector();
    let whole: unknown = null;
    for (const frame of frames) whole = await collector.add(frame);
    return whole instanceof Uint8Array ? hex(whole) : whole;
  },
  proven: async ({ data, point }) => {
    const { event, journals } = parseExchange(unhex(data));
    const found = await Promise.all(journals.map((one) => provenEntries(one, { event, point: unhex(point), start: () => [] })));
    return found.flatMap(({ proven }) => proven.map(({ entry }) => [entry.gate, entry.sequence]));
  },
  split_parts: ({ data, most }) => splitExchange(parseExchange(unhex(data), 1 << 28), most).map((part) => hex(buildExchange(part))),
  // As a scanner takes them in. How many entries were proven after each part, and how many wait at the end.
  take_parts: async ({ frames, points }) => {
    const [collector, pending, known] = [new FrameCollector(), new Pending(), new Map<string, string[]>()];
    const counts: number[] = [];
    let waiting = 0;
    for (const frame of frames) {
      const whole = await collector.add(frame);
      if (!(whole instanceof Uint8Array)) continue;
      const { event, journals } = pending.joined(parseExchange(whole));
      const left = [];
      for (const one of journals) {
        const at = (sequence: number) => known.get(`${one.gate}/${sequence}`) ?? [];
        const { proven, unproven } = await provenEntries(one, { event, point: unhex(points[one.gate]), start: at });
        for (const { entry, hash } of proven) known.set(`${one.gate}/${entry.sequence}`, [...at(entry.sequence), placeKey(entry.sequence, hash)]);
        const entries = unproven.filter(({ entry, hash }) => !at(entry.sequence).includes(placeKey(entry.sequence, hash))).map(({ bytes }) => bytes);
        if (entries.length > 0) left.push({ gate: one.gate, entries, heads: one.heads });
      }
      waiting = pending.hold(event, left);
      counts.push([...known.values()].flat().length);
    }
    return [counts, waiting];
  },
  answer: ({ data }) => parseAdmitAnswer(unhex(data)),
  // What this side makes, for the other to read.
  make_proof: async ({ pkcs8, token, event, iat, challenge }) => {
    const key = await crypto.subtle.importKey("pkcs8", unhex(pkcs8), { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    return textOfPass(await buildProof(unhex(token), { event, iat, challenge, key }));
  },
  make_messages: async ({ event, code }) => {
    const own = await device();
    const gate = hex(own.name);
    const entry = buildEntry({
      ...{ event, gate, sequence: 1, previous: new Uint8Array(32), kind: 0, cti: "0102030405060708" },
      ...{ time: 1_790_000_000_000, entrance: 1, detail: null },
    });
    const head = await signHead({ event, gate, sequence: 1, hash: await sha256(entry), time: 1_790_000_000_500 }, own.key);
    const exchange = buildExchange({ event, journals: [{ gate, entries: [entry], heads: [head] }], known: new Map([[gate, 1]]) });
    const [admit, enrolment] = [await buildAdmit(entry, 0, own), await buildEnrolment(event, code, "北口1", own)];
    return Object.fromEntries(
      Object.entries({ point: own.point, entry, head, exchange, admit, enrolment } as Record<string, Bytes>).map(([name, bytes]) => [name, hex(bytes)]),
    );
  },
};

await answerCases(DO, plain);
