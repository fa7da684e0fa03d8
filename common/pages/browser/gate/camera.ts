// The camera: its frames, one after the other, as texts of the QR codes in them. Nothing leaves the device.
import { CodeReader } from "./code_reader";

const REMEMBERED = "gate-camera";
const REST_MS = 15; // between two looks, so that the page stays touchable

// How long a frame took to become a text, milliseconds.
export type OnCode = (text: string, lookedFrom: number) => void | Promise<void>;

export class Camera {
  private stream: MediaStream | null = null;
  isLit = false;
  private readonly reader: CodeReader;

  constructor(
    private readonly video: HTMLVideoElement,
    wasm: string,
    private readonly onCode: OnCode,
    private readonly onEnd: () => void, // the device or its system took it away
  ) {
    this.reader = new CodeReader(wasm);
    addEventListener("pagehide", () => this.stop());
  }

  get running(): boolean {
    return this.stream !== null;
  }

  // The one that was chosen last; else the one that looks away from the steward. Throws a DOMException where there is none, or no leave to
  // use it.
  async start(camera?: string): Promise<void> {
    this.stop();
    if (camera !== undefined) localStorage.setItem(REMEMBERED, camera);
    const stream = await opened(localStorage.getItem(REMEMBERED));
    this.stop(); // another start was quicker
    this.stream = stream;
    for (const track of stream.getTracks()) track.addEventListener("ended", () => this.stream === stream && this.end());
    this.video.srcObject = stream;
    await this.video.play();
    void this.lookOn(stream);
  }

  private end(): void {
    this.stop();
    this.onEnd();
  }

  stop(): void {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
    this.isLit = false;
    this.video.srcObject = null;
  }

  get hasTorch(): boolean {
    const abilities = (this.stream?.getVideoTracks()[0]?.getCapabilities?.() ?? {}) as MediaTrackCapabilities & { torch?: boolean };
    return abilities.torch === true;
  }

  async toggleTorch(): Promise<void> {
    const { stream } = this;
    const torch = !this.isLit;
    try {
      await stream?.getVideoTracks()[0]?.applyConstraints({ advanced: [{ torch } as MediaTrackConstraintSet] });
    } catch {
      return; // it stays as it is
    }
    if (this.stream === stream) this.isLit = torch;
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

// wanted: a camera's identifier, which may be gone, or have changed.
async function opened(wanted: string | null): Promise<MediaStream> {
  const open = (which: MediaTrackConstraints) =>
    navigator.mediaDevices.getUserMedia({ audio: false, video: { ...which, width: { ideal: 1280 }, height: { ideal: 720 } } });
  if (wanted !== null) {
    try {
      return await open({ deviceId: { exact: wanted } });
    } catch (error) {
      if (!(error instanceof DOMException) || (error.name !== "OverconstrainedError" && error.name !== "NotFoundError")) throw error;
      localStorage.removeItem(REMEMBERED);
    }
  }
  return open({ facingMode: { ideal: "environment" } });
}
