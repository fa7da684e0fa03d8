// The verdict, so that nobody can mistake it: shape, colour, a word, a sentence, a sound and a tremor all say the same.
import type { Pack } from "./pack";
import type { Outcome } from "./desk";
import { part } from "./dom";
import { sound } from "../sound";
import type { Words } from "./words";

export type Answer = "passed" | "failed" | "undetermined";

const TREMORS: Record<Answer, number[]> = { passed: [80], failed: [250, 80, 250], undetermined: [120, 60, 120] };

export interface Shown {
  answer: Answer;
  word: string; // keys of texts, so that a change of language changes them too
  sentence: string;
  outcome: Outcome | null;
}

// What is headed by a word of its own, more exact than the reason.
const HEADINGS: Readonly<Record<string, string>> = {
  left: "left",
  left_unheard: "left",
  not_inside: "reason.not_inside",
  challenge_unanswered: "reason.challenge_unanswered",
};

const TICKET_NUMBER = /^[0-9A-Z]{4}(-[0-9A-Z]{4}){2}$/i; // what is printed on a ticket; somebody may take it for the code

export function shownOf(outcome: Outcome, text: string): Shown {
  const answer = outcome.reason === "admitted" ? "passed" : outcome.asksDocument ? "undetermined" : "failed";
  const word = HEADINGS[outcome.word] ?? `reason.${outcome.reason}`;
  const sentence = TICKET_NUMBER.test(text.trim()) ? "sentence.ticket_number" : `sentence.${outcome.word}`;
  return { answer, word, sentence, outcome };
}

export class VerdictView {
  private shown: Shown | null = null;
  quiet = false;

  constructor(
    private readonly words: Words,
    private readonly pack: () => Pack | null,
  ) {}

  get isGreen(): boolean {
    return this.shown?.answer === "passed";
  }

  show(shown: Shown): void {
    this.shown = shown;
    this.write();
    // What is seen comes first: a sound takes the browser some milliseconds to prepare.
    setTimeout(() => {
      if (!this.quiet) sound(shown.answer);
      navigator.vibrate?.(TREMORS[shown.answer]);
    });
  }

  clear(): void {
    this.shown = null;
    this.write();
  }

  // Once more in the language that is chosen now.
  write(): void {
    const { shown, words } = this;
    const box = part("[data-verdict]");
    box.hidden = shown === null;
    if (shown === null) return;
    box.className = `gate-verdict ${shown.answer}`;
    for (const shape of document.querySelectorAll<SVGElement>("[data-shape]")) shape.toggleAttribute("hidden", shape.dataset["shape"] !== shown.answer);
    part("[data-word]").textContent = words.t(shown.word);
    part("[data-sentence]").textContent = shown.answer === "passed" || !words.has(shown.sentence) ? this.className(shown.outcome) : words.t(shown.sentence);
    part("[data-more]").textContent = this.more(shown);
  }

  private className(outcome: Outcome | null): string {
    const klass = this.pack()?.classes.get(outcome?.read?.klass ?? -1);
    return klass === undefined ? "" : this.words.named(klass.names);
  }

  // Where and when it entered before; who can mend it; that no hub vouched for it.
  private more({ answer, outcome, sentence }: Shown): string {
    const { words } = this;
    if (outcome === null) return "";
    const lines: string[] = [];
    if (outcome.reason === "already_admitted" && outcome.earlier !== null) {
      const { gate, entrance, time } = outcome.earlier;
      const pack = this.pack();
      const at = pack?.entrances.get(entrance);
      const device = pack?.gates.find((one) => one.id === gate);
      lines.push(
        words.t("earlier", { when: words.time(time), where: at === undefined ? words.t("unnamed") : words.named(at.names), gate: device?.name ?? gate.slice(0, 4) }),
      );
    }
    const mender = sentence.replace("sentence.", "mends.");
    if (answer === "failed" && words.has(mender)) lines.push(words.t(mender));
    if (outcome.word === "left_unheard") lines.push(words.t(sentence));
    if (answer === "passed" && !outcome.linked) lines.push(words.t("alone"));
    return lines.join(" ");
  }
}
