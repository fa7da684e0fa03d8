// The page on which a steward works: a code comes in, the verdict stands there, and the few things that a person may do about it.
import type { Camera } from "./camera";
import { type Desk, type Outcome, seconds } from "./desk";
import { make, on, onSubmit, part } from "./dom";
import { isFrame } from "./frames";
import { parsePass } from "./pass";
import { hex } from "./bytes";
import { type Shown, shownOf, VerdictView } from "./verdict_view";
import type { Words } from "./words";

const SAME_CODE_MS = 1500; // as long as it is seen, and this much longer, a ticket is one scan
const GREEN_MS = 4000; // a yes does not stay for the next guest
const MOST_RECENT = 20;
const CLOCK_SLACK = 5; // seconds: a hub tells whole ones, and a network takes its time

interface Recent {
  time: number;
  shown: Shown;
}

export class ScanPage {
  private readonly view: VerdictView;
  private camera: Camera | null = null;
  private busy = false;
  private last: { name: string; text: string; at: number; seenAt: number; outcome: Outcome | null } = { name: "", text: "", at: 0, seenAt: 0, outcome: null };
  private recent: Recent[] = [];
  private says: () => string = () => ""; // below the camera, in the language of now

  constructor(
    private readonly words: Words,
    private readonly desk: () => Desk | null,
    private readonly onFrame: (text: string) => Promise<() => string>,
    private readonly say: (kind: "bad", text: () => string) => void,
  ) {
    this.view = new VerdictView(words, () => desk()?.pack ?? null);
    on("[data-document]", () => this.again());
    on("[data-undo]", () => this.undo());
    on("[data-override]", () => this.askWhy(true));
    on("[data-override-no]", () => this.askWhy(false));
    on("[data-next]", () => this.clear());
    onSubmit("[data-override-form]", () => this.override());
    onSubmit("[data-by-hand]", () => this.byHand());
    part("[data-verdict]").addEventListener("click", () => this.clear());
    // A hand-held reader types wherever the focus is: nowhere in particular means the field for it.
    document.addEventListener("keydown", ({ key, target }) => {
      if (target === document.body && [...key].length === 1 && desk() !== null) part("#by-hand").focus({ preventScroll: true });
    });
  }

  useCamera(camera: Camera): void {
    this.camera = camera;
    on("[data-camera-start]", () => this.startCamera());
    on("[data-camera-stop]", () => {
      camera.stop();
      this.says = () => "";
      this.write();
    });
    on("[data-torch]", async () => {
      await camera.toggleTorch();
      this.write();
    });
    const choice = part<HTMLSelectElement>("#camera");
    choice.addEventListener("change", () => void this.startCamera(choice.value));
  }

  // What the camera, a reader or a person brought. lookedFrom: when the frame was taken in, for the one figure that people feel.
  async code(text: string, lookedFrom = performance.now()): Promise<void> {
    if (isFrame(text)) {
      this.says = await this.onFrame(text);
      part("[data-says]").textContent = this.says();
      return;
    }
    const name = nameOf(text);
    const now = Date.now();
    const again = name === this.last.name && now - this.last.seenAt < SAME_CODE_MS && (name !== text || text === this.last.text);
    if (this.busy || (again && !this.mayChange(text))) {
      if (again) this.last.seenAt = now;
      return;
    }
    await this.scan(text, lookedFrom);
  }

  // A ticket that was refused for its code's age may show its next code; one that was admitted is not asked twice while it is held up.
  private mayChange(text: string): boolean {
    const reason = this.last.outcome?.reason;
    return text !== this.last.text && reason !== "admitted" && reason !== "already_admitted";
  }

  // shownAt: when it was scanned, if a person has looked at a document since.
  private async scan(text: string, from: number, shownAt: number | null = null): Promise<void> {
    const desk = this.desk();
    if (desk === null) return;
    this.busy = true;
    const now = Date.now();
    try {
      const outcome = await desk.scan(text, now, shownAt !== null, shownAt ?? now);
      this.last = { name: nameOf(text), text, at: shownAt ?? now, seenAt: now, outcome };
      this.put(shownOf(outcome, text));
    } catch (error) {
      this.put({ answer: "failed", word: "lost", sentence: "lost_storage", outcome: null });
      this.say("bad", () => this.words.t("lost_storage"));
      console.error(error);
    } finally {
      this.busy = false;
    }
    performance.measure("verdict", { start: from });
    setTimeout(() => this.write());
  }

  private put(shown: Shown): void {
    this.askWhy(false);
    this.view.show(shown);
    setTimeout(() => part(".gate-stage").scrollIntoView({ block: "nearest" })); // whoever typed a code was further down
    this.recent = [{ time: Date.now(), shown }, ...this.recent].slice(0, MOST_RECENT);
  }

  private async again(): Promise<void> {
    if (this.last.text !== "") await this.scan(this.last.text, performance.now(), this.last.at);
  }

  private async undo(): Promise<void> {
    const [desk, sequence] = [this.desk(), this.last.outcome?.sequence ?? null];
    if (desk === null || sequence === null || !(await desk.undo(sequence, Date.now()))) return;
    this.last = { name: "", text: "", at: 0, seenAt: 0, outcome: null };
    this.put({ answer: "undetermined", word: "undone", sentence: "", outcome: null });
    this.write();
  }

  private askWhy(open: boolean): void {
    part("[data-override-form]").hidden = !open;
    if (open) part<HTMLInputElement>("#override-reason").focus();
  }

  private async override(): Promise<void> {
    const desk = this.desk();
    const field = part<HTMLInputElement>("#override-reason");
    const why = field.value.trim();
    if (desk === null || why === "") return;
    const read = this.last.outcome?.sequence === null ? this.last.outcome.read : null;
    const sequence = await desk.override(read?.cti ?? null, why, Date.now());
    field.value = "";
    const outcome: Outcome = { reason: "admitted", word: "overridden", asksDocument: false, earlier: null, read, linked: false, sequence };
    this.last = { ...this.last, seenAt: Date.now(), outcome };
    this.put({ answer: "passed", word: "overridden", sentence: "", outcome });
    this.write();
  }

  private async byHand(): Promise<void> {
    const field = part<HTMLInputElement>("#by-hand");
    const text = field.value;
    field.value = "";
    if (text.trim() === "") return;
    this.last.seenAt = 0;
    await this.code(isFrame(text) ? text : text.trimEnd());
    field.focus({ preventScroll: true });
  }

  clear(): void {
    this.view.clear();
    this.askWhy(false);
    this.write();
  }

  // Its device, or what it is connected by, took the camera away.
  cameraGone(): void {
    this.says = () => this.words.t("scan.unavailable");
    this.write();
  }

  private async startCamera(which?: string): Promise<void> {
    if (this.camera === null) return;
    try {
      await this.camera.start(which);
      this.says = () => this.words.t("scan.looking");
    } catch (error) {
      const key = error instanceof DOMException && error.name === "NotAllowedError" ? "scan.refused" : "scan.unavailable";
      this.says = () => this.words.t(key);
    }
    const cameras = this.camera.running ? await this.camera.list() : [];
    part("[data-cameras]").hidden = cameras.length < 2;
    part<HTMLSelectElement>("#camera").replaceChildren(...cameras.map((one) => new Option(one.label, one.id, false, one.current)));
    this.write();
  }

  toggleSound(): void {
    this.view.quiet = !this.view.quiet;
    this.write();
  }

  // Once a second.
  tick(): void {
    const desk = this.desk();
    if (desk === null) return;
    const { words } = this;
    const now = Date.now();
    if (this.view.isGreen && now - this.last.seenAt > GREEN_MS) {
      this.view.clear();
      this.write();
    }
    const number = desk.challenge(now);
    part("[data-challenge]").hidden = number === null;
    part("[data-number]").textContent = number === null ? "" : String(number);
    const link = part("[data-link]");
    link.textContent = words.t(desk.link.linked ? "scan.linked" : "scan.alone");
    link.className = desk.link.linked ? "gate-linked" : "gate-alone";
    const off = Math.abs(desk.link.hub.clockOff) / 1000;
    part("[data-clock]").textContent = off > desk.post.clockError + CLOCK_SLACK ? words.t("scan.clock_off", { span: words.span(off) }) : "";
    const age = seconds(now) - desk.pack.asOf;
    const facts = part("[data-facts]");
    facts.textContent = words.t("scan.facts", { when: words.time(desk.pack.asOf * 1000), age: words.span(age) });
    facts.className = age > desk.pack.rules.staleAfter ? "gate-alone" : "";
  }

  write(): void {
    const desk = this.desk();
    this.view.write();
    this.tick();
    part("[data-locked]").hidden = desk === null || desk.post.lockedAt === null;
    const says = part("[data-says]");
    if (says.textContent !== this.says()) says.textContent = this.says(); // what is the same is not read out again
    const running = this.camera?.running ?? false;
    part("[data-camera-box]").classList.toggle("off", !running);
    part("[data-camera-start]").hidden = running;
    part("[data-sound]").textContent = this.words.t(this.view.quiet ? "scan.sound_off" : "scan.sound_on");
    part("[data-camera-stop]").hidden = !running;
    part("[data-torch]").hidden = !(running && this.camera?.hasTorch);
    part("[data-torch]").setAttribute("aria-pressed", String(this.camera?.isLit ?? false));
    const verdict = !part("[data-verdict]").hidden;
    const insist = part("[data-document]");
    insist.hidden = !(verdict && this.last.outcome?.asksDocument);
    insist.dataset["t"] = desk?.post.leaving ? "scan.insist" : "scan.document"; // a change of language writes it anew
    insist.textContent = this.words.t(insist.dataset["t"]);
    part("[data-undo]").hidden = this.last.outcome?.sequence == null;
    part("[data-next]").hidden = !verdict;
    if (desk !== null) {
      const { ledger, gate } = desk.journal;
      const own = ledger.counts(gate);
      part("[data-count-in]").textContent = String(own.in);
      part("[data-count-out]").textContent = String(own.out);
      part("[data-count-all]").textContent = String(ledger.counts().in);
    }
    this.list();
  }

  private list(): void {
    const rows = this.recent.map(({ time, shown }) => {
      const row = make("li", "", { class: shown.answer });
      row.append(make("b", this.words.t(shown.word)), make("span", `${this.words.time(time)}　${shown.outcome?.read?.cti.slice(0, 6) ?? ""}`));
      return row;
    });
    part("[data-recent]").replaceChildren(...(rows.length > 0 ? rows : [make("li", this.words.t("recent.none"))]));
  }
}

// What makes two codes the same ticket to a person who holds it up: its identifier, or else the text.
function nameOf(text: string): string {
  try {
    return hex(parsePass(text).token.cti);
  } catch {
    return text;
  }
}
