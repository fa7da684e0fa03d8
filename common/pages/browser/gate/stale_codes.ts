// A stale code whose holder's clock runs as fast as ours: a phone that is wrong, or a recording. The same figures as verifier/gate/clock.py.
const AGREE_SECONDS = 11;
const LEAST_SECONDS = 5;
const MOST_TICKETS = 256;
const KEEP_SECONDS = 300;

interface Stale {
  issuedAt: number;
  seenAt: number;
}

export class StaleCodes {
  private readonly first = new Map<string, Stale>();

  // Whether this stale code runs on from an earlier one. Remembers it as the first where there was none.
  advances(cti: string, issuedAt: number, now: number): boolean {
    const first = this.first.get(cti);
    if (first === undefined || now - first.seenAt > KEEP_SECONDS || now < first.seenAt) {
      this.first.delete(cti);
      this.first.set(cti, { issuedAt, seenAt: now });
      if (this.first.size > MOST_TICKETS) this.first.delete([...this.first.keys()][0] as string);
      return false;
    }
    const holder = issuedAt - first.issuedAt;
    const gate = now - first.seenAt;
    return holder >= LEAST_SECONDS && gate >= LEAST_SECONDS && Math.abs(holder - gate) <= AGREE_SECONDS;
  }
}
