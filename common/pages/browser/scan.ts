// Reads a QR code with the camera, or from a picture, puts its text into the form on the page and sends the form. Of several that belong
// together it waits for the last.
// Nothing leaves the browser before that. Without a camera, or without leave to use it, pasting the text stays possible.
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { Collector, type Progress } from "./collect";

const EVERY_MS = 120;
const SIDE = 720;
const FINE_SIDE = 1080;
const AT_ONCE = 4;

interface Parts {
  box: HTMLElement;
  video: HTMLVideoElement;
  start: HTMLButtonElement;
  stop: HTMLButtonElement;
  torch: HTMLButtonElement;
  cameras: HTMLSelectElement;
  says: HTMLElement;
  picture: HTMLInputElement | null;
  text: HTMLTextAreaElement;
  form: HTMLFormElement;
}

class Scanner {
  private stream: MediaStream | null = null;
  private timer = 0;
  private lit = false;
  private readonly canvas = document.createElement("canvas");
  private readonly collector = new Collector();
  private readonly side: number;

  constructor(private readonly parts: Parts) {
    this.side = parts.box.dataset["fine"] === undefined ? SIDE : FINE_SIDE;
    prepareZXingModule({ overrides: { locateFile: () => parts.box.dataset["wasm"] ?? "" } });
    parts.start.addEventListener("click", () => void this.begin());
    parts.stop.addEventListener("click", () => this.end());
    parts.torch.addEventListener("click", () => void this.light());
    parts.cameras.addEventListener("change", () => void this.begin(parts.cameras.value));
    parts.picture?.addEventListener("change", () => void this.readPicture());
    addEventListener("pagehide", () => this.end());
    if (!navigator.mediaDevices) {
      parts.start.hidden = true;
      this.say("unavailable");
    } else {
      parts.start.hidden = false;
    }
  }

  private say(key: string): void {
    this.parts.says.textContent = this.parts.box.dataset[key] ?? "";
  }

  private async begin(camera?: string): Promise<void> {
    this.end();
    const which: MediaTrackConstraints = camera ? { deviceId: { exact: camera } } : { facingMode: { ideal: "environment" } };
    try {
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...which, width: { ideal: this.side === SIDE ? 1280 : 1920 } } });
    } catch (error) {
      this.say(error instanceof DOMException && error.name === "NotAllowedError" ? "refused" : "unavailable");
      return;
    }
    const { video, box, start, stop } = this.parts;
    video.srcObject = this.stream;
    box.hidden = stop.hidden = false;
    start.hidden = true;
    await video.play();
    this.say("looking");
    await this.listCameras();
    const abilities = (this.stream.getVideoTracks()[0]?.getCapabilities?.() ?? {}) as MediaTrackCapabilities & { torch?: boolean };
    this.parts.torch.hidden = abilities.torch !== true;
    this.look();
  }

  private end(): void {
    clearTimeout(this.timer);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.lit = false;
    const { video, box, start, stop, torch, cameras } = this.parts;
    video.srcObject = null;
    box.hidden = stop.hidden = torch.hidden = true;
    cameras.parentElement?.toggleAttribute("hidden", true);
    start.hidden = !navigator.mediaDevices;
    this.say("off");
  }

  private async listCameras(): Promise<void> {
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
    const now = this.stream?.getVideoTracks()[0]?.getSettings().deviceId;
    const select = this.parts.cameras;
    select.replaceChildren(
      ...cameras.map((camera, index) => new Option(camera.label || `${index + 1}`, camera.deviceId, false, camera.deviceId === now)),
    );
    select.parentElement?.toggleAttribute("hidden", cameras.length < 2);
  }

  private async light(): Promise<void> {
    this.lit = !this.lit;
    const wanted = { advanced: [{ torch: this.lit } as MediaTrackConstraintSet] };
    await this.stream?.getVideoTracks()[0]?.applyConstraints(wanted).catch(() => undefined);
    this.parts.torch.setAttribute("aria-pressed", String(this.lit));
  }

  private look(): void {
    this.timer = window.setTimeout(() => {
      void this.lookOnce().then((found) => {
        if (!found && this.stream) this.look();
      });
    }, EVERY_MS);
  }

  private async lookOnce(): Promise<boolean> {
    const { video } = this.parts;
    const side = Math.min(video.videoWidth, video.videoHeight);
    if (side === 0) return false;
    const size = Math.min(side, this.side);
    this.canvas.width = this.canvas.height = size;
    const pen = this.canvas.getContext("2d", { willReadFrequently: true });
    if (pen === null) return false;
    pen.drawImage(video, (video.videoWidth - side) / 2, (video.videoHeight - side) / 2, side, side, 0, 0, size, size);
    return this.read(pen.getImageData(0, 0, size, size));
  }

  private async readPicture(): Promise<void> {
    const files = this.parts.picture?.files ?? [];
    let any = false;
    for (const file of files) {
      const codes = await this.codesIn(file);
      any ||= codes.length > 0;
      if (this.take(codes)) return;
    }
    if (!any) this.say("nothing");
  }

  private async read(image: ImageData): Promise<boolean> {
    return this.take(await this.codesIn(image));
  }

  private async codesIn(image: ImageData | Blob): Promise<string[]> {
    const found = await readBarcodes(image, { formats: ["QRCode"], tryHarder: image instanceof Blob, maxNumberOfSymbols: AT_ONCE });
    return found.map((one) => one.text).filter((text) => text !== "");
  }

  // Whether what was read is whole: then it is sent.
  private take(codes: string[]): boolean {
    for (const code of codes) {
      const whole = this.collector.add(code);
      if (typeof whole !== "string") {
        this.tell(whole);
        continue;
      }
      this.end();
      this.say("found");
      navigator.vibrate?.(60);
      this.parts.text.value = whole;
      this.parts.form.requestSubmit();
      return true;
    }
    return false;
  }

  private tell({ read, count }: Progress): void {
    const text = (this.parts.box.dataset["part"] ?? "").replace("{read}", String(read)).replace("{count}", String(count));
    if (this.parts.says.textContent === text) return;
    this.parts.says.textContent = text;
    navigator.vibrate?.(30);
  }
}

function part<T extends Element>(root: ParentNode, selector: string): T {
  const element = root.querySelector<T>(selector);
  if (element === null) throw new Error(`the page has no ${selector}`);
  return element;
}

const scanner = document.querySelector<HTMLElement>("[data-scan]");
if (scanner !== null) {
  scanner.hidden = false;
  const form = part<HTMLFormElement>(document, "form[data-scan-form]");
  new Scanner({
    box: part(scanner, ".scanner"),
    video: part(scanner, "video"),
    start: part(scanner, "[data-scan-start]"),
    stop: part(scanner, "[data-scan-stop]"),
    torch: part(scanner, "[data-scan-torch]"),
    cameras: part(scanner, "select"),
    says: part(scanner, "[data-scan-says]"),
    picture: scanner.querySelector<HTMLInputElement>("input[type=file]"),
    text: part(form, "textarea"),
    form,
  });
}
