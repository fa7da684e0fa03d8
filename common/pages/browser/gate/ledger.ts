// What all journals together say: a set of entries that only grows, so the order in which they come does not matter, nor how often.
import type { Earlier } from "./decide";
import { KIND } from "./journal_entry";
import { type Noted, placeOf, type Presence, presenceOf, standing, timeAfter } from "./presence";

const ALL = "";

export interface Counts {
  in: number;
  out: number;
}

export class Ledger {
  private readonly tallies = new Map<string, Counts>();
  private readonly byTicket = new Map<string, Noted[]>();
  private readonly byPlace = new Map<string, Noted[]>(); // gate and sequence: more than one there is a fork
  private readonly highest = new Map<string, number>();

  // Whether it was new.
  add(entry: Noted): boolean {
    const there = this.byPlace.get(placeOf(entry));
    if (there === undefined) this.byPlace.set(placeOf(entry), [entry]);
    else if (there.some((one) => one.hash === entry.hash)) return false;
    else there.push(entry);
    this.highest.set(entry.gate, Math.max(entry.sequence, this.highest.get(entry.gate) ?? 0));
    if (entry.cti !== null) {
      const about = this.byTicket.get(entry.cti) ?? [];
      this.byTicket.set(entry.cti, about);
      this.tally(about, -1);
      about.push(entry);
      this.tally(about, 1);
    }
    return true;
  }

  presence(cti: string, reEntry: boolean): Presence {
    return presenceOf(this.byTicket.get(cti) ?? [], reEntry);
  }

  timeAfter(cti: string, now: number): number {
    return timeAfter(this.byTicket.get(cti) ?? [], now);
  }

  // The entry by which a ticket is inside, null where it may enter.
  inside(cti: string, reEntry: boolean): Earlier | null {
    const { inside } = this.presence(cti, reEntry);
    return inside && { gate: inside.gate, sequence: inside.sequence, entrance: inside.entrance, time: inside.time };
  }

  isUndone(entry: Noted): boolean {
    return entry.cti === null || !standing(this.byTicket.get(entry.cti) ?? []).includes(entry);
  }

  // Tickets with an admission too many.
  conflicts(reEntry: boolean): string[] {
    return [...this.byTicket.keys()].filter((cti) => this.presence(cti, reEntry).excess.length > 0);
  }

  forks(): string[] {
    return [...this.byPlace].filter(([, there]) => there.length > 1).map(([place]) => place);
  }

  // Up to which sequence each gate's entries are known.
  known(): Map<string, number> {
    return new Map(this.highest);
  }

  // Of one gate, or of all; kept as entries come, since a gate asks after every guest.
  counts(gate = ALL): Counts {
    return { ...(this.tallies.get(gate) ?? { in: 0, out: 0 }) };
  }

  private tally(entries: readonly Noted[], by: number): void {
    for (const one of standing(entries)) {
      for (const gate of [ALL, one.gate]) {
        const counts = this.tallies.get(gate) ?? { in: 0, out: 0 };
        counts[one.kind === KIND.out ? "out" : "in"] += by;
        this.tallies.set(gate, counts);
      }
    }
  }

  at(gate: string, sequence: number): readonly Noted[] {
    return this.byPlace.get(`${gate}/${sequence}`) ?? [];
  }
}
