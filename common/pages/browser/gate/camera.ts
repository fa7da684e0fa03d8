// The camera: its frames, one after the other, as texts of the QR codes in them. Nothing leaves the device.
import { CodeReader } from "./code_reader";

const REST_MS = 15; // between two looks, so that the page stays touchable

// How long a frame took to become a text, milliseconds.
export type OnCode = (text: string, lookedFrom: number) => void | Promise<void>;

export class Camera {
  private stream: MediaStream | null = null;
  private lit = false;
  private readonly reader: CodeReader;

  constructor(
    private readonly video: HTMLVideoElement,
    wasm: string,
    private readonly onCode: OnCode,
  ) {
    this.reader = new CodeReader(wasm);
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
      const text = await this.reader.read(this.video, this.video.videoWidth, this.video.videoHeight);
      if (this.stream !== stream) return;
      if (text !== null) await this.onCode(text, from);
      await new Promise((rested) => setTimeout(rested, REST_MS));
    }
  }
}
