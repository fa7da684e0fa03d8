// What the page asks of the wallet agent when there is a network. Nothing that is secret goes there: the key stays here.
import type { Facts } from "./shelf";

export interface Visit extends Facts {
  csrf: string;
}

// code: of a problem document; "login_needed" where the vault is locked, "offline" where nobody answers.
export class NoAnswer extends Error {
  constructor(readonly code: string) {
    super(code);
  }
}

export class Agent {
  private csrf = "";

  // folder: of the wallet's passes, with a slash at its end.
  constructor(readonly folder: string) {}

  // The agent's clock in seconds.
  async clock(): Promise<number> {
    return ((await this.ask("clock")) as { now: number }).now;
  }

  async facts(id: string): Promise<Visit> {
    const visit = (await this.ask(`${id}/facts`)) as Visit;
    this.csrf = visit.csrf;
    return visit;
  }

  async wantProof(id: string): Promise<{ audience: string; nonce: string | null }> {
    return (await this.ask(`${id}/proof`, {})) as { audience: string; nonce: string | null };
  }

  async bind(id: string, proof: string): Promise<{ token: string; holder: string }> {
    return (await this.ask(`${id}/bind`, { proof })) as { token: string; holder: string };
  }

  private async ask(path: string, body?: unknown): Promise<unknown> {
    const sent: RequestInit =
      body === undefined
        ? {}
        : { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", "X-CSRF-Token": this.csrf } };
    const headers = { Accept: "application/json", ...(sent.headers as Record<string, string> | undefined) };
    const answer = await fetch(this.folder + path, { ...sent, headers, credentials: "same-origin", cache: "no-store", redirect: "error" }).catch(() => null);
    if (answer === null) throw new NoAnswer("offline");
    const said: unknown = await answer.json().catch(() => null);
    if (answer.ok && said !== null) return said;
    throw new NoAnswer((said as { code?: string } | null)?.code ?? "offline");
  }
}
