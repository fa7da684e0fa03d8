// Which device this browser was, and how far its journals went: written apart from the journals, so that a browser that lost them, or went back
// to older ones, is found out. Such a device never goes on with its old chain: two entries with one number would be a fork. It is enrolled anew.
const KEY = "gate-device";

// lengths: event → entries. lost: the device that this one was, until the organiser has taken it in anew.
export interface Remembered {
  gate: string;
  lengths: Record<string, number>;
  lost: string | null;
}

export function remembered(): Remembered | null {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "null") as Remembered | null;
    return found !== null && typeof found.gate === "string" && typeof found.lengths === "object" ? found : null;
  } catch {
    return null;
  }
}

export function remember(what: Remembered): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(what));
  } catch {
    // full, or forbidden: a second line of defence that is not there
  }
}

export function rememberLength(gate: string, event: string, length: number): void {
  const before = remembered();
  const same = before?.gate === gate;
  remember({ gate, lengths: { ...(same ? before.lengths : {}), [event]: length }, lost: before?.lost ?? null });
}

// The organiser's pack names this device: what it was before is no more of interest.
export function rememberEnrolled(gate: string): void {
  const before = remembered();
  if (before?.gate === gate && before.lost !== null) remember({ ...before, lost: null });
}
