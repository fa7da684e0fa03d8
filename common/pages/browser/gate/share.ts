// Journals from device to device: by the hub, by a file, by an animated QR code.
import { encodeQR } from "qr";
import type { Bytes } from "./bytes";
import type { Desk } from "./desk";
import { on, part, saveFile } from "./dom";
import { Malformed } from "./errors";
import { buildExchange, type Exchange, MAX_BODY, parseExchange } from "./exchange";
import { FrameCollector, PART_BYTES, splitFrames } from "./frames";
import { Pending, splitExchange } from "./parts";
import type { Words } from "./words";

const EVERY_MS = 400; // two and a half swaps a second stay below what WCAG 2.3.1 calls flashing
const MAX_FILE = 1 << 28;
const MOST_HEADS = 8;
const BORDER = 4;
const PIXEL = 3;

export class Share {
  private readonly collector = new FrameCollector();
  private readonly pending = new Pending();
  private parts: Exchange[] = [];
  private part = 0;
  private timer = 0;
  private said: () => string = () => "";
  private told: () => string = () => "";

  constructor(
    private readonly words: Words,
    private readonly desk: () => Desk | null,
    private readonly takePack: (data: Bytes, name: string) => Promise<void>,
    private readonly changed: () => void,
  ) {
    on("[data-sync]", () => this.sync());
    on("[data-save]", () => this.save());
    on("[data-show-codes]", () => this.toggleCodes());
    on("[data-part-before]", () => this.show(this.part - 1));
    on("[data-part-next]", () => this.show(this.part + 1));
    const file = part<HTMLInputElement>("#journal-file");
    file.addEventListener("change", () => void this.load(file));
  }

  // A frame of another device's animated code. The words to show about it, in the language of the moment.
  async frame(text: string): Promise<() => string> {
    try {
      const found = await this.collector.add(text);
      if (found instanceof Uint8Array) this.said = await this.absorb(found, MAX_BODY);
      else if (found !== null) this.said = () => this.words.t("share.part", { ...found });
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.said = () => this.words.t("reason.malformed");
    }
    return this.said;
  }

  // Everything that this device knows, with a head of its own chain signed now.
  private async whole(): Promise<Exchange | null> {
    const desk = this.desk();
    if (desk === null) return null;
    await desk.journal.head(Date.now());
    return { event: desk.pack.event, journals: await desk.journal.everything(desk.pack.gates.map((gate) => gate.id)), known: null };
  }

  private async sync(): Promise<void> {
    const desk = this.desk();
    const done = desk !== null && (await desk.link.sync(desk.journal, desk.pack, Date.now()));
    this.say(() => this.words.t(done ? "share.synced" : "share.not_synced"));
    this.write();
    this.changed();
  }

  private async save(): Promise<void> {
    const made = await this.whole();
    if (made === null) return;
    const journals = made.journals.map(({ gate, entries, heads }) => ({ gate, entries, heads: heads.slice(-MOST_HEADS) }));
    saveFile(`${made.event}.tgjournal`, buildExchange({ ...made, journals }));
  }

  private async load(input: HTMLInputElement): Promise<void> {
    for (const file of input.files ?? []) {
      const data = new Uint8Array(await file.arrayBuffer());
      if (!file.name.endsWith(".tgjournal")) await this.takePack(data, file.name);
      else this.say(await this.absorb(data, MAX_FILE));
    }
    input.value = "";
    this.changed();
  }

  private async absorb(data: Bytes, most: number): Promise<() => string> {
    const desk = this.desk();
    if (desk === null) return () => "";
    try {
      const { count, left } = await desk.journal.absorb(this.pending.joined(parseExchange(data, most)), desk.pack.gates);
      const waiting = this.pending.hold(desk.pack.event, left);
      this.write();
      this.changed();
      return () => this.words.t("share.absorbed", { count }) + (waiting > 0 ? ` ${this.words.t("share.waiting", { count: waiting })}` : "");
    } catch (error) {
      if (error instanceof Malformed) return () => this.words.t("reason.malformed");
      throw error;
    }
  }

  private async toggleCodes(): Promise<void> {
    const made = part("[data-codes]").hidden ? await this.whole() : null;
    this.hide();
    if (made === null) return;
    this.parts = splitExchange(made, PART_BYTES);
    part("[data-codes]").hidden = false;
    part("[data-show-codes]").setAttribute("aria-expanded", "true");
    await this.show(0);
  }

  // One part of a long journal, round and round until a person goes on to the next.
  private async show(at: number): Promise<void> {
    const { parts } = this;
    const one = parts[at];
    if (one === undefined) return;
    this.part = at;
    const frames = await splitFrames(buildExchange(one));
    if (this.part !== at || this.parts !== parts) return; // somebody was quicker
    part("[data-parts]").hidden = parts.length === 1;
    this.write();
    part<HTMLButtonElement>("[data-part-before]").disabled = at === 0;
    part<HTMLButtonElement>("[data-part-next]").disabled = at === parts.length - 1;
    let frame = 0;
    const turn = () => {
      draw(part<HTMLCanvasElement>("[data-codes] canvas"), frames[frame] ?? "");
      part("[data-frame]").textContent = this.words.t("share.frame", { number: frame + 1, count: frames.length });
      frame = (frame + 1) % frames.length;
    };
    clearInterval(this.timer);
    turn();
    if (frames.length > 1) this.timer = window.setInterval(turn, EVERY_MS);
  }

  // How many tickets entered more than once, as far as is known here; and what was said last.
  write(): void {
    part("[data-share-says]").textContent = this.told();
    part("[data-part]").textContent = this.words.t("share.of_parts", { number: this.part + 1, count: this.parts.length });
    const desk = this.desk();
    const count = desk?.journal.ledger.conflicts(desk.pack.rules.reEntry).length ?? 0;
    part("[data-conflicts]").textContent = count === 0 ? "" : this.words.t("share.conflicts", { count });
  }

  hide(): void {
    clearInterval(this.timer);
    this.parts = [];
    part("[data-codes]").hidden = true;
    part("[data-show-codes]").setAttribute("aria-expanded", "false");
  }

  private say(text: () => string): void {
    this.told = text;
    this.write();
  }
}

export function draw(canvas: HTMLCanvasElement, text: string): void {
  const code = encodeQR(text, "raw", { ecc: "medium", border: BORDER });
  canvas.width = canvas.height = code.length * PIXEL;
  const pen = canvas.getContext("2d");
  if (pen === null) return;
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = "#000";
  code.forEach((row, y) => row.forEach((dark, x) => dark && pen.fillRect(x * PIXEL, y * PIXEL, PIXEL, PIXEL)));
}
