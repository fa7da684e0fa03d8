// The decision at a gate, by the same rules, in the same order and with the same words as verifier/gate/decide.py. Pure: what was read, what
// the pack says and what the journal knows come in, a reason goes out. Whoever acts on it writes the journal first.
import type { Pack } from "./pack";
import type { VerifiedPass } from "./pass_verify";
import { holds } from "./index_set";
import type { Whereabouts } from "./presence";

export const PAST_SECONDS = 30;
export const AHEAD_SECONDS = 5;

// In the order in which they win where several rules object.
export const REASONS = [
  "device_locked",
  "pack_rolled_back",
  "pack_expired",
  "malformed",
  "wrong_event",
  "unknown_issuer",
  "bad_issuer_signature",
  "bad_holder_proof",
  "expired",
  "not_yet_valid",
  "revoked",
  "excluded",
  "stale_code",
  "clock_off",
  "wrong_class",
  "wrong_entrance",
  "already_admitted",
  "document_required",
  "admitted",
] as const;
export type Reason = (typeof REASONS)[number];

// This gate: which entrance it stands at, and what it is told beside the pack. locked, rolledBack: of this device.
export interface Post {
  entrance: number;
  home: number;
  clockError: number;
  lockedAt: number | null;
  rolledBack: boolean;
  leaving: boolean;
}

// The entry by which a ticket is inside.
export interface Earlier {
  gate: string;
  sequence: number;
  entrance: number;
  time: number; // milliseconds
}

// answers: the number that this gate shows is in the code. advancing: an earlier stale code of this ticket was seen, and since then its
// clock has run as ours has. documentSeen: a person has looked at a document, or at whoever leaves, and insists. whereabouts: of who leaves.
export interface Known {
  earlier: Earlier | null;
  answers: boolean;
  advancing: boolean;
  documentSeen: boolean;
  whereabouts: Whereabouts;
}

// word: what exactly objected, for the sentence that people read. asksDocument: a person's look at a document can mend it.
export interface Decision {
  reason: Reason;
  word: string;
  asksDocument: boolean;
  earlier: Earlier | null;
  read: VerifiedPass | null;
}

const OF_WORD: Readonly<Record<string, Reason>> = {
  clock_off_or_recording: "clock_off",
  challenge_unanswered: "stale_code",
  paper_not_taken: "wrong_class",
  not_open_yet: "not_yet_valid",
  closed: "expired",
  other_home: "wrong_entrance",
  paper_document: "document_required",
  assurance_missing: "document_required",
  not_inside: "document_required",
  left: "admitted",
  left_unheard: "admitted",
  status_stale: "pack_expired",
  status_stale_document: "document_required",
};
const BY_DOCUMENT = new Set(["clock_off_or_recording", "paper_document", "assurance_missing", "status_stale_document", "not_inside"]);

function reasonOf(word: string): Reason {
  return OF_WORD[word] ?? (word as Reason);
}

// read: the pass where its signatures hold, or the reason why not.
export function decide(read: VerifiedPass | Reason, pack: Pack, post: Post, known: Known, now: number): Decision {
  const pass = typeof read === "string" ? null : read;
  const words = [
    deviceObjection(pack, post, now) || (typeof read === "string" ? "" : ticketObjection(read, pack, post, known, now)),
    typeof read === "string" ? read : statusObjection(read, pack, post, known, now),
  ].filter((word) => word !== "");
  const word = words.sort((one, other) => REASONS.indexOf(reasonOf(one)) - REASONS.indexOf(reasonOf(other)))[0] ?? yes(post, known);
  // A person's look mends only what nothing else stands against.
  const asksDocument = BY_DOCUMENT.has(word) && words.every((each) => BY_DOCUMENT.has(each)) && !known.documentSeen;
  return { reason: reasonOf(word), word, asksDocument, earlier: known.earlier, read: pass };
}

function yes(post: Post, known: Known): string {
  if (!post.leaving) return "admitted";
  return known.whereabouts === "inside" ? "left" : "left_unheard";
}

function deviceObjection(pack: Pack, post: Post, now: number): string {
  if (post.lockedAt !== null) return "device_locked"; // whatever this clock says: whoever took the device can set it back
  if (post.rolledBack) return "pack_rolled_back";
  return now >= pack.goodUntil ? "pack_expired" : "";
}

function statusObjection(read: VerifiedPass, pack: Pack, post: Post, known: Known, now: number): string {
  if (post.leaving) return "";
  if (holds(pack.revoked, read.index)) return "revoked";
  if (now - pack.asOf <= pack.rules.staleAfter) return "";
  if (!pack.rules.documentForStale) return "status_stale";
  return known.documentSeen ? "" : "status_stale_document";
}

function ticketObjection(read: VerifiedPass, pack: Pack, post: Post, known: Known, now: number): string {
  if (holds(pack.excluded, read.index) && !post.leaving) return "excluded";
  const code = read.bound ? codeObjection(read, pack, post, known, now) : "";
  if (code !== "") return code;
  if (post.leaving) return known.whereabouts === "outside" && !known.documentSeen ? "not_inside" : "";
  const klass = classObjection(read, pack, post, now);
  if (klass !== "") return klass;
  if (known.earlier !== null) return "already_admitted";
  if (known.documentSeen) return "";
  if (!read.bound) return "paper_document";
  const needed = pack.classes.get(read.klass)?.flags ?? 0;
  return (read.flags & needed) === needed ? "" : "assurance_missing";
}

// A phone whose clock is wrong cannot be told from a recording: only a person who looks at a document lets it pass.
function codeObjection(read: VerifiedPass, pack: Pack, post: Post, known: Known, now: number): string {
  if (read.iat === null || read.iat > now + AHEAD_SECONDS + post.clockError) return "clock_off";
  if (isStale(read, post, now)) {
    if (!known.advancing) return "stale_code";
    return known.documentSeen ? "" : "clock_off_or_recording";
  }
  return pack.entrances.get(post.entrance)?.challenge === true && !known.answers ? "challenge_unanswered" : "";
}

export function isStale(read: VerifiedPass, post: Post, now: number): boolean {
  return read.iat !== null && read.iat < now - PAST_SECONDS - post.clockError;
}

function classObjection(read: VerifiedPass, pack: Pack, post: Post, now: number): string {
  const rule = pack.classes.get(read.klass);
  if (rule === undefined) return "wrong_class";
  if (!read.bound && !rule.paper) return "paper_not_taken";
  if (rule.windows.length > 0 && !rule.windows.some(([from, to]) => from <= now && now < to)) {
    return rule.windows.some(([from]) => now < from) ? "not_open_yet" : "closed";
  }
  if (!rule.entrances.includes(post.entrance)) return "wrong_entrance";
  return pack.rules.homes > 0 && homeOf(read.cti, pack.rules.homes) !== post.home ? "other_home" : "";
}

// The pack as a device may use it where it stands: once the organiser has given it other entrances, no class enters. Its home is the pack's.
export function packAt(pack: Pack, gate: string, post: Post): { pack: Pack; home: number; hasPlace: boolean } {
  const own = pack.gates.find((one) => one.id === gate);
  const hasPlace = own?.entrances.includes(post.entrance) ?? true;
  return { pack: hasPlace ? pack : { ...pack, classes: new Map() }, home: own?.home ?? post.home, hasPlace };
}

// The home group of a ticket: its first four bytes, as a number, modulo the groups.
export function homeOf(cti: string, homes: number): number {
  return homes === 0 ? 0 : parseInt(cti.slice(0, 8), 16) % homes;
}
