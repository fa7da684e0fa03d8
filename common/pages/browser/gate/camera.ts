// The camera: its frames, one after the other, as texts of the QR codes in them. Nothing leaves the device.
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

const SIDE = 720;
const REST_MS = 15; // between two looks, so that the page stays touchable
const READING = { formats: ["QRCode" as const], tryInvert: false, tryDenoise: false, tryDownscale: true, maxNumberOfSymbols: 1 };
// A fast look and a thorough one take turns until something is found: cracked and tilted screens need the second.

// How long a frame took to become a text, milliseconds.
export type OnCode = (text: string, lookedFrom: number) => void | Promise<void>;

export class Camera {
  private stream: MediaStream | null = null;
  private lit = false;
  private thorough = false;
  private readonly canvas = document.createElement("canvas");

  constructor(
    private readonly video: HTMLVideoElement,
    wasm: string,
    private readonly onCode: OnCode,
  ) {
    prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
    addEventListener("pagehide", () => this.stop());
  }

  get running(): boolean {
    return this.stream !== null;
  }

  // Throws a DOMException where there is none, or no leave to use it.
  async start(camera?: string): Promise<void> {
    this.stop();
    const which: MediaTrackConstraints = camera ? { deviceId: { exact: camera } } : { facingMode: { ideal: "environment" } };
    const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...which, width: { ideal: 1280 }, height: { ideal: 720 } } });
    this.stream = stream;
    this.video.srcObject = stream;
    await this.video.play();
    void navigator.wakeLock?.request("screen").catch(() => undefined); // ends with the page's being seen
    void this.lookOn(stream);
  }

  stop(): void {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.lit = false;
    this.video.srcObject = null;
  }

  get hasTorch(): boolean {
    const abilities = (this.stream?.getVideoTracks()[0]?.getCapabilities?.() ?? {}) as MediaTrackCapabilities & { torch?: boolean };
    return abilities.torch === true;
  }

  async toggleTorch(): Promise<boolean> {
    this.lit = !this.lit;
    const wanted = { advanced: [{ torch: this.lit } as MediaTrackConstraintSet] };
    await this.stream?.getVideoTracks()[0]?.applyConstraints(wanted).catch(() => undefined);
    return this.lit;
  }

  async list(): Promise<{ id: string; label: string; current: boolean }[]> {
    const now = this.stream?.getVideoTracks()[0]?.getSettings().deviceId;
    const all = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
    return all.map((device, at) => ({ id: device.deviceId, label: device.label || String(at + 1), current: device.deviceId === now }));
  }

  private async lookOn(stream: MediaStream): Promise<void> {
    while (this.stream === stream) {
      const from = performance.now();
      const text = await this.look();
      if (this.stream !== stream) return;
      if (text !== null) await this.onCode(text, from);
      await new Promise((rested) => setTimeout(rested, REST_MS));
    }
  }

  private async look(): Promise<string | null> {
    const { videoWidth: width, videoHeight: height } = this.video;
    const side = Math.min(width, height);
    const pen = this.canvas.getContext("2d", { willReadFrequently: true });
    if (side === 0 || pen === null) return null;
    const size = Math.min(side, SIDE);
    if (this.canvas.width !== size) this.canvas.width = this.canvas.height = size;
    pen.drawImage(this.video, (width - side) / 2, (height - side) / 2, side, side, 0, 0, size, size);
    const [found] = await readBarcodes(pen.getImageData(0, 0, size, size), { ...READING, tryHarder: this.thorough });
    this.thorough = found === undefined && !this.thorough;
    return found?.text || null;
  }
}
