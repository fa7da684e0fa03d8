// A picture made easier to read: each pixel becomes the mean of itself and its neighbours, which takes noise and moiré away; then dark
// lines thinner than three pixels are closed, which is what cracks in a phone's glass are. The finder patterns stay.
const NINTH = 7282; // of 65536

export class Mender {
  private grey = new Uint8Array(0);
  private other = new Uint8Array(0);
  private sums = new Uint16Array(0);

  // In place.
  mend({ data, width, height }: ImageData): void {
    const pixels = new Uint32Array(data.buffer, data.byteOffset, width * height);
    if (this.grey.length !== pixels.length) {
      this.grey = new Uint8Array(pixels.length);
      this.other = new Uint8Array(pixels.length);
      this.sums = new Uint16Array(pixels.length);
    }
    const { grey, other, sums } = this;
    for (let at = 0; at < pixels.length; at++) {
      const pixel = pixels[at]!; // ABGR, as every browser's machine has it
      grey[at] = ((pixel & 255) * 77 + ((pixel >>> 8) & 255) * 150 + ((pixel >>> 16) & 255) * 29) >>> 8;
    }
    mean(grey, sums, width);
    most(grey, other, 1);
    most(other, grey, width);
    least(grey, other, 1);
    least(other, grey, width);
    for (let at = 0; at < pixels.length; at++) pixels[at] = 0xff000000 | (grey[at]! * 0x010101);
  }
}

// Of three by three. The outermost pixels stay: there is no code.
function mean(grey: Uint8Array, sums: Uint16Array, width: number): void {
  for (let at = 1; at < grey.length - 1; at++) sums[at] = grey[at - 1]! + grey[at]! + grey[at + 1]!;
  for (let at = width; at < grey.length - width; at++) grey[at] = ((sums[at - width]! + sums[at]! + sums[at + width]!) * NINTH) >>> 16;
}

// The lightest of a pixel and those a step before and behind it.
function most(from: Uint8Array, to: Uint8Array, step: number): void {
  for (let at = step; at < from.length - step; at++) {
    const before = from[at - step]!;
    const here = from[at]!;
    const behind = from[at + step]!;
    const lighter = before > here ? before : here;
    to[at] = lighter > behind ? lighter : behind;
  }
}

// The darkest.
function least(from: Uint8Array, to: Uint8Array, step: number): void {
  for (let at = step; at < from.length - step; at++) {
    const before = from[at - step]!;
    const here = from[at]!;
    const behind = from[at + step]!;
    const darker = before < here ? before : here;
    to[at] = darker < behind ? darker : behind;
  }
}
