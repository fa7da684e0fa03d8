// The pass page: what the holder shows at a gate. Offline first: what this browser has is shown at once, and what the wallet says of it
// when there is a network comes after.
import { part, on } from "../gate/dom";
import { keptBy, untouched } from "../renewal";
import { parseToken } from "../gate/pass";
import { type Language, Words } from "../gate/words";
import { Agent, NoAnswer, type Visit } from "./agent";
import { bindPass } from "./bind";
import { PassClock } from "./clock";
import { type Facts, type Kept, Shelf } from "./shelf";
import { Turning } from "./turning";
import { PassView } from "./view";

const VISIT_MS = 60_000;
const SPENT = new Set(["invalid_grant", "invalid_token", "credential_request_denied"]); // the issuer answers this ticket no more

class PassPage {
  private kept: Kept | undefined;
  private visit: Visit | null = null;
  private busy = false;

  constructor(
    private readonly id: string,
    private readonly tenant: string,
    private readonly shelf: Shelf,
    private readonly agent: Agent,
    private readonly clock: PassClock,
    private readonly view: PassView,
    private readonly turning: Turning,
  ) {
    turning.onBroken = () => this.lose();
    on("[data-bind]", () => this.bind());
    on("[data-remove]", () => this.remove());
    addEventListener("online", () => void this.look());
    document.addEventListener("visibilitychange", () => void this.look());
    setInterval(() => void this.look(), VISIT_MS);
  }

  async begin(): Promise<void> {
    this.kept = await this.shelf.find(this.tenant, this.id);
    this.write();
    await this.look();
  }

  // What the wallet says now; and the first pass of this ticket, without being asked.
  private async look(): Promise<void> {
    if (this.busy || document.hidden) return;
    this.busy = true;
    try {
      await this.clock.correct(this.agent);
      this.visit = await this.agent.facts(this.id);
      await this.take(this.visit);
    } catch (error) {
      await this.without(error);
    } finally {
      this.busy = false;
    }
  }

  private async take(visit: Visit): Promise<void> {
    const { csrf: _, ...facts } = visit;
    if (this.kept !== undefined) {
      this.kept = { ...this.kept, facts, checkedAt: this.clock.now() };
      await this.shelf.put(this.kept);
    }
    const unfinished = this.kept?.token === null;
    const counts = visit.state !== "ended" && visit.state !== "stopped";
    if (counts && (visit.holder === "" || unfinished)) await this.getOne(visit);
    this.view.link("linked", this.clock.now());
    this.write();
  }

  private async without(error: unknown): Promise<void> {
    const code = error instanceof NoAnswer ? error.code : "fault";
    if (code === "no_such_pass") {
      await this.shelf.remove(this.tenant, this.id);
      this.kept = undefined;
      this.turning.end();
      this.view.say("bad", "deleted");
      this.view.empty();
      return;
    }
    if (this.kept?.token == null) return this.refuse(code);
    this.view.link(code === "offline" ? "offline" : code === "login_needed" ? "locked" : "unsure", this.kept.checkedAt);
    this.write();
  }

  private async bind(): Promise<void> {
    if (this.visit === null || this.busy) return;
    this.busy = true;
    this.view.say("wait", "binding");
    try {
      await this.getOne(this.visit);
      this.write();
    } catch (error) {
      this.refuse(error instanceof NoAnswer ? error.code : "fault");
    } finally {
      this.busy = false;
    }
  }

  private async getOne(visit: Visit): Promise<void> {
    this.kept = await bindPass(this.agent, this.shelf, this.clock, this.tenant, visit, this.kept);
    this.visit = { ...visit, holder: this.kept.holder };
  }

  private refuse(code: string): void {
    const known = ["login_needed", "offline", "pass_busy", "no_storage"].includes(code) ? code : SPENT.has(code) ? "spent" : "failed";
    this.view.say(known === "login_needed" || known === "offline" ? "info" : "bad", known, known === "failed" ? code : "");
  }

  private async remove(): Promise<void> {
    if (!confirm(this.view.words.t("remove_question"))) return;
    await this.shelf.remove(this.tenant, this.id);
    this.turning.end();
    location.assign(this.agent.folder);
  }

  // The key works no more: the pass is gone, and the holder may get another one.
  private lose(): void {
    this.kept = undefined;
    this.write();
    if (this.visit === null) this.view.say("wait", "gone"); // the way to another one comes with the network
  }

  // Everything that the page shows, from what is known.
  private write(): void {
    const facts: Facts | null = this.kept?.facts ?? this.visit;
    if (facts !== null) this.view.ticket(facts, this.kept !== undefined);
    const why = this.hindrance(facts);
    if (why === "" && this.kept !== undefined) {
      this.view.code(true);
      this.view.clockNote(this.clock.offset);
      this.turning.show(this.kept);
      return;
    }
    this.turning.end();
    this.view.code(false);
    if (why !== "") this.view.say(why === "moved" || why === "gone" ? "wait" : "bad", why, "", why === "moved" || why === "gone");
  }

  // Why no code is shown: empty where one is.
  private hindrance(facts: Facts | null): string {
    if (facts === null) return "";
    if (facts.state === "ended" || facts.state === "stopped") return facts.state;
    const token = this.kept?.token ?? null;
    if (token === null || this.kept === undefined) return facts.holder === "" ? "" : "gone";
    if (facts.holder !== this.kept.holder) return "moved";
    return parseToken(token).exp <= this.clock.seconds() ? "over" : "";
  }
}

async function begin(folder: string, view: PassView): Promise<void> {
  const isUntouched = untouched();
  keptBy(`${folder}sw.js`, { scope: folder }, () => {
    if (isUntouched()) location.reload();
    else document.addEventListener("visibilitychange", () => document.hidden && location.reload()); // not while it is held to a gate
  });
  const tenant = folder.split("/")[1] ?? "";
  part<HTMLAnchorElement>("[data-unlock]").search = new URLSearchParams({ next: location.pathname }).toString();
  const shelf = await Shelf.open();
  const id = location.pathname.slice(folder.length);
  if (id === "") {
    const all = await shelf.all(tenant);
    const [only] = all;
    if (all.length === 1 && only !== undefined) location.replace(folder + only.facts.id);
    else view.list(all, folder);
    return;
  }
  const clock = await PassClock.open(shelf);
  const turning = new Turning(part<SVGSVGElement>("[data-qr]"), clock, (iat) => view.drawn(iat), (now) => view.time(now));
  view.onChallenge((number) => turning.answer(number));
  await new PassPage(id, tenant, shelf, new Agent(folder), clock, view, turning).begin();
}

const { words: texts, folder } = document.body.dataset as { words: string; folder: string };
const view = new PassView(new Words(JSON.parse(texts) as Record<Language, Record<string, string>>));
begin(folder, view).catch((error: unknown) => {
  console.error(error);
  view.say("bad", "no_storage");
});
