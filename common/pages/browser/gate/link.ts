// Whether this gate is linked to its hub, or alone. No answer in time makes it alone; only a whole exchange links it again.
import type { Bytes } from "./bytes";
import type { Journal } from "./chain";
import { Malformed } from "./errors";
import { buildExchange, type Exchange, type GateJournal, parseExchange } from "./exchange";
import { type Hub, HubRefused, HubSilent } from "./hub";
import { KIND } from "./journal_entry";
import type { Pack } from "./pack";

const AGAIN_MS = 2000;
const MOST_ROUNDS = 100;

export class Link {
  linked = false;
  heardAt: number | null = null; // milliseconds
  private tried = -Infinity;
  private syncing: Promise<boolean> | null = null;

  constructor(
    readonly hub: Hub,
    private readonly onLocked: () => Promise<void>,
  ) {}

  mayTry(now: number): boolean {
    return now - this.tried >= AGAIN_MS || now < this.tried;
  }

  // Exchanges with the hub until neither lacks anything; the gate is linked then. Of two calls at once the second joins the first.
  sync(journal: Journal, pack: Pack, now: number): Promise<boolean> {
    this.syncing ??= this.exchange(journal, pack, now).finally(() => (this.syncing = null));
    return this.syncing;
  }

  async lose(journal: Journal, entrance: number, now: number): Promise<void> {
    this.tried = now;
    if (!this.linked) return;
    this.linked = false;
    await note(journal, "alone: no answer from the hub", entrance, now);
  }

  private async exchange(journal: Journal, pack: Pack, now: number): Promise<boolean> {
    this.tried = now;
    const entrance = pack.gates.find((gate) => gate.id === journal.gate)?.entrances[0] ?? 0;
    if (journal.length === 0) await note(journal, "linked to the hub", entrance, now); // by a head we show who we are
    const head = await journal.head(now);
    let body: GateJournal[] = [{ gate: journal.gate, entries: [], heads: head === null ? [] : [head] }];
    try {
      let told = await this.tell(journal, body);
      for (let round = 0; round < MOST_ROUNDS; round++) {
        await journal.absorb(told, pack.gates);
        body = await journal.lacking([journal.gate], told.known ?? new Map());
        if (body.length === 0) break;
        told = await this.tell(journal, body);
      }
      const others = pack.gates.map((gate) => gate.id).filter((gate) => gate !== journal.gate);
      const relayed = await journal.lacking(others, told.known ?? new Map());
      if (relayed.length > 0) await this.tell(journal, relayed);
    } catch (error) {
      if (!(error instanceof HubSilent || error instanceof HubRefused || error instanceof Malformed)) throw error;
      if (error instanceof HubRefused && error.code === "device_locked") await this.onLocked();
      await this.lose(journal, entrance, now);
      return false;
    }
    this.heardAt = now;
    if (!this.linked) {
      this.linked = true;
      await note(journal, "linked to the hub", entrance, now);
    }
    return true;
  }

  private async tell(journal: Journal, journals: GateJournal[]): Promise<Exchange> {
    const body: Bytes = buildExchange({ event: journal.event, journals, known: journal.ledger.known() });
    return parseExchange(await this.hub.exchange(journal.event, body));
  }
}

async function note(journal: Journal, detail: string, entrance: number, now: number): Promise<void> {
  await journal.append({ kind: KIND.note, cti: null, time: now, entrance, detail });
}
