// From a picture to the text of the QR code in its middle. A plain look and a mended one take turns until something is found: the second
// is for noise, for moiré and for cracks in the glass.
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { Mender } from "./mend";

export const LOOKS = 2; // so many at a picture that stands still, and all that can be seen in it was seen
const SIDE = 720;
const READING = { formats: ["QRCode" as const], tryHarder: false, tryInvert: false, maxNumberOfSymbols: 1 };

export class CodeReader {
  private readonly canvas = document.createElement("canvas");
  private readonly mender = new Mender();
  private mended = false;

  constructor(wasm: string) {
    prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  }

  async read(picture: CanvasImageSource, width: number, height: number): Promise<string | null> {
    const side = Math.min(width, height);
    const pen = this.canvas.getContext("2d", { willReadFrequently: true });
    if (side === 0 || pen === null) return null;
    const size = Math.min(side, SIDE);
    if (this.canvas.width !== size) this.canvas.width = this.canvas.height = size;
    pen.drawImage(picture, (width - side) / 2, (height - side) / 2, side, side, 0, 0, size, size);
    const seen = pen.getImageData(0, 0, size, size);
    if (this.mended) this.mender.mend(seen);
    const [found] = await readBarcodes(seen, READING);
    this.mended = found === undefined && !this.mended;
    return found?.text || null;
  }
}
