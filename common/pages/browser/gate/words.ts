// The page's texts in both languages, which came with it: the language changes with no network.
import type { Names } from "./pack";

export type Language = "ja" | "en";
type Texts = Record<string, string>;
const MINUTES = { hour: "2-digit", minute: "2-digit" } as const;
const CLOCKS = { ja: new Intl.DateTimeFormat("ja-JP", MINUTES), en: new Intl.DateTimeFormat("en-GB", MINUTES) }; // made once: five milliseconds each
const REMEMBERED = "gate-language";

export class Words {
  language: Language;

  constructor(private readonly all: Record<Language, Texts>) {
    const remembered = localStorage.getItem(REMEMBERED);
    this.language = remembered === "ja" || remembered === "en" ? remembered : document.documentElement.lang === "en" ? "en" : "ja";
  }

  choose(language: Language): void {
    this.language = language;
    localStorage.setItem(REMEMBERED, language);
  }

  t(key: string, values: Record<string, string | number> = {}): string {
    return (this.all[this.language][key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  }

  has(key: string): boolean {
    return key in this.all[this.language];
  }

  named(names: Names): string {
    return names[this.language];
  }

  // Hours and minutes by this device's clock; milliseconds.
  time(milliseconds: number): string {
    return CLOCKS[this.language].format(milliseconds);
  }

  span(seconds: number): string {
    if (seconds < 60) return this.t("span.seconds", { n: Math.max(0, Math.floor(seconds)) });
    return seconds < 7200 ? this.t("span.minutes", { n: Math.floor(seconds / 60) }) : this.t("span.hours", { n: Math.floor(seconds / 3600) });
  }

  // Writes all standing texts of the page.
  apply(): void {
    document.documentElement.lang = this.language;
    for (const element of document.querySelectorAll<HTMLElement>("[data-t]")) element.textContent = this.t(element.dataset["t"] ?? "");
    for (const element of document.querySelectorAll<HTMLElement>("[data-t-label]")) element.setAttribute("aria-label", this.t(element.dataset["tLabel"] ?? ""));
    for (const button of document.querySelectorAll<HTMLElement>("[data-lang]")) button.setAttribute("aria-pressed", String(button.dataset["lang"] === this.language));
  }
}
