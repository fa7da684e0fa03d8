// What stands on the pass page, in both languages.
import { make, part } from "../gate/dom";
import { type Language, Words } from "../gate/words";
import type { Facts, Kept } from "./shelf";

const EVERY_S = 10;
const CLOCK_NOTE_MS = 5000;
const ZONE = "Asia/Tokyo";
type Tone = "info" | "wait" | "bad";

export class PassView {
  private readonly written = new Map<string, () => void>(); // what stands there, to be written in the other language
  private signedAt = 0;

  constructor(readonly words: Words) {
    words.apply();
    this.put("ticket", () => (document.title = part("[data-event]").textContent = words.t("title"))); // until there is one
    for (const button of document.querySelectorAll<HTMLElement>("[data-lang]")) {
      button.addEventListener("click", () => {
        words.choose(button.dataset["lang"] as Language);
        words.apply();
        for (const write of this.written.values()) write();
      });
    }
  }

  private put(what: string, write: () => void): void {
    this.written.set(what, write);
    write();
  }

  // What the ticket says. removable: something of it is in this browser.
  ticket(facts: Facts, removable: boolean): void {
    const { words } = this;
    part("[data-about]").hidden = !removable;
    this.put("ticket", () => {
      part("[data-event]").textContent = facts.event_name || words.t("title");
      document.title = facts.event_name || words.t("title");
      this.line("[data-zone]", facts.zone);
      this.line("[data-entrances]", facts.entrance === "" ? "" : words.t("entrances", { names: facts.entrance }));
      this.line("[data-when]", [this.span(facts.starts_at, facts.ends_at), facts.venue].filter((text) => text !== "").join(words.t("dot")));
    });
  }

  code(shown: boolean): void {
    part("[data-code]").hidden = !shown;
    part("[data-link]").hidden ||= !shown; // it says that the code works
    if (shown) part("[data-notice]").hidden = true;
  }

  // bindable: with the button that binds the pass to this phone.
  say(tone: Tone, key: string, code = "", bindable = false): void {
    const notice = part("[data-notice]");
    notice.className = `notice ${tone}`;
    notice.hidden = false;
    this.put("notice", () => {
      part("[data-notice-title]").textContent = this.words.t(`says.${key}.title`);
      part("[data-notice-text]").textContent = this.words.t(`says.${key}.text`) + (code === "" ? "" : ` (${code})`);
    });
    part("[data-bind]").hidden = !bindable;
    part("[data-unlock]").hidden = key !== "login_needed";
    part("[data-acts]").hidden = !bindable && key !== "login_needed";
  }

  empty(): void {
    part("[data-code]").hidden = true;
    part("[data-about]").hidden = true;
  }

  // how: whether the wallet answers. at: when it did last, in milliseconds.
  link(how: "linked" | "offline" | "locked" | "unsure", at: number): void {
    const line = part("[data-link]");
    line.className = `pass-link ${how}`;
    line.hidden = false;
    this.put("link", () => (line.textContent = this.words.t(`link.${how}`, { time: at === 0 ? this.words.t("never") : this.words.time(at) })));
  }

  clockNote(offset: number): void {
    const key = offset < 0 ? "clock.ahead" : "clock.behind";
    const text = () => (Math.abs(offset) < CLOCK_NOTE_MS ? "" : this.words.t(key, { span: this.words.span(Math.abs(offset) / 1000) }));
    this.put("clock", () => this.line("[data-clock]", text()));
  }

  drawn(iat: number): void {
    this.signedAt = iat;
    part("[data-qr]").dataset["iat"] = String(iat);
  }

  time(now: number): void {
    const time = part("[data-time]");
    const text = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit", timeZone: ZONE }).format(now);
    if (time.textContent !== text) time.textContent = text;
    const left = EVERY_S - (Math.floor(this.signedAt) % EVERY_S) - (now / 1000 - this.signedAt);
    part<HTMLProgressElement>("[data-turn]").value = Math.max(0, Math.min(EVERY_S, left));
  }

  onChallenge(act: (number: number | null) => void): void {
    const field = part<HTMLInputElement>("#challenge");
    field.addEventListener("input", () => {
      const digits = field.value.normalize("NFKC").replace(/[^0-9]/g, "").slice(0, 4);
      if (field.value !== digits) field.value = digits;
      act(digits === "" ? null : Number(digits));
    });
  }

  // The passes of this browser, to choose one.
  list(all: readonly Kept[], folder: string): void {
    const list = part("[data-list]");
    list.hidden = all.length === 0;
    part("[data-none]").hidden = all.length !== 0;
    const item = ({ facts: { event_name, zone, state, id } }: Kept) => {
      const over = state === "ended" || state === "stopped" ? this.words.t(`says.${state}.title`) : "";
      const name = [event_name || this.words.t("title"), zone, over].filter((text) => text !== "").join(" ");
      const made = document.createElement("li");
      made.append(make("a", name, { href: folder + id, class: "button second" }));
      return made;
    };
    this.put("list", () => list.replaceChildren(...all.map(item)));
  }

  private line(mark: string, text: string): void {
    const element = part(mark);
    element.textContent = text;
    element.hidden = text === "";
  }

  private span(from: string, until: string): string {
    const [begin, end] = [new Date(from), new Date(until)];
    if (Number.isNaN(begin.getTime())) return "";
    const format = new Intl.DateTimeFormat(this.words.language === "ja" ? "ja-JP" : "en-GB", { month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit", timeZone: ZONE });
    return Number.isNaN(end.getTime()) ? format.format(begin) : format.formatRange(begin, end);
  }
}
