// What stands in a gate pack, member by member: each list sorted, nothing twice, everything within its bounds.
import { type Bytes, compare, hex } from "./bytes";
import type { CborMap, Value } from "./cbor";
import { bytesOf, listOf, mapOf, onlyKeys, textOf, whole } from "./cose";
import { Malformed } from "./errors";
import { CONTROL } from "./journal_entry";
import { MAX_BYTE } from "./labels";
import { decompressed } from "./p256";
import { NAME_SIZE } from "./signed";

const MOST_GATES = 4096;
const MOST_KEYS = 32;
const MOST_WINDOWS = 64;
const MAX_SECONDS = 366 * 86400;
const MAX_NAME = 120;
const POINT = 33;

export interface Names {
  ja: string;
  en: string;
}

export interface Gate {
  id: string;
  name: string;
  point: Bytes;
  entrances: number[];
  enrolledAt: number;
  lockedAt: number | null;
  role: number;
  home: number;
}

export interface TicketClass {
  names: Names;
  entrances: number[];
  windows: [number, number][];
  flags: number;
  paper: boolean;
}

export interface Rules {
  reEntry: boolean;
  documentForStale: boolean;
  clockError: number;
  homes: number;
  staleAfter: number;
  challengeSeconds: number;
}

export interface Entrance {
  names: Names;
  challenge: boolean;
}

export interface IssuerPoint {
  point: Bytes;
  notBefore: number;
  notAfter: number;
}

export function issuerKeys(value: Value | undefined): IssuerPoint[] {
  const keys = listOf(value, MOST_KEYS).map((key) => {
    const [encoded, notBefore, notAfter] = parts(key, 3);
    return { point: point(encoded), notBefore: whole(notBefore), notAfter: whole(notAfter) };
  });
  sorted(keys, (one, other) => compare(one.point, other.point));
  return keys;
}

export function points(value: Value | undefined): Bytes[] {
  const found = listOf(value, MOST_KEYS).map(point);
  sorted(found, compare);
  return found;
}

export function gates(value: Value | undefined): Gate[] {
  const found = listOf(value, MOST_GATES).map((one) => {
    const [id, called, encoded, at, enrolledAt, lockedAt, role, home] = parts(one, 8);
    return {
      id: hex(bytesOf(id, NAME_SIZE)),
      name: name(called),
      point: point(encoded),
      entrances: numbers(at),
      enrolledAt: whole(enrolledAt),
      lockedAt: lockedAt === null ? null : whole(lockedAt),
      role: whole(role, 1),
      home: whole(home, MOST_GATES),
    };
  });
  sorted(found, (one, other) => (one.id < other.id ? -1 : Number(one.id > other.id)));
  return found;
}

export function classes(value: Value | undefined): Map<number, TicketClass> {
  return byNumber(value, 6, ([called, at, windows, flags, paper]) => ({
    names: names(called),
    entrances: numbers(at),
    windows: windowsOf(windows),
    flags: whole(flags, MAX_BYTE),
    paper: whole(paper, 1) === 1,
  }));
}

export function entrances(value: Value | undefined): Map<number, Entrance> {
  return byNumber(value, 3, ([called, challenge]) => ({ names: names(called), challenge: whole(challenge, 1) === 1 }));
}

export function rules(map: CborMap): Rules {
  onlyKeys(map, [1, 2, 3, 4, 5, 6]);
  return {
    reEntry: whole(map.get(1), 1) === 1,
    documentForStale: whole(map.get(2), 1) === 1,
    clockError: whole(map.get(3), MAX_SECONDS),
    homes: whole(map.get(4), MOST_GATES),
    staleAfter: whole(map.get(5), MAX_SECONDS),
    challengeSeconds: whole(map.get(6), MAX_SECONDS),
  };
}

function windowsOf(value: Value | undefined): [number, number][] {
  const windows = listOf(value, MOST_WINDOWS).map((one): [number, number] => {
    const [from, to] = parts(one, 2);
    const begins = whole(from);
    return [begins, atLeast(begins + 1, to)];
  });
  sorted(windows, ([from, to], [otherFrom, otherTo]) => from - otherFrom || to - otherTo);
  return windows;
}

export function names(value: Value | undefined): Names {
  const map = mapOf(value);
  if (map.size !== 2) throw new Malformed("pack: names in Japanese and English are needed");
  return { ja: name(map.get("ja")), en: name(map.get("en")) };
}

export function name(value: Value | undefined, most = MAX_NAME): string {
  const text = textOf(value, most);
  if (text === "" || CONTROL.test(text)) throw new Malformed("pack: a name without control characters is needed");
  return text;
}

export function parts(value: Value | undefined, count: number): Value[] {
  const list = listOf(value, count);
  if (list.length !== count) throw new Malformed(`pack: a list of ${count} is needed`);
  return list;
}

export function atLeast(least: number, value: Value | undefined): number {
  const number = whole(value);
  if (number < least) throw new Malformed(`pack: a number below ${least}`);
  return number;
}

function point(value: Value | undefined): Bytes {
  const bytes = bytesOf(value, POINT);
  decompressed(bytes);
  return bytes;
}

function numbers(value: Value | undefined): number[] {
  const list = listOf(value, MAX_BYTE + 1).map((number) => whole(number, MAX_BYTE));
  sorted(list, (one, other) => one - other);
  return list;
}

function byNumber<T>(value: Value | undefined, count: number, read: (rest: Value[]) => T): Map<number, T> {
  const pairs = listOf(value, MAX_BYTE + 1).map((one): [number, T] => {
    const [number, ...rest] = parts(one, count);
    return [whole(number, MAX_BYTE), read(rest)];
  });
  sorted(pairs, ([one], [other]) => one - other);
  return new Map(pairs);
}

function sorted<T>(list: readonly T[], order: (one: T, other: T) => number): void {
  for (let at = 1; at < list.length; at++) {
    if (order(list[at - 1] as T, list[at] as T) >= 0) throw new Malformed("pack: a list that is unsorted, or has something twice");
  }
}
