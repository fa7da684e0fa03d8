// What all journals together say: a set of entries that only grows, so the order in which they come does not matter, nor how often.
import type { Earlier } from "./decide";
import { KIND } from "./journal_entry";
import { type Noted, placeOf, type Presence, presenceOf, standing, timeAfter, type Whereabouts, whereabouts } from "./presence";

const ALL = "";

export interface Counts {
  in: number;
  out: number;
}

export class Ledger {
  private readonly tallies = new Map<string, Counts>();
  private readonly byTicket = new Map<string, Noted[]>();
  private readonly byPlace = new Map<string, Noted[]>(); // gate and sequence: more than one there is a fork
  private readonly forked = new Map<string, number[]>(); // of each gate, the places where it has several
  private readonly undos = new Map<string, Noted[]>(); // of each gate
  private readonly highest = new Map<string, number>();

  // Whether it was new.
  add(entry: Noted): boolean {
    const { gate, sequence } = entry;
    const there = this.at(gate, sequence);
    if (there.some((one) => one.hash === entry.hash)) return false;
    const cti = this.ticketOf(entry);
    const undone = this.undos.get(gate) ?? [];
    // A second entry in a place is a fork: what was taken back across it, of whichever tickets, is so no more.
    const across = there.length === 1 ? undone.filter((one) => spans(one, sequence)) : [];
    const tickets = new Set([cti, ...across.map((one) => this.ticketOf(one))].filter((one) => one !== null));
    for (const one of tickets) this.tally(one, -1);
    this.byPlace.set(placeOf(entry), [...there, entry]);
    this.highest.set(gate, Math.max(sequence, this.highest.get(gate) ?? 0));
    if (there.length === 1) this.forked.set(gate, [...(this.forked.get(gate) ?? []), sequence]);
    if (entry.kind === KIND.undo) this.undos.set(gate, [...undone, entry]);
    if (cti !== null) this.byTicket.set(cti, [...(this.byTicket.get(cti) ?? []), entry]);
    for (const one of tickets) this.tally(one, 1);
    return true;
  }

  // An undo that names no ticket is of the one that it takes back, which came before it.
  private ticketOf(entry: Noted): string | null {
    if (entry.cti !== null || entry.kind !== KIND.undo) return entry.cti;
    return this.at(entry.gate, Number(entry.detail)).find((one) => one.cti !== null)?.cti ?? null;
  }

  // The entries about a ticket, less what would undo something across a fork: the same as verifier/gate/journal/forks.py.
  private about(cti: string): Noted[] {
    const counts = (one: Noted) => one.kind !== KIND.undo || !(this.forked.get(one.gate) ?? []).some((place) => spans(one, place));
    return (this.byTicket.get(cti) ?? []).filter(counts);
  }

  presence(cti: string, reEntry: boolean): Presence {
    return presenceOf(this.about(cti), reEntry);
  }

  timeAfter(cti: string, now: number): number {
    return timeAfter(this.about(cti), now);
  }

  // The entry by which a ticket is inside, null where it may enter.
  inside(cti: string, reEntry: boolean): Earlier | null {
    const { inside } = this.presence(cti, reEntry);
    return inside && { gate: inside.gate, sequence: inside.sequence, entrance: inside.entrance, time: inside.time };
  }

  whereabouts(cti: string, alone: boolean): Whereabouts {
    return whereabouts(this.about(cti), alone);
  }

  isUndone(entry: Noted): boolean {
    return entry.cti === null || !standing(this.about(entry.cti)).includes(entry);
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

  private tally(cti: string, by: number): void {
    for (const one of standing(this.about(cti))) {
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

// Whether a place lies between an undo and what it takes back, or is one of both.
function spans(undo: Noted, place: number): boolean {
  return Number(undo.detail) <= place && place <= undo.sequence;
}
