// The hub of the venue, where this page came from. No answer to an admission within 150 ms makes the gate one on its own.
import type { Bytes } from "./bytes";
import type { Names } from "./pack";

export const ANSWER_MS = 150;
const EXCHANGE_MS = 10_000;

// The hub says no: a locked device, an event that it has not, too many requests.
export class HubRefused extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
  ) {
    super(code);
  }
}

// No answer, or none in time.
export class HubSilent extends Error {}

export interface HubEvent {
  event: string;
  names: Names;
  serial: number;
}

export class Hub {
  clockOff = 0; // milliseconds by which the hub's clock is ahead of this device's, as its last answer said

  constructor(private readonly base: string) {}

  async events(): Promise<HubEvent[]> {
    const answer = await this.ask("events", { ms: EXCHANGE_MS });
    return (await answer.json()) as HubEvent[];
  }

  async pack(event: string): Promise<Bytes> {
    return bytesOf(await this.ask(`${event}/pack`, { ms: EXCHANGE_MS }));
  }

  // null: nothing new, or no way from that serial: then the whole pack is to be taken.
  async delta(event: string, from: number): Promise<Bytes | "same" | "whole"> {
    try {
      const answer = await this.ask(`${event}/delta?from=${from}`, { ms: EXCHANGE_MS });
      return answer.status === 204 ? "same" : bytesOf(answer);
    } catch (error) {
      if (error instanceof HubRefused && error.status === 404) return "whole";
      throw error;
    }
  }

  async admit(event: string, request: Bytes): Promise<Bytes> {
    return bytesOf(await this.ask(`${event}/admit`, { body: request, ms: ANSWER_MS }));
  }

  async exchange(event: string, body: Bytes): Promise<Bytes> {
    return bytesOf(await this.ask(`${event}/exchange`, { body, ms: EXCHANGE_MS }));
  }

  // Whether the organiser took this device in; false while the hub waits for a link to it. The same may be asked again.
  async enrol(event: string, body: Bytes): Promise<boolean> {
    return (await this.ask(`${event}/enrol`, { body, ms: EXCHANGE_MS })).status === 201;
  }

  private async ask(path: string, { body, ms }: { body?: Bytes; ms: number }): Promise<Response> {
    const request: RequestInit = { signal: AbortSignal.timeout(ms), cache: "no-store", credentials: "same-origin" };
    if (body !== undefined) Object.assign(request, { method: "POST", body, headers: { "Content-Type": "application/cbor" } });
    const asked = Date.now();
    let answer: Response;
    try {
      answer = await fetch(this.base + path, request);
    } catch {
      throw new HubSilent();
    }
    const date = Date.parse(answer.headers.get("Date") ?? "");
    if (!Number.isNaN(date)) this.clockOff = date - (asked + Date.now()) / 2;
    if (answer.status >= 500) throw new HubSilent();
    if (!answer.ok) throw new HubRefused(await codeOf(answer), answer.status);
    return answer;
  }
}

async function bytesOf(answer: Response): Promise<Bytes> {
  try {
    return new Uint8Array(await answer.arrayBuffer());
  } catch {
    throw new HubSilent();
  }
}

async function codeOf(answer: Response): Promise<string> {
  const problem = (await answer.json().catch(() => null)) as { code?: unknown } | null;
  return typeof problem?.code === "string" ? problem.code : String(answer.status);
}
