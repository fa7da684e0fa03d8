// An exchange as an animated QR code: several codes that take turns, read in any order, with loss, until all were seen.
//   TGX:number/count/check:piece      piece: of the base45 text of the whole; check: first eight hexadecimal digits of its SHA-256
import { decodeBase45, encodeBase45 } from "./base45";
import { type Bytes, hex, sha256 } from "./bytes";
import { Malformed } from "./errors";

export const MAX_PIECE = 900;
export const MAX_COUNT = 400;
export const PART_BYTES = (200 * MAX_PIECE * 2) / 3; // what goes round at a time: 200 frames, which come again after 80 seconds
const MOST_SHOWINGS = 4;
const FRAME = /^TGX:([1-9][0-9]{0,2})\/([1-9][0-9]{0,2})\/([0-9A-F]{8}):([0-9A-Z $%*+\-./:]{1,900})$/;

export function isFrame(text: string): boolean {
  return text.startsWith("TGX:");
}

export async function splitFrames(data: Bytes): Promise<string[]> {
  const text = encodeBase45(data);
  const count = Math.max(1, Math.ceil(text.length / MAX_PIECE));
  if (count > MAX_COUNT) throw new Malformed("frames: too much for one animated code");
  const check = await checkOf(data);
  return Array.from({ length: count }, (_, at) => `TGX:${at + 1}/${count}/${check}:${text.slice(at * MAX_PIECE, (at + 1) * MAX_PIECE)}`);
}

export interface Progress {
  read: number;
  count: number;
}

export class FrameCollector {
  private readonly showings = new Map<string, Map<number, string>>();
  private finished = "";

  // The whole once the last frame of a showing was seen; before that, how far it is; null while a finished one goes on turning. Throws Malformed for a text that is no frame, or where
  // the frames do not belong together: then that showing starts anew.
  async add(text: string): Promise<Bytes | Progress | null> {
    const [, number, total, check, piece] = FRAME.exec(text) ?? [];
    const count = Number(total);
    if (number === undefined || piece === undefined || Number(number) > count || count > MAX_COUNT) throw new Malformed("frames: not one of several");
    const showing = `${count}/${check}`;
    if (showing === this.finished) return null;
    const pieces = this.showings.get(showing) ?? new Map<number, string>();
    this.showings.delete(showing); // the latest stands last
    this.showings.set(showing, pieces);
    for (const old of [...this.showings.keys()].slice(0, -MOST_SHOWINGS)) this.showings.delete(old);
    pieces.set(Number(number), piece);
    if (pieces.size < count) return { read: pieces.size, count };
    this.showings.delete(showing);
    const whole = decodeBase45(Array.from({ length: count }, (_, at) => pieces.get(at + 1)).join(""));
    if ((await checkOf(whole)) !== check) throw new Malformed("frames: these do not belong together");
    this.finished = showing;
    return whole;
  }
}

async function checkOf(data: Bytes): Promise<string> {
  return hex((await sha256(data)).subarray(0, 4)).toUpperCase();
}
