// Preparing a scanner: a pack from the hub or a file, the organiser's trust in this device, and the post where it stands.
import type { Bytes } from "./bytes";
import { hex } from "./bytes";
import type { Post } from "./decide";
import { isKept } from "./device";
import { make, on, onSubmit, part } from "./dom";
import { Enrolment, type Enrolling } from "./enrol";
import { Malformed, Rejected } from "./errors";
import { type Hub, type HubEvent, HubRefused, HubSilent } from "./hub";
import type { Pack } from "./pack";
import type { PackShelf, Untrusted } from "./pack_shelf";
import { remembered, rememberEnrolled } from "./remembered";
import { buildEnrolment, type DeviceKey } from "./requests";
import { get, keep } from "./store";
import type { Words } from "./words";

// In the language of the moment; null takes it away.
export type Say = (kind: "good" | "bad" | "wait", text: (() => string) | null) => void;
const CLOCK_ERRORS = [0, 10, 30, 60, 120, 300];
const USUAL_CLOCK_ERROR = 10;
const LOOK_MS = 3000; // for a pack that names this device
const LOOKS_AN_ASK = 5; // less often than a hub lets one client ask

export class Setup {
  kept: boolean | null = null; // whether the browser promises to keep the journals; null while it was not asked
  private untrusted: Untrusted | null = null;
  private found: HubEvent[] = [];
  private readonly enrolment: Enrolment;
  private said: Enrolling = null;
  private looks = 0;
  private looking = false;

  constructor(
    private readonly database: IDBDatabase,
    private readonly device: DeviceKey,
    private readonly shelf: PackShelf,
    private readonly hub: Hub,
    private readonly words: Words,
    private readonly say: Say,
    private readonly start: (post: Post) => Promise<void>,
  ) {
    on("[data-look-for-events]", () => this.look());
    const file = part<HTMLInputElement>("#pack-file");
    file.addEventListener("change", () => void this.takeFile(file));
    on("[data-trust-yes]", () => this.trust());
    on("[data-trust-no]", () => {
      this.untrusted = null;
      this.write();
    });
    onSubmit("[data-enrol]", () => this.enrol());
    onSubmit("[data-post]", () => this.begin());
    this.enrolment = new Enrolment(database, hub, hex(device.name));
    setInterval(() => void this.lookOn(++this.looks % LOOKS_AN_ASK === 0), LOOK_MS);
  }

  async look(): Promise<void> {
    try {
      this.found = await this.hub.events();
    } catch {
      this.say("wait", () => this.words.t("pack.no_hub"));
      return;
    }
    if (this.found.length === 0) this.say("wait", () => this.words.t("pack.none_found"));
    this.write();
  }

  // A pack or a delta. Whether it was taken, or waits for a person.
  async take(data: Bytes, name = ""): Promise<void> {
    await this.attempt(async () => {
      if (name.endsWith(".tgdelta")) await this.shelf.takeDelta(data, now());
      else this.untrusted = await this.shelf.take(data, now());
    });
  }

  private async takeFile(input: HTMLInputElement): Promise<void> {
    const [file] = input.files ?? [];
    if (file !== undefined) await this.take(new Uint8Array(await file.arrayBuffer()), file.name);
    input.value = "";
  }

  private async choose(event: string): Promise<void> {
    await this.attempt(async () => {
      if (this.shelf.pack?.event === event) {
        if (!(await this.shelf.refresh(this.hub, now()))) this.say("good", () => this.words.t("pack.unchanged"));
      } else this.untrusted = await this.shelf.take(await this.hub.pack(event), now());
    });
  }

  private async attempt(act: () => Promise<void>): Promise<void> {
    this.say("good", null);
    try {
      await act();
    } catch (error) {
      if (error instanceof HubSilent || error instanceof HubRefused) this.say("wait", () => this.words.t("pack.no_hub"));
      else if (error instanceof Malformed) this.say("bad", () => this.words.t("pack.wrong.malformed"));
      else if (error instanceof Rejected) this.say("bad", () => this.words.t(`pack.wrong.${error.reason}`));
      else throw error;
    }
    this.write();
  }

  private async trust(): Promise<void> {
    if (this.untrusted !== null) await this.shelf.trust(this.untrusted);
    this.untrusted = null;
    this.write();
  }

  private async enrol(): Promise<void> {
    const pack = this.shelf.pack;
    if (pack === null) return;
    const code = part<HTMLInputElement>("#enrol-code").value.trim().toUpperCase();
    const name = part<HTMLInputElement>("#enrol-name").value.trim();
    let body: Bytes;
    try {
      body = await buildEnrolment(pack.event, code, name, this.device);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.say("bad", () => this.words.t("enrol.refused"));
      return;
    }
    this.said = null;
    await this.enrolment.begin(pack.event, body);
    this.sayEnrolment();
  }

  // Looks whether the organiser has an answer, and whether a pack names this device by now.
  private async lookOn(ask: boolean): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      await this.lookOnce(ask);
    } finally {
      this.looking = false;
    }
  }

  private async lookOnce(ask: boolean): Promise<void> {
    const pack = this.shelf.pack;
    if (pack === null || this.untrusted !== null || part("[data-view=prepare]").hidden) return;
    const named = () => this.shelf.pack?.gates.some((gate) => gate.id === hex(this.device.name)) ?? false;
    if (!named()) {
      if (ask) {
        await this.enrolment.ask(pack.event);
        this.sayEnrolment();
      }
      if (!this.enrolment.isOpen) return;
      await this.shelf.refresh(this.hub, now()).catch(() => false); // with the next look
      if (!named()) return;
    }
    if (!this.enrolment.isOpen) return;
    await this.enrolment.end(pack.event);
    this.said = null;
    this.say("good", () => this.words.t("enrol.done"));
    this.write();
  }

  private sayEnrolment(): void {
    const { state } = this.enrolment;
    if (state === this.said) return; // what was said is not read out again
    this.said = state;
    if (state !== null) this.say(state === "taken" ? "good" : this.enrolment.isOpen ? "wait" : "bad", () => this.words.t(`enrol.${state}`));
  }

  private async begin(): Promise<void> {
    const pack = this.shelf.pack;
    const gate = pack?.gates.find((one) => one.id === hex(this.device.name));
    if (pack === null || gate === undefined) return;
    if (this.enrolment.isOpen) await this.enrolment.end(pack.event); // the pack names it: nothing is waited for, nor said of it later
    const chosen = {
      entrance: Number(part<HTMLSelectElement>("#post-entrance").value),
      clockError: Number(part<HTMLSelectElement>("#post-clock").value),
      leaving: part<HTMLInputElement>("[name=direction][value=out]").checked,
    };
    await keep(this.database, "posts", pack.event, chosen);
    await this.start({ ...chosen, home: gate.home, lockedAt: null, rolledBack: this.shelf.rolledBack });
  }

  // What was chosen last time at this event, and the page as it has to look now.
  async show(): Promise<void> {
    this.kept ??= (await isKept(false)) || null;
    this.write();
    this.said = null;
    void this.lookOn(true);
    const event = this.shelf.pack?.event;
    const chosen = event === undefined ? undefined : await get<Pick<Post, "entrance" | "clockError" | "leaving">>(this.database, "posts", event);
    if (chosen === undefined) return;
    const entrance = part<HTMLSelectElement>("#post-entrance");
    entrance.value = String(chosen.entrance);
    if (entrance.selectedIndex < 0) entrance.selectedIndex = 0; // it stands there no more
    part<HTMLSelectElement>("#post-clock").value = String(chosen.clockError);
    part<HTMLInputElement>(`[name=direction][value=${chosen.leaving ? "out" : "in"}]`).checked = true;
  }

  write(): void {
    const { words, untrusted } = this;
    const pack = this.shelf.pack;
    const says = part("[data-pack-says]");
    says.textContent = pack === null ? words.t("pack.none") : words.t("pack.loaded", { event: words.named(pack.names), serial: pack.serial });
    part("[data-events]").replaceChildren(...this.found.map((one) => this.button(one)));
    part("[data-trust]").hidden = untrusted === null;
    part("[data-fingerprint]").textContent = untrusted?.fingerprint ?? "";
    part("[data-trust-event]").textContent = untrusted === null ? "" : words.named(untrusted.pack.names);
    const gate = pack?.gates.find((one) => one.id === hex(this.device.name));
    if (gate !== undefined) rememberEnrolled(gate.id);
    const lost = remembered()?.lost ?? null;
    part("[data-lost]").hidden = lost === null;
    part("[data-lost-says]").textContent = lost === null ? "" : words.t("lost_journal.text", { gate: lost });
    part("[data-storage]").textContent = this.kept === null ? "" : words.t(this.kept ? "post.kept" : "post.not_kept");
    part("[data-enrol]").hidden = pack === null || gate !== undefined || untrusted !== null;
    part("[data-post]").hidden = gate === undefined || untrusted !== null;
    part("[data-device]").textContent = words.t("enrol.device", { gate: hex(this.device.name) });
    if (pack !== null && gate !== undefined) this.offerPosts(pack, gate.entrances);
  }

  private button(one: HubEvent): HTMLElement {
    const button = make("button", this.words.named(one.names), { type: "button", class: "button second" });
    button.addEventListener("click", () => void this.choose(one.event));
    return button;
  }

  private offerPosts(pack: Pack, entrances: readonly number[]): void {
    const { words } = this;
    const entrance = part<HTMLSelectElement>("#post-entrance");
    const clock = part<HTMLSelectElement>("#post-clock");
    const [before, beforeClock] = [entrance.value, clock.value];
    entrance.replaceChildren(...entrances.map((number) => new Option(words.named(pack.entrances.get(number)?.names ?? { ja: "?", en: "?" }), String(number))));
    const errors = CLOCK_ERRORS.filter((seconds) => seconds <= pack.rules.clockError);
    clock.replaceChildren(...errors.map((seconds) => new Option(words.t("post.clock_choice", { seconds }), String(seconds))));
    if (before !== "") entrance.value = before;
    clock.value = beforeClock || String(Math.min(USUAL_CLOCK_ERROR, pack.rules.clockError));
    if (clock.selectedIndex < 0) clock.selectedIndex = clock.options.length - 1;
    if (entrance.selectedIndex < 0) entrance.selectedIndex = 0;
  }
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
