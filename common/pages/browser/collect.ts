// Codes that say something together only: kept until all of them were seen. The page's server puts them together, and checks them.
const FRAME = /^TEGATA:(\d{1,2})\/(\d{1,2})\/([0-9A-F]{8}):/;

export interface Progress {
  read: number;
  count: number;
}

export class Collector {
  private readonly texts = new Map<number, string>();
  private showing = "";

  // Whether this code is one of several; then how far they are, or all of them as lines. Codes of a newer showing start anew.
  add(text: string): Progress | string {
    const [, number, count, check] = FRAME.exec(text) ?? [];
    if (number === undefined) return text;
    if (`${count}/${check}` !== this.showing) {
      this.texts.clear();
      this.showing = `${count}/${check}`;
    }
    this.texts.set(Number(number), text);
    const progress = { read: this.texts.size, count: Number(count) };
    return progress.read < progress.count ? progress : [...this.texts.values()].join("\n");
  }
}
