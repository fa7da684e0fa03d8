// A line of JSON in, a line out: a list of cases, and the answer to each. What is refused is {error, reason}.
import { Malformed, Rejected } from "../../../common/pages/browser/gate/errors";

export type Case = Record<string, any>;
declare const process: { stdin: AsyncIterable<Uint8Array | string>; stdout: { write(text: string): void } };

export async function answerCases(acts: Record<string, (one: Case) => unknown>, plain: (value: unknown) => unknown = (value) => value): Promise<void> {
  let waiting = "";
  for await (const piece of process.stdin) {
    const lines = (waiting + piece).split("\n");
    waiting = lines.pop() ?? "";
    for (const line of lines) {
      const answers = [];
      for (const one of JSON.parse(line) as Case[]) answers.push(await answer(one, acts, plain));
      process.stdout.write(`${JSON.stringify(answers)}\n`);
    }
  }
}

async function answer(one: Case, acts: Record<string, (one: Case) => unknown>, plain: (value: unknown) => unknown): Promise<unknown> {
  const act = acts[one["do"]];
  if (act === undefined) throw new TypeError(`no such case: ${one["do"]}`);
  try {
    return { ok: plain(await act(one)) };
  } catch (error) {
    if (error instanceof Malformed) return { error: "malformed", reason: "malformed", detail: error.message };
    if (error instanceof Rejected) return { error: "rejected", reason: error.reason };
    throw error;
  }
}
