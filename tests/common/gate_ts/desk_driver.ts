// Runs whole parts of the browser's gate under Node: journal and ledger over a store in memory, desk and link against a hub that a case describes.
import { type Bytes, hex, sha256, unhex } from "../../../common/pages/browser/gate/bytes";
import { encode, type Value } from "../../../common/pages/browser/gate/cbor";
import { Journal } from "../../../common/pages/browser/gate/chain";
import { packAt } from "../../../common/pages/browser/gate/decide";
import { Desk } from "../../../common/pages/browser/gate/desk";
import { buildExchange, type GateJournal, parseExchange } from "../../../common/pages/browser/gate/exchange";
import { Enrolment } from "../../../common/pages/browser/gate/enrol";
import { type Hub, HubRefused, HubSilent } from "../../../common/pages/browser/gate/hub";
import { parseEntry } from "../../../common/pages/browser/gate/journal_entry";
import { Ledger } from "../../../common/pages/browser/gate/ledger";
import { Link } from "../../../common/pages/browser/gate/link";
import { importIssuerKeys, parsePack } from "../../../common/pages/browser/gate/pack";
import { buildProof, textOfPass } from "../../../common/pages/browser/gate/pass_build";
import { PackShelf } from "../../../common/pages/browser/gate/pack_shelf";
import { keyHint, newKeyPair, pointOf } from "../../../common/pages/browser/gate/p256";
import { provenEntries } from "../../../common/pages/browser/gate/verify_journal";
import { answerCases, type Case } from "./cases";
import { memoryStore } from "./memory_store";

async function device() {
  const pair = await newKeyPair();
  const point = await pointOf(pair.publicKey);
  return { key: pair.privateKey, point, name: await keyHint(point, 8) };
}

const silence = async () => {};

// A hub that keeps what it is sent and says how far it knows each chain; it has an answer for nobody but its own.
class Keeping {
  clockOff = 0;
  readonly known = new Map<string, number>();
  readonly bodies: [string, number][][] = [];

  exchange = async (_event: string, body: Bytes): Promise<Bytes> => {
    const { event, journals } = parseExchange(body);
    const told = journals.filter((one) => one.entries.length > 0);
    if (told.length > 0) this.bodies.push(told.map((one) => [one.gate, one.entries.reduce((sum, entry) => sum + entry.length, 0)]));
    for (const { gate, entries } of journals) for (const entry of entries) this.known.set(gate, Math.max(this.known.get(gate) ?? 0, parseEntry(entry).sequence));
    return buildExchange({ event, journals: [], known: this.known });
  };
}

async function opened(one: Case) {
  const pack = await parsePack(unhex(one.pack));
  const journal = await Journal.open(memoryStore(), pack.event, await device());
  const post = { entrance: one.entrance ?? 1, home: 0, clockError: 0, lockedAt: null, rolledBack: false, leaving: false };
  const deskAt = async (hub: Partial<Hub>, renew?: () => Promise<Desk | null>) => {
    const link = new Link({ clockOff: 0, ...hub } as Hub, silence, silence);
    return new Desk(pack, await importIssuerKeys(pack), post, journal, link, () => {}, null, renew);
  };
  return { pack, journal, deskAt };
}

const DO: Record<string, (one: Case) => unknown> = {
  // What a scanner knows of others, told to a hub that has nothing, in bodies of so many bytes.
  relay: async (one) => {
    const { pack, journal, deskAt } = await opened(one);
    await journal.absorb(parseExchange(unhex(one.exchange)), pack.gates);
    const hub = new Keeping();
    const lacking = (gates: readonly string[], known: ReadonlyMap<string, number>): Promise<GateJournal[]> => journal.lacking(gates, known, one.most);
    const small: Journal = Object.create(journal, { lacking: { value: lacking } });
    const linked = await (await deskAt(hub)).link.sync(small, pack, one.now);
    return { linked, bodies: hub.bodies, known: Object.fromEntries(hub.known) };
  },
  lacking: async (one) => {
    const { pack, journal } = await opened(one);
    await journal.absorb(parseExchange(unhex(one.exchange)), pack.gates);
    const told = await journal.lacking(one.gates, new Map(Object.entries(one.known as Record<string, number>)), one.most);
    return told.map((each) => [each.gate, each.entries.map((entry) => parseEntry(entry).sequence), each.heads.map(hex)]);
  },
  // A guest who is inside already, at a gate whose hub says nothing until it is let go.
  silent_hub: async (one) => {
    const { journal, deskAt } = await opened(one);
    let free = () => {};
    const waiting = new Promise<never>((_, reject) => (free = () => reject(new Error("let go"))));
    const desk = await deskAt({ admit: () => waiting, exchange: () => waiting });
    await desk.scan(one.text, one.now);
    desk.link.linked = true;
    const began = performance.now();
    const { reason, linked } = await desk.scan(one.text, one.now);
    waiting.catch(() => {});
    setTimeout(free);
    return { reason, linked, waited: performance.now() - began, length: journal.length };
  },
  // A guest who was let in by the hub's word, and taken back at once, comes again: the hub has not heard of it before it is told.
  taken_back: async (one) => {
    const { journal, deskAt } = await opened(one);
    const hub = new Keeping();
    let held: Bytes | null = null;
    const admit = async (): Promise<Bytes> => {
      const asked = journal.bytesOf(journal.ledger.at(journal.gate, journal.length)[0]!);
      const isFree = held === null || (hub.known.get(journal.gate) ?? 0) > parseEntry(held).sequence;
      if (isFree) held = asked;
      return encode(new Map<number, Value>([[1, isFree ? 0 : 1], [2, held!], [3, 1]]));
    };
    const desk = await deskAt({ admit, exchange: hub.exchange });
    desk.link.linked = true;
    const said = [];
    for (let at = 0; at < 2; at++) {
      const { reason, linked, sequence } = await desk.scan(one.text, one.now + at);
      said.push([reason, linked]);
      if (at === 0) await desk.undo(sequence!, one.now);
    }
    return said;
  },
  // What a device makes of a pack at an entrance.
  placed: async (one) => {
    const post = { entrance: one.entrance, home: 7, clockError: 0, lockedAt: null, rolledBack: false, leaving: false };
    const found = packAt(await parsePack(unhex(one.pack)), one.gate, post);
    return [found.hasPlace, found.home, found.pack.classes.size];
  },
  // A linked gate whose hub admits whatever it is asked, and has a newer pack: tickets shown one after the other. slow: it hands it out
  // to nobody at first.
  newer_pack: async (one) => {
    const { pack, journal, deskAt } = await opened(one);
    const newest = await parsePack(unhex(one.newest));
    const answer = () => encode(new Map<number, Value>([[1, 0], [2, journal.bytesOf(journal.ledger.at(journal.gate, journal.length)[0]!)], [3, newest.serial]]));
    let asked = 0;
    let desk = await deskAt({ admit: async () => answer() }, async () => {
      asked += 1;
      if (one.slow && asked === 1) return new Promise(() => {});
      desk = new Desk(newest, await importIssuerKeys(newest), desk.post, journal, desk.link, () => {}, desk);
      return desk;
    });
    desk.link.linked = true;
    const said = [];
    for (const [now, text] of one.steps) {
      const { reason, linked, sequence } = await desk.scan(text, now);
      said.push([reason, linked, sequence === null, desk.pack.serial]);
    }
    return { said, asked, entries: journal.ledger.counts(journal.gate).in, old: pack.asOf };
  },
  // A device that asked to be enrolled: what the hub answers each time, "reload" for a page that is opened again, or "named" by a pack.
  enrolment: async (one) => {
    const store = memoryStore();
    let asked = 0;
    const hub = { enrol: async () => {
      const answer = one.answers[at];
      asked += 1;
      if (typeof answer === "boolean") return answer;
      throw answer === "silent" ? new HubSilent() : new HubRefused(answer[0], answer[1]);
    } } as unknown as Hub;
    const open = (gate: string) => new Enrolment(store, hub, gate);
    let enrolment = open("aa");
    let at = 0;
    const said = [];
    for (; at < one.answers.length; at++) {
      const answer = one.answers[at];
      if (answer === "reload" || answer === "other key") enrolment = open(answer === "reload" ? "aa" : "bb");
      else if (answer === "named") await enrolment.end("event");
      else if (at === 0) await enrolment.begin("event", new Uint8Array(3));
      else await enrolment.ask("event");
      said.push([enrolment.state, asked]);
    }
    return said;
  },
  // Steps at one desk: [milliseconds, text, a person has looked, when it was shown].
  desk: async (one) => {
    const { journal, deskAt } = await opened(one);
    const desk = await deskAt({});
    const said = [];
    for (const [now, text, seen, shownAt] of one.steps) {
      const { reason, asksDocument, sequence } = await desk.scan(text, now, seen, shownAt ?? now);
      const time = sequence === null ? null : (journal.ledger.at(journal.gate, sequence)[0]?.time ?? null);
      said.push([reason, asksDocument, time]);
    }
    return said;
  },
  // A guest types the number that is shown, is asked for a document, and so many seconds go by, each with the number of its time.
  challenged: async (one) => {
    const { pack, deskAt } = await opened(one);
    const desk = await deskAt({});
    const key = await crypto.subtle.importKey("pkcs8", unhex(one.pkcs8), { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
    const number = desk.challenge(one.now);
    const text = textOfPass(await buildProof(unhex(one.token), { event: pack.event, iat: one.now / 1000, challenge: number, key }));
    const said = [await desk.scan(text, one.now)];
    for (let after = 1; after <= one.seconds; after++) desk.challenge(one.now + after * 1000);
    const later = one.now + one.seconds * 1000;
    for (const shownAt of [later, one.now]) said.push(await desk.scan(text, later, true, shownAt));
    return said.map(({ reason }) => reason);
  },
  // How often the proof of the one journal looks whether a place is here already, and what it proves.
  walks: async (one) => {
    const [journal] = parseExchange(unhex(one.exchange)).journals;
    if (journal === undefined) throw new TypeError("one journal");
    let looks = 0;
    const start = () => {
      looks += 1;
      return [];
    };
    const { proven, heads, unproven } = await provenEntries(journal, { event: one.event, point: unhex(one.point), start });
    return [proven.length, heads.length, unproven.length, looks];
  },
  shelf: async (one) => {
    const shelf = new PackShelf(memoryStore());
    const first = await shelf.take(unhex(one.packs[0]), one.now);
    if (first !== null) await shelf.trust(first);
    const said = [];
    for (const data of one.packs.slice(1)) said.push(await shelf.take(unhex(data), one.now).then(() => "taken", (error: Error) => error.message));
    return said;
  },
  ledger: async (one) => {
    const ledger = new Ledger();
    for (const data of one.entries.map(unhex)) ledger.add({ ...parseEntry(data), hash: hex(await sha256(data)) });
    return one.tickets.map((cti: string) => {
      const { inside, exits, excess, admissions } = ledger.presence(cti, one.reEntry);
      return [inside?.hash ?? null, exits, excess.length, admissions, ledger.counts()];
    });
  },
};

await answerCases(DO);
