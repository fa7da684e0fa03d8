// The time by which codes are signed: this device's clock, put right by what the wallet agent's said at the last visit.
import type { Agent } from "./agent";
import type { Shelf } from "./shelf";

const SLOWEST_MS = 4000; // an answer that took longer says too little about the moment that it was given
const HALF_A_SECOND = 500; // the agent tells whole seconds: on the average this much has passed

export class PassClock {
  private constructor(
    private readonly shelf: Shelf,
    public offset: number,
  ) {}

  static async open(shelf: Shelf): Promise<PassClock> {
    return new PassClock(shelf, await shelf.offset());
  }

  now(): number {
    return Date.now() + this.offset;
  }

  seconds(): number {
    return Math.floor(this.now() / 1000);
  }

  async correct(agent: Agent): Promise<void> {
    const asked = Date.now();
    const told = await agent.clock();
    const answered = Date.now();
    if (answered - asked > SLOWEST_MS || answered < asked) return;
    this.offset = told * 1000 + HALF_A_SECOND - (asked + answered) / 2;
    await this.shelf.keepOffset(this.offset);
  }
}
