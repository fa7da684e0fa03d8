// The screen stays on while it is wanted. The browser lets go of that when the page is out of sight, so it is asked again when it is back.
export class Awake {
  private lock: WakeLockSentinel | null = null;
  private wanted = false;
  private asking = false;

  constructor() {
    document.addEventListener("visibilitychange", () => void this.ask());
  }

  begin(): void {
    this.wanted = true;
    void this.ask();
  }

  end(): void {
    this.wanted = false;
    void this.lock?.release().catch(() => undefined);
    this.lock = null;
  }

  private async ask(): Promise<void> {
    const isHeld = this.lock !== null && !this.lock.released;
    if (!this.wanted || this.asking || isHeld || document.hidden || !("wakeLock" in navigator)) return;
    this.asking = true;
    try {
      this.lock = await navigator.wakeLock.request("screen");
    } catch {
      // a low battery may refuse
    }
    this.asking = false;
    if (!this.wanted) this.end();
  }
}
