// Journals from device to device: by the hub, by a file, by an animated QR code.
import { encodeQR } from "qr";
import type { Bytes } from "./bytes";
import type { Desk } from "./desk";
import { on, part, saveFile } from "./dom";
import { Malformed } from "./errors";
import { buildExchange, MAX_BODY, parseExchange } from "./exchange";
import { FrameCollector, splitFrames } from "./frames";
import type { Words } from "./words";

const EVERY_MS = 400; // two and a half swaps a second stay below what WCAG 2.3.1 calls flashing
const MAX_FILE = 1 << 28;
const BORDER = 4;
const PIXEL = 3;

export class Share {
  private readonly collector = new FrameCollector();
  private timer = 0;
  private said = "";

  constructor(
    private readonly words: Words,
    private readonly desk: () => Desk | null,
    private readonly takePack: (data: Bytes, name: string) => Promise<void>,
    private readonly changed: () => void,
  ) {
    on("[data-sync]", () => this.sync());
    on("[data-save]", () => this.save());
    on("[data-show-codes]", () => this.toggleCodes());
    const file = part<HTMLInputElement>("#journal-file");
    file.addEventListener("change", () => void this.load(file));
  }

  // A frame of another device's animated code. The words to show about it.
  async frame(text: string): Promise<string> {
    try {
      const found = await this.collector.add(text);
      if (found instanceof Uint8Array) this.said = await this.absorb(found, MAX_BODY);
      else if (found !== null) this.said = this.words.t("share.part", { ...found });
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.said = this.words.t("reason.malformed");
    }
    return this.said;
  }

  // Everything that this device knows, with a head of its own chain signed now.
  private async whole(): Promise<{ event: string; data: Bytes } | null> {
    const desk = this.desk();
    if (desk === null) return null;
    await desk.journal.head(Date.now());
    const journals = await desk.journal.lacking(desk.pack.gates.map((gate) => gate.id), new Map());
    return { event: desk.pack.event, data: buildExchange({ event: desk.pack.event, journals, known: null }) };
  }

  private async sync(): Promise<void> {
    const desk = this.desk();
    const done = desk !== null && (await desk.link.sync(desk.journal, desk.pack, Date.now()));
    this.say(this.words.t(done ? "share.synced" : "share.not_synced"));
    this.write();
    this.changed();
  }

  private async save(): Promise<void> {
    const made = await this.whole();
    if (made !== null) saveFile(`${made.event}.tgjournal`, made.data);
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

  private async absorb(data: Bytes, most: number): Promise<string> {
    const desk = this.desk();
    if (desk === null) return "";
    try {
      const count = await desk.journal.absorb(parseExchange(data, most), desk.pack.gates);
      this.write();
      this.changed();
      return this.words.t("share.absorbed", { count });
    } catch (error) {
      if (error instanceof Malformed) return this.words.t("reason.malformed");
      throw error;
    }
  }

  private async toggleCodes(): Promise<void> {
    const figure = part("[data-codes]");
    const made = figure.hidden ? await this.whole() : null;
    this.hide();
    if (made === null) return;
    let frames: string[];
    try {
      frames = await splitFrames(made.data);
    } catch {
      this.say(this.words.t("share.too_much"));
      return;
    }
    figure.hidden = false;
    part("[data-show-codes]").setAttribute("aria-expanded", "true");
    let at = 0;
    const turn = () => {
      draw(part<HTMLCanvasElement>("canvas", figure), frames[at] ?? "");
      part("[data-frame]").textContent = this.words.t("share.frame", { number: at + 1, count: frames.length });
      at = (at + 1) % frames.length;
    };
    turn();
    if (frames.length > 1) this.timer = window.setInterval(turn, EVERY_MS);
  }

  // How many tickets entered more than once, as far as is known here.
  write(): void {
    const desk = this.desk();
    const count = desk?.journal.ledger.conflicts(desk.pack.rules.reEntry).length ?? 0;
    part("[data-conflicts]").textContent = count === 0 ? "" : this.words.t("share.conflicts", { count });
  }

  hide(): void {
    clearInterval(this.timer);
    part("[data-codes]").hidden = true;
    part("[data-show-codes]").setAttribute("aria-expanded", "false");
  }

  private say(text: string): void {
    part("[data-share-says]").textContent = text;
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
