// Is somebody inside with this ticket? Purely derived from the entries about it, in whatever order they came; the same as
// verifier/gate/presence.py. An entry that its own gate undid counts as never written; where a gate's chain is forked nothing is undone, so
// that a copied device cannot make an admission vanish.
import { KIND, type Entry } from "./journal_entry";

// hash: of the entry's bytes, hexadecimal.
export interface Noted extends Entry {
  hash: string;
}

export interface Presence {
  inside: Noted | null;
  exits: number; // how often it left after an entry: what a hub's conditional insert counts by
  excess: [Noted, Noted][]; // each admission of a ticket that was inside already, with the one before it
  admissions: number;
}

// entries: of one ticket. reEntry: an exit makes room for another entry; without it a ticket enters once for all.
export function presenceOf(entries: readonly Noted[], reEntry: boolean): Presence {
  const presence: Presence = { inside: null, exits: 0, excess: [], admissions: 0 };
  for (const entry of standing(entries).sort(inOrder)) {
    if (entry.kind !== KIND.out) {
      presence.admissions++;
      if (presence.inside !== null) presence.excess.push([presence.inside, entry]);
      presence.inside = entry;
    } else if (presence.inside !== null && reEntry) {
      presence.inside = null;
      presence.exits++;
    }
  }
  return presence;
}

// Of a ticket that wants to leave. outside: it is known not to be inside. unheard: nothing is known of it, at a gate that hears nobody.
export type Whereabouts = "inside" | "outside" | "unheard";

export function whereabouts(entries: readonly Noted[], alone: boolean): Whereabouts {
  const last = standing(entries).sort(inOrder).at(-1);
  if (last === undefined) return alone ? "unheard" : "outside";
  return last.kind === KIND.out ? "outside" : "inside";
}

// What the next entry of a ticket is dated where it may come back: now, or just after all that is known of it. Clocks differ by minutes: by its
// own clock alone a second entry could come to stand before the exit that made room for it.
export function timeAfter(entries: readonly Noted[], now: number): number {
  return Math.min(Number.MAX_SAFE_INTEGER, Math.max(now, ...standing(entries).map((one) => one.time + 1)));
}

// The entries about going in and out that were not undone.
export function standing(entries: readonly Noted[]): Noted[] {
  const moves = entries.filter((one) => one.kind <= KIND.override);
  const undone = new Set(entries.filter((one) => one.kind === KIND.undo).map((one) => `${one.gate}/${one.detail}`));
  return moves.filter((one) => !undone.has(placeOf(one)) || moves.some((other) => other.hash !== one.hash && placeOf(other) === placeOf(one)));
}

export function placeOf(one: Entry): string {
  return `${one.gate}/${one.sequence}`;
}

function inOrder(one: Noted, other: Noted): number {
  if (one.time !== other.time) return one.time - other.time;
  if (one.gate !== other.gate) return one.gate < other.gate ? -1 : 1;
  return one.sequence - other.sequence || (one.hash < other.hash ? -1 : 1);
}
