// This device as a gate: a key that no script can read, made once and kept where it was made.
import { keyHint, newKeyPair, pointOf } from "./p256";
import type { DeviceKey } from "./requests";
import { NAME_SIZE } from "./signed";
import { get, keep } from "./store";

export async function deviceKey(database: IDBDatabase): Promise<DeviceKey> {
  let pair = await get<CryptoKeyPair>(database, "device", "key");
  if (pair === undefined) {
    pair = await newKeyPair();
    await keep(database, "device", "key", pair);
  }
  const point = await pointOf(pair.publicKey);
  return { key: pair.privateKey, point, name: await keyHint(point, NAME_SIZE) };
}

// Whether the browser promises not to clear what is kept here.
export async function isKept(): Promise<boolean> {
  if (!navigator.storage?.persist) return false;
  return (await navigator.storage.persisted()) || navigator.storage.persist();
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
