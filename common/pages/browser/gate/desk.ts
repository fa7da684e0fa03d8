// One gate at work: a code comes in, a verdict goes out, and between the two the journal is on the disk. The same steps as
// verifier/gate/desk.py:   read → presence → decide → journal (durable) → hub, where there is a link → verdict
import { Challenges, LOOK_SECONDS } from "./challenge";
import type { Journal } from "./chain";
import { decide, type Decision, isStale, type Known, type Post, type Reason } from "./decide";
import { Malformed, Rejected } from "./errors";
import { HubRefused, HubSilent } from "./hub";
import { KIND } from "./journal_entry";
import type { Link } from "./link";
import type { Pack } from "./pack";
import { parsePass } from "./pass";
import { type IssuerKey, type VerifiedPass, verifyPass } from "./pass_verify";
import type { Noted } from "./presence";
import { type AdmitAnswer, buildAdmit, parseAdmitAnswer } from "./requests";
import { StaleCodes } from "./stale_codes";

export const LOCKED = "device_locked";
export const DOCUMENT = "document";
const GUEST_MS = 300; // for a whole exchange that a guest waits for, or for newer facts
const AGAIN_MS = 2000; // until a guest waits once more for facts that did not come

// linked: a hub vouched for it, or this gate alone. sequence: of the entry, null for a refusal.
export interface Outcome extends Decision {
  linked: boolean;
  sequence: number | null;
}

export class Desk {
  private readonly stale: StaleCodes;
  private readonly challenges: Challenges;
  private mayRenew: number;

  constructor(
    readonly pack: Pack,
    private readonly keys: readonly IssuerKey[],
    readonly post: Post,
    readonly journal: Journal,
    readonly link: Link,
    private readonly onLocked: (seconds: number) => void,
    before: Desk | null, // with an older pack: what it showed a guest a moment ago still counts
    private readonly renew: () => Promise<Desk | null> = async () => null, // by what is newer at the hub
  ) {
    this.mayRenew = before?.mayRenew ?? -Infinity;
    this.stale = before?.stale ?? new StaleCodes();
    const same = before?.post.entrance === post.entrance && before.pack.rules.challengeSeconds === pack.rules.challengeSeconds;
    this.challenges = same ? before.challenges : new Challenges(pack.rules.challengeSeconds);
  }

  // The number to be shown, at an entrance that has one. now: milliseconds, here and everywhere.
  challenge(now: number): number | null {
    return this.pack.entrances.get(this.post.entrance)?.challenge === true ? this.challenges.shown(seconds(now)).number : null;
  }

  // Never throws for what was scanned. documentSeen: a person has looked at one. shownAt: when this code was scanned first, if now is when a
  // person has looked: its age is judged as of then.
  async scan(text: string, now: number, documentSeen = false, shownAt = now): Promise<Outcome> {
    const at = shownAt <= now && now - shownAt <= LOOK_SECONDS * 1000 ? shownAt : now;
    const read = await this.read(text, seconds(at));
    let known = this.known(read, at, documentSeen);
    let decision = this.judge(read, at, known);
    if (this.link.linked && (decision.word === "not_inside" || (decision.reason === "already_admitted" && this.reEntry))) {
      await this.exchanged(now); // another gate may have seen it leave, or come in
      known = this.known(read, at, documentSeen);
      decision = this.judge(read, at, known);
    }
    if (decision.reason !== "admitted" || decision.read === null) return { ...decision, linked: this.link.linked, sequence: null };
    return this.post.leaving ? this.leave(decision, decision.read.cti, now) : this.enter(text, decision, decision.read, known, now, at);
  }

  // Whether an exchange came to its end while a guest waited. One that did not goes on, and links this gate again when it does.
  private async exchanged(now: number): Promise<boolean> {
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), GUEST_MS));
    const done = await Promise.race([this.link.sync(this.journal, this.pack, now), late]);
    if (done === null) await this.link.lose(this.journal, this.post.entrance, now);
    return done ?? false;
  }

  // Lets somebody in on a person's word, who says why. The hub hears of it at once; a no of its changes nothing.
  async override(cti: string | null, why: string, now: number): Promise<number> {
    const exits = cti === null ? 0 : this.journal.ledger.presence(cti, this.reEntry).exits;
    const entry = await this.write(KIND.override, cti, now, why);
    if (entry === null) return 0;
    if (cti !== null && this.link.linked) {
      try {
        await this.ask(entry, exits);
      } catch (error) {
        await this.answerless(error, now);
      }
    }
    return entry.sequence;
  }

  async undo(sequence: number, now: number): Promise<boolean> {
    return (await this.journal.undo(sequence, now)) !== null;
  }

  private get reEntry(): boolean {
    return this.pack.rules.reEntry;
  }

  private async read(text: string, now: number): Promise<VerifiedPass | Reason> {
    try {
      return await verifyPass(parsePass(text), { event: this.pack.event, issuerKeys: this.keys, now, leeway: this.post.clockError });
    } catch (error) {
      if (error instanceof Malformed) return "malformed";
      if (error instanceof Rejected) return error.reason as Reason;
      throw error;
    }
  }

  private judge(read: VerifiedPass | Reason, now: number, known: Known): Decision {
    return decide(read, this.pack, this.post, known, seconds(now));
  }

  // What this gate knows beside code and pack. A code is looked at once: how its age goes on is remembered.
  private known(read: VerifiedPass | Reason, now: number, documentSeen: boolean): Known {
    const known: Known = { earlier: null, answers: false, advancing: false, documentSeen, whereabouts: "inside" };
    if (typeof read !== "string") {
      known.earlier = this.journal.ledger.inside(read.cti, this.reEntry);
      if (this.post.leaving) known.whereabouts = this.journal.ledger.whereabouts(read.cti, !this.link.linked);
      known.answers = this.pack.entrances.get(this.post.entrance)?.challenge === true && this.challenges.answered(read.cnonce, seconds(now));
      if (read.iat !== null && isStale(read, this.post, seconds(now))) known.advancing = this.stale.advances(read.cti, read.iat, seconds(now));
    }
    return known;
  }

  private async leave(decision: Decision, cti: string, now: number): Promise<Outcome> {
    const entry = await this.write(KIND.out, cti, now, null);
    return { ...decision, linked: this.link.linked, sequence: entry?.sequence ?? null };
  }

  // Where tickets come back, an entry is dated after all that is known of its ticket.
  private write(kind: number, cti: string | null, now: number, detail: string | null, may?: () => boolean): Promise<Noted | null> {
    const { ledger } = this.journal;
    const time = cti !== null && this.reEntry ? () => ledger.timeAfter(cti, now) : () => now;
    return this.journal.append({ kind, cti, time, entrance: this.post.entrance, detail }, may);
  }

  private async ask(entry: Noted, exits: number): Promise<AdmitAnswer> {
    const request = await buildAdmit(this.journal.bytesOf(entry), exits, this.journal.device);
    return parseAdmitAnswer(await this.link.hub.admit(this.pack.event, request));
  }

  // Whether the hub said that this device is locked; otherwise there was no answer, and the gate is alone.
  private async answerless(error: unknown, now: number): Promise<boolean> {
    if (!(error instanceof HubSilent || error instanceof HubRefused || error instanceof Malformed)) throw error;
    const locked = error instanceof HubRefused && error.code === LOCKED;
    if (locked) await this.lock(now);
    else await this.link.lose(this.journal, this.post.entrance, now);
    return locked;
  }

  // Writes the admission, then asks the hub; an admission that the hub knows better about is taken back by an entry of its own.
  // at: when the code was shown.
  private async enter(text: string, decision: Decision, read: VerifiedPass, known: Known, now: number, at: number, mayAskAgain = true): Promise<Outcome> {
    const { ledger } = this.journal;
    const free = () => ledger.inside(read.cti, this.reEntry) === null;
    const entry = await this.write(KIND.in, read.cti, now, known.documentSeen ? DOCUMENT : null, free);
    const { linked } = this.link; // as it was when the entry was on the disk
    const nowInside = () => this.judge(read, at, { ...known, earlier: ledger.inside(read.cti, this.reEntry) });
    if (entry === null) return { ...nowInside(), linked, sequence: null };
    const admitted = { ...decision, sequence: entry.sequence };
    if (!linked) return { ...admitted, linked: false };
    const exits = ledger.presence(read.cti, this.reEntry).exits;
    let answer: AdmitAnswer;
    try {
      answer = await this.ask(entry, exits);
    } catch (error) {
      if (!(await this.answerless(error, now))) return { ...admitted, linked: false };
      await this.undo(entry.sequence, now);
      return { ...nowInside(), linked: true, sequence: null };
    }
    if (answer.admitted) {
      const again = answer.serial > this.pack.serial ? await this.byNewerFacts(text, known, now, at) : null;
      if (again === null || again.reason === "admitted") return { ...admitted, linked: true };
      await this.undo(entry.sequence, now);
      return { ...again, linked: true, sequence: null };
    }
    await this.undo(entry.sequence, now);
    // it may have left; or the hub has not heard yet of what this gate took back
    const isOldNews = exits > 0 || answer.first.kind === KIND.out || answer.first.gate === this.journal.gate;
    if (mayAskAgain && isOldNews && (await this.exchanged(now)) && free()) {
      return this.enter(text, decision, read, known, now, at, false);
    }
    const { gate, sequence, entrance, time } = answer.first;
    return { ...this.judge(read, at, { ...known, earlier: { gate, sequence, entrance, time } }), linked: true, sequence: null };
  }

  // The hub has a newer pack: the same ticket judged by that one, for as long as a guest waits. null where it does not come in time.
  private async byNewerFacts(text: string, known: Known, now: number, at: number): Promise<Decision | null> {
    if (now < this.mayRenew) return null;
    const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), GUEST_MS));
    const desk = await Promise.race([this.renew(), late]);
    if (desk === null) {
      this.mayRenew = now + AGAIN_MS;
      return null;
    }
    return desk.judge(await desk.read(text, seconds(at)), at, known);
  }

  // The organiser locked this device: it refuses from now on, with or without a link.
  async lock(now: number): Promise<void> {
    if (this.post.lockedAt !== null) return;
    this.post.lockedAt = seconds(now);
    this.onLocked(this.post.lockedAt);
    await this.journal.append({ kind: KIND.lockSeen, cti: null, time: now, entrance: this.post.entrance, detail: null });
  }
}

export function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
