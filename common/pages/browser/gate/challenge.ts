// The short number of a challenge entrance: shown here, put into the code by the holder's page. The same rules as verifier/gate/challenge.py.
import { type Bytes, same } from "./bytes";
import { nonceOf } from "./pass_build";

export const LOOK_SECONDS = 180; // how long a person may take to look at a document
const LEAST = 100;
const COUNT = 900;

interface Shown {
  number: number;
  openedAt: number;
  until: number;
}

export class Challenges {
  private shownOnes: Shown[] = [];

  constructor(private readonly seconds: number) {}

  // The number to be shown now; a new one where the last is over or the clock went back.
  shown(now: number): Shown {
    const last = this.shownOnes.at(-1);
    if (last !== undefined && last.openedAt <= now && now < last.until) return last;
    let number = drawn();
    while (this.shownOnes.some((one) => one.number === number)) number = drawn();
    const each = Math.max(1, this.seconds);
    const fresh = { number, openedAt: now, until: now + each };
    this.shownOnes = [...this.shownOnes.slice(-(1 + Math.floor(LOOK_SECONDS / each))), fresh];
    return fresh;
  }

  // Whether the nonce is the number shown now, or the one before it, for as long again. now: when the code was read.
  answered(nonce: Bytes | null, now: number): boolean {
    if (nonce === null) return false;
    return this.shownOnes.some(
      (one) => same(nonce, nonceOf(one.number)) && one.openedAt <= now && now < one.until + Math.max(1, this.seconds),
    );
  }
}

// Evenly: what a modulus would favour is drawn again.
function drawn(): number {
  const [random] = crypto.getRandomValues(new Uint32Array(1));
  if (random === undefined || random >= 2 ** 32 - (2 ** 32 % COUNT)) return drawn();
  return LEAST + (random % COUNT);
}
