// Whether this gate is linked to its hub, or alone. No answer in time makes it alone; only a whole exchange links it again.
import type { Bytes } from "./bytes";
import type { Journal } from "./chain";
import { Malformed } from "./errors";
import { buildExchange, type Exchange, type GateJournal, parseExchange } from "./exchange";
import { type Hub, HubRefused, HubSilent } from "./hub";
import { KIND, parseEntry } from "./journal_entry";
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
    private readonly onBehind: () => Promise<void>,
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
    if (!this.linked || journal.retired) return;
    this.linked = false;
    await note(journal, "alone: no answer from the hub", entrance, now);
  }

  private async exchange(journal: Journal, pack: Pack, now: number): Promise<boolean> {
    this.tried = now;
    const entrance = pack.gates.find((gate) => gate.id === journal.gate)?.entrances[0] ?? 0;
    try {
      if (!(await this.meet(journal, pack, entrance, now))) throw new HubSilent();
    } catch (error) {
      if (!(error instanceof HubSilent || error instanceof HubRefused || error instanceof Malformed)) throw error;
      if (error instanceof HubRefused && error.code === "device_locked") await this.onLocked();
      await this.lose(journal, entrance, now);
      return false;
    }
    this.heardAt = now;
    return true;
  }

  // 1. our head, what the hub has for us, our own entries   2. what we know of others   3. linked, if all of ours is there. False where that
  // does not come to an end. whole: gates of whose chain the two sides have different branches, told from the first entry.
  private async meet(journal: Journal, pack: Pack, entrance: number, now: number): Promise<boolean> {
    const own = journal.gate;
    if (journal.length === 0) {
      const known = (await this.tell(journal, [])).known?.get(own) ?? 0; // before the first entry: it might be one of a second chain
      if (await journal.isBehind(known)) return this.behind();
      await note(journal, "opened", entrance, now); // by a head we show who we are
    }
    let body: GateJournal[] = [{ gate: own, entries: [], heads: await headOf(journal, now) }];
    const whole = new Set<string>();
    let sent = 0;
    let relayed = false;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const told = await this.tell(journal, body, whole);
      const { count: fresh } = await journal.absorb(told, pack.gates);
      let there = told.known?.get(own) ?? 0;
      if (await journal.isBehind(there)) return this.behind();
      if (there < sent) {
        there = whole.has(own) ? sent : 0; // it has another branch of our chain
        whole.add(own);
      }
      const known = journal.ledger.known();
      const apart = told.journals.filter((one) => endOf(one) > (known.get(one.gate) ?? 0) && !whole.has(one.gate));
      for (const one of apart) whole.add(one.gate);
      await headOf(journal, now); // of what was written meanwhile: no entry is believed without one
      body = await journal.lacking([own], new Map([[own, there]]));
      sent = Math.max(there, ...body.map(endOf));
      if (apart.length > 0 || fresh > 0 || body.length > 0) continue;
      if (!relayed) {
        await this.relay(journal, pack, told.known ?? new Map());
        relayed = true;
      }
      // A scan may have admitted somebody alone until this very moment: looked at, and linked, with nothing in between.
      if (journal.length <= there) {
        const before = this.linked;
        this.linked = true;
        if (!before) await note(journal, "linked to the hub", entrance, now);
        return true;
      }
    }
    return false;
  }

  private async behind(): Promise<false> {
    await this.onBehind();
    return false;
  }

  // Until nothing is left of it; once a whole chain where the hub has another branch of it.
  private async relay(journal: Journal, pack: Pack, known: ReadonlyMap<string, number>): Promise<void> {
    let others = pack.gates.map((gate) => gate.id).filter((gate) => gate !== journal.gate);
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const more = await journal.lacking(others, known);
      if (more.length === 0) return;
      const heard = (await this.tell(journal, more)).known ?? new Map<string, number>();
      const apart = more.filter((one) => (heard.get(one.gate) ?? 0) < endOf(one)).map((one) => one.gate);
      if (apart.length > 0) await this.tell(journal, await journal.lacking(apart, new Map()));
      others = others.filter((gate) => !apart.includes(gate));
      known = heard;
    }
  }

  private async tell(journal: Journal, journals: GateJournal[], whole: ReadonlySet<string> = new Set()): Promise<Exchange> {
    const known = journal.ledger.known();
    for (const gate of whole) known.set(gate, 0);
    const body: Bytes = buildExchange({ event: journal.event, journals, known });
    return parseExchange(await this.hub.exchange(journal.event, body));
  }
}

async function headOf(journal: Journal, now: number): Promise<Bytes[]> {
  const head = await journal.head(now);
  return head === null ? [] : [head];
}

// The sequence of the last entry.
function endOf({ entries }: GateJournal): number {
  const last = entries.at(-1);
  return last === undefined ? 0 : parseEntry(last).sequence;
}

async function note(journal: Journal, detail: string, entrance: number, now: number): Promise<void> {
  await journal.append({ kind: KIND.note, cti: null, time: now, entrance, detail });
}
