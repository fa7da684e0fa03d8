// A device that asks to be enrolled, until a pack names it: what it asked is kept, so that a page that is opened again goes on waiting. The
// same asked again is answered the same: while the hub has no link to the organiser, it is asked now and then how it went.
import type { Bytes } from "./bytes";
import { type Hub, HubRefused, HubSilent } from "./hub";
import { discard, get, keep } from "./store";

// What the organiser said: no more is asked then.
const LAST_WORDS = ["wrong_code", "device_locked"];

// Words of the page. null: nothing was asked.
export type Enrolling = "waiting" | "taken" | "no_hub" | "wrong_code" | "device_locked" | "refused" | null;

interface Asked {
  gate: string;
  body: Bytes;
}

export class Enrolment {
  state: Enrolling = null;

  constructor(
    private readonly database: IDBDatabase,
    private readonly hub: Hub,
    private readonly gate: string,
  ) {}

  async begin(event: string, body: Bytes): Promise<void> {
    await keep(this.database, "device", place(event), { gate: this.gate, body } satisfies Asked);
    this.state = "no_hub";
    await this.ask(event);
  }

  // How it stands with what was asked, in this window or before.
  async ask(event: string): Promise<void> {
    const asked = await get<Asked>(this.database, "device", place(event));
    if (asked?.gate !== this.gate) {
      if (this.isOpen) this.state = null;
      return;
    }
    if (this.state === "taken") return;
    try {
      this.state = (await this.hub.enrol(event, asked.body)) ? "taken" : "waiting";
    } catch (error) {
      if (error instanceof HubRefused && error.status < 500 && error.status !== 429) {
        this.state = LAST_WORDS.includes(error.code) ? (error.code as Enrolling) : "refused";
        await discard(this.database, "device", place(event));
      } else if (error instanceof HubSilent) this.state = "no_hub";
      else if (error instanceof HubRefused) this.state ??= "waiting"; // it is asked too often: what was known stays
      else throw error;
    }
  }

  // A pack names this device.
  async end(event: string): Promise<void> {
    this.state = null;
    await discard(this.database, "device", place(event));
  }

  get isOpen(): boolean {
    return this.state === "waiting" || this.state === "taken" || this.state === "no_hub";
  }
}

function place(event: string): string {
  return `enrolment/${event}`;
}
