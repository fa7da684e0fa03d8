// The code that turns: a new proof every ten seconds, signed here, whether there is a network or not; and the screen that stays awake for it.
import { Awake } from "../gate/awake";
import { buildProof, textOfPass } from "../gate/pass_build";
import type { PassClock } from "./clock";
import { drawQr } from "./qr";
import type { Kept } from "./shelf";

const EVERY_S = 10;
const LOOK_MS = 250;

export class Turning {
  private timer = 0;
  private turn = -1;
  private busy = false;
  private shown: Kept["token"] = null;
  private challenge: number | null = null;
  private readonly awake = new Awake();
  onBroken: () => void = () => undefined; // the key signs no more

  // drawn: told after each new code, with the second that it was signed at. looked: told four times a second, with the time of now.
  constructor(
    private readonly box: SVGSVGElement,
    private readonly clock: PassClock,
    private readonly drawn: (iat: number) => void,
    private readonly looked: (now: number) => void,
  ) {}

  show(kept: Kept): void {
    const { token } = kept;
    if (this.timer !== 0 && token === this.shown) return; // it turns already
    this.end();
    this.turn = -1;
    this.shown = token;
    if (token === null) return;
    const look = () => {
      const now = this.clock.now();
      this.looked(now);
      void this.draw(kept, token, Math.floor(now / 1000));
    };
    this.timer = window.setInterval(look, LOOK_MS);
    look();
    this.awake.begin();
  }

  end(): void {
    clearInterval(this.timer);
    this.timer = 0;
    this.awake.end();
  }

  // The short number of an entrance that asks for it; null for none.
  answer(challenge: number | null): void {
    if (challenge === this.challenge) return;
    this.challenge = challenge;
    this.turn = -1;
  }

  private async draw(kept: Kept, token: NonNullable<Kept["token"]>, iat: number): Promise<void> {
    const turn = Math.floor(iat / EVERY_S);
    if (turn === this.turn || this.busy || document.hidden) return;
    this.busy = true;
    this.turn = turn;
    try {
      const { challenge } = this;
      const proof = await buildProof(token, { event: kept.facts.event, iat, challenge, key: kept.pair.privateKey });
      if (this.timer === 0) return;
      drawQr(this.box, textOfPass(proof));
      this.drawn(iat);
    } catch (error) {
      console.error(error);
      this.end();
      this.onBroken();
    } finally {
      this.busy = false;
    }
  }
}
