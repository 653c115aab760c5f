import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { open, stat } from "node:fs/promises";
import path from "node:path";
import type { Account } from "../chat/accounts.ts";
import { type Figure, round } from "../lib/result.ts";
import type { BenchStack } from "../lib/stack.ts";
import { intoOpfs } from "./browser.ts";
import type { Answer, Question } from "./protocol.ts";
import { held, peakOf } from "./watch.ts";

const GIB = 2 ** 30;
/** What goes by before it: with the first code and keys are there, with the second what any file of several parts takes. */
const [SMALL, WARM] = [100_000, 32 * 2 ** 20];

/** 1 GiB, encrypted: from the disk and onto it in Node, and by a link into the origin's private files in Chromium. */
export async function large(stack: BenchStack, account: Account, folder: string): Promise<Figure[]> {
  const seat = JSON.stringify({ url: stack.url, key: stack.publishableKey, ...account });
  const child = fork(path.join(import.meta.dirname, "client.ts"), {
    env: { ...process.env, TRACKIT_SEAT: seat },
  });
  const pid = child.pid ?? 0;
  const [from, to] = ["from.bin", "to.bin"].map((name) => path.join(folder, name)) as [string, string];
  try {
    await ask(child, { kind: "enter" });
    const links: string[] = [];
    const before: number[] = [];
    for (const size of [SMALL, WARM]) {
      await makeFile(from, size);
      await ask(child, { kind: "send", file: from });
      await ask(child, { kind: "save", file: to });
      links.push(await ask(child, { kind: "link" }));
      before.push(held([pid]));
    }
    await makeFile(from, GIB);
    const up = await timed([pid], before, () => ask(child, { kind: "send", file: from }));
    const down = await timed([pid], before, () => ask(child, { kind: "save", file: to }));
    if ((await stat(to)).size !== GIB) throw new Error(`${(await stat(to)).size} bytes were saved of ${GIB}`);
    const link = await ask(child, { kind: "link" });
    return [
      ...figuresOf("sent from the disk, Node", up),
      ...figuresOf("saved to the disk, Node", down),
      ...(await intoOpfs(stack, folder, { warm: links, link, size: GIB })),
    ];
  } finally {
    child.disconnect();
  }
}

interface Took {
  seconds: number;
  /** MB, beyond what was held before: after a small file, and after one of several parts. */
  growth: number[];
}

export async function timed(
  pids: readonly number[],
  before: readonly number[],
  work: () => Promise<unknown>,
): Promise<Took> {
  const start = performance.now();
  const peak = await peakOf(pids, work);
  return { seconds: (performance.now() - start) / 1_000, growth: before.map((one) => peak - one) };
}

export const figuresOf = (name: string, { seconds, growth: [all = 0, more = 0] }: Took): Figure[] => [
  { name: `1 GiB ${name}`, value: round(GIB / 1e6 / seconds), unit: "MB/s" },
  { name: `${name}, more memory than for 32 MiB`, value: round(more), unit: "MB", goal: "<= 64" },
  { name: `${name}, more memory than for 100 kB`, value: round(all), unit: "MB" },
];

/** Of bytes that differ from mebibyte to mebibyte. */
async function makeFile(file: string, size: number): Promise<void> {
  const piece = randomBytes(2 ** 20);
  const target = await open(file, "w");
  for (let at = 0; at < size; at += piece.length) {
    piece.writeUInt32BE(at / piece.length);
    await target.write(piece);
  }
  await target.sync();
  await target.close();
}

function ask(child: ChildProcess, question: Question): Promise<string> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`the client ended with ${code}`));
    child.once("exit", ended);
    child.once("message", (answer: Answer) => {
      child.off("exit", ended);
      if ("said" in answer) resolve(answer.said);
      else reject(new Error(`${question.kind}: ${answer.error}`));
    });
    child.send(question);
  });
}
