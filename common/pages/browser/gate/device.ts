// This device as a gate: a key that no script can read, made once and kept where it was made.
import { hex } from "./bytes";
import { keyHint, newKeyPair, pointOf } from "./p256";
import { remember, remembered } from "./remembered";
import type { DeviceKey } from "./requests";
import { NAME_SIZE } from "./signed";
import { beginningWith, durably, get, getAllKeys, promised } from "./store";

// The key of this device. A new one where there is none, or where the journals that belong to it are not all here any more.
export async function deviceKey(database: IDBDatabase): Promise<DeviceKey> {
  const pair = await get<CryptoKeyPair>(database, "device", "key");
  const device = pair === undefined ? null : await deviceOf(pair);
  const gate = device === null ? null : hex(device.name);
  const before = remembered();
  const isOther = before !== null && before.gate !== gate;
  if (device === null || gate === null || isOther || !(await isWhole(database, gate, before?.lengths ?? {}))) {
    return anotherKey(database, before?.gate ?? gate);
  }
  if (before === null) remember({ gate, lengths: {}, lost: null });
  return device;
}

// From now on this is another device, whose chains begin at 1. lost: the one that it was; null for the first key of all.
export async function anotherKey(database: IDBDatabase, lost: string | null): Promise<DeviceKey> {
  const pair = await newKeyPair();
  await durably(database, ["device", "tails"], (stores) => {
    stores("device").put(pair, "key");
    stores("device").delete(IDBKeyRange.bound("locked/", "locked0")); // the organiser locked the old one
    stores("tails").clear();
  });
  const device = await deviceOf(pair);
  remember({ gate: hex(device.name), lengths: {}, lost });
  return device;
}

async function deviceOf(pair: CryptoKeyPair): Promise<DeviceKey> {
  const point = await pointOf(pair.publicKey);
  return { key: pair.privateKey, point, name: await keyHint(point, NAME_SIZE) };
}

// Whether each own chain is here up to its end, and no shorter than it once was.
async function isWhole(database: IDBDatabase, gate: string, lengths: Readonly<Record<string, number>>): Promise<boolean> {
  const events = new Set([...Object.keys(lengths), ...((await getAllKeys(database, "tails")) as string[])]);
  for (const event of events) {
    const tail = (await get<{ sequence: number }>(database, "tails", event))?.sequence ?? 0;
    const there = await promised(database.transaction("entries").objectStore("entries").count(beginningWith(event, gate)));
    if (tail < (lengths[event] ?? 0) || there < tail) return false;
  }
  return true;
}

// Whether the browser promises not to clear what is kept here. ask: it may put the question to a person.
export async function isKept(ask: boolean): Promise<boolean> {
  if (!navigator.storage?.persist) return false;
  return (await navigator.storage.persisted()) || (ask && (await navigator.storage.persist()));
}

// Waits until this is the only window with the scanner open: two would take turns at one journal.
export async function onlyWindow(others: () => void): Promise<void> {
  if (!navigator.locks) return;
  await new Promise<void>((alone) => {
    const hold = () => {
      alone();
      return new Promise<void>(() => undefined); // held until the window closes
    };
    void navigator.locks.request("tegata-gate", { ifAvailable: true }, (lock) => {
      if (lock !== null) return hold();
      others();
      void navigator.locks.request("tegata-gate", hold);
      return undefined;
    });
  });
}
