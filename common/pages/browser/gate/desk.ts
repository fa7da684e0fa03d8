// One gate at work: a code comes in, a verdict goes out, and between the two the journal is on the disk. The same steps as
// verifier/gate/desk.py:   read → presence → decide → journal (durable) → hub, where there is a link → verdict
import { Challenges } from "./challenge";
import type { Journal } from "./chain";
import { decide, type Decision, isStale, type Known, type Post, type Reason } from "./decide";
import { Malformed, Rejected } from "./errors";
import { HubRefused } from "./hub";
import { KIND } from "./journal_entry";
import type { Link } from "./link";
import type { Pack } from "./pack";
import { parsePass } from "./pass";
import { type IssuerKey, type VerifiedPass, verifyPass } from "./pass_verify";
import { buildAdmit, parseAdmitAnswer } from "./requests";
import { StaleCodes } from "./stale_codes";

export const LOCKED = "device_locked";
export const DOCUMENT = "document";

// linked: a hub vouched for it, or this gate alone. sequence: of the entry, null for a refusal.
export interface Outcome extends Decision {
  linked: boolean;
  sequence: number | null;
}

export class Desk {
  private readonly stale = new StaleCodes();
  private readonly challenges: Challenges;

  constructor(
    readonly pack: Pack,
    private readonly keys: readonly IssuerKey[],
    readonly post: Post,
    readonly journal: Journal,
    readonly link: Link,
    private readonly onLocked: (seconds: number) => void,
  ) {
    this.challenges = new Challenges(pack.rules.challengeSeconds);
  }

  // The number to be shown, at an entrance that has one. now: milliseconds, here and everywhere.
  challenge(now: number): number | null {
    return this.pack.entrances.get(this.post.entrance)?.challenge === true ? this.challenges.shown(seconds(now)).number : null;
  }

  // Never throws for what was scanned. documentSeen: a person has looked at one.
  async scan(text: string, now: number, documentSeen = false): Promise<Outcome> {
    const read = await this.read(text, seconds(now));
    let decision = this.judge(read, now, documentSeen);
    if (decision.reason === "already_admitted" && this.link.linked && this.reEntry) {
      await this.link.sync(this.journal, this.pack, now); // another gate may have seen it leave
      decision = this.judge(read, now, documentSeen);
    }
    if (decision.reason !== "admitted" || decision.read === null) return { ...decision, linked: this.link.linked, sequence: null };
    return this.post.leaving ? this.leave(decision, decision.read.cti, now) : this.enter(decision, decision.read, now, documentSeen);
  }

  // Lets somebody in on a person's word, who says why.
  async override(cti: string | null, why: string, now: number): Promise<number> {
    const entry = await this.journal.append({ kind: KIND.override, cti, time: now, entrance: this.post.entrance, detail: why });
    return entry?.sequence ?? 0;
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

  private judge(read: VerifiedPass | Reason, now: number, documentSeen: boolean, earlier?: Known["earlier"]): Decision {
    const known: Known = { earlier: null, answers: false, advancing: false, documentSeen };
    if (typeof read !== "string") {
      known.earlier = earlier ?? this.journal.ledger.inside(read.cti, this.reEntry);
      known.answers = this.challenge(now) !== null && this.challenges.answered(read.cnonce, seconds(now));
      if (read.iat !== null && isStale(read, this.post, seconds(now))) known.advancing = this.stale.advances(read.cti, read.iat, seconds(now));
    }
    return decide(read, this.pack, this.post, known, seconds(now));
  }

  private async leave(decision: Decision, cti: string, now: number): Promise<Outcome> {
    const entry = await this.journal.append({ kind: KIND.out, cti, time: now, entrance: this.post.entrance, detail: null });
    return { ...decision, word: "left", linked: this.link.linked, sequence: entry?.sequence ?? null };
  }

  // Writes the admission, then asks the hub; an admission that the hub knows better about is taken back by an entry of its own.
  private async enter(decision: Decision, read: VerifiedPass, now: number, documentSeen: boolean, mayAskAgain = true): Promise<Outcome> {
    const { ledger } = this.journal;
    const exits = ledger.presence(read.cti, this.reEntry).exits;
    const draft = { kind: KIND.in, cti: read.cti, time: now, entrance: this.post.entrance, detail: documentSeen ? DOCUMENT : null };
    const entry = await this.journal.append(draft, () => ledger.inside(read.cti, this.reEntry) === null);
    if (entry === null) return { ...this.judge(read, now, documentSeen), linked: this.link.linked, sequence: null };
    const admitted = { ...decision, sequence: entry.sequence };
    if (!this.link.linked) return { ...admitted, linked: false };
    let answer: { admitted: boolean; first: { gate: string; sequence: number; entrance: number; time: number } };
    try {
      const request = await buildAdmit(this.journal.bytesOf(entry), exits, this.journal.device);
      answer = parseAdmitAnswer(await this.link.hub.admit(this.pack.event, request));
    } catch (error) {
      if (!(error instanceof HubRefused && error.code === LOCKED)) {
        await this.link.lose(this.journal, this.post.entrance, now);
        return { ...admitted, linked: false };
      }
      await this.undo(entry.sequence, now);
      await this.lock(now);
      return { ...this.judge(read, now, documentSeen), linked: true, sequence: null };
    }
    if (answer.admitted) return { ...admitted, linked: true };
    await this.undo(entry.sequence, now);
    if (mayAskAgain && exits > 0 && (await this.link.sync(this.journal, this.pack, now)) && ledger.inside(read.cti, this.reEntry) === null) {
      return this.enter(decision, read, now, documentSeen, false);
    }
    const { gate, sequence, entrance, time } = answer.first;
    return { ...this.judge(read, now, documentSeen, { gate, sequence, entrance, time }), linked: true, sequence: null };
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
