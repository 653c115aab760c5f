import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { findDeno } from "../stack/src/functions/deno.ts";
import { until } from "../stack/src/process/running.ts";
import { type LoadRequest, load, rounds } from "./lib/load.ts";
import { type Figure, median, type Result, round } from "./lib/result.ts";
import { type BenchStack, root, scratch, startStack } from "./lib/stack.ts";

/** Calls per figure where they are made one after the other. */
const calls = 100;

/** An edge function called through the gateway, its process there already and not, beside the same in bare Deno. */
export async function run(): Promise<Result> {
  const data = scratch();
  const stack = await startStack(data.folder);
  const bare = await startBare(stack);
  try {
    const request = small(stack.secretKey);
    const cold: number[] = [];
    const past = new Set<number>();
    for (let turn = 0; turn < 10; turn++) {
      cold.push(await roundTrip(stack.url, request));
      await endProcess(data.folder, past);
    }
    await roundTrip(stack.url, request);
    const warm = await oneAfterTheOther(stack.url, request);
    const counted = await oneAfterTheOther(stack.url, small(stack.publishableKey));
    const alone = await oneAfterTheOther(bare.url, { ...request, path: "/sanitize" });
    const speeds: { stack: number[]; bare: number[] } = { stack: [], bare: [] };
    for (let turn = 0; turn < rounds; turn++) {
      speeds.stack.push((await load(stack.url, [request])).perSecond);
      speeds.bare.push((await load(bare.url, [{ ...request, path: "/sanitize" }])).perSecond);
    }
    const ratio = round(median(speeds.stack) / median(speeds.bare), 2);
    const latencies: Figure[] = [
      {
        name: "cold: process start, then the answer",
        value: round(median(cold), 1),
        unit: "ms",
        goal: "<= 250",
      },
      { name: "warm, with the secret key", value: round(warm, 2), unit: "ms", goal: "<= 5" },
      { name: "warm, counted in the database", value: round(counted, 2), unit: "ms", goal: "<= 10" },
      { name: "warm, bare Deno without gateway", value: round(alone, 2), unit: "ms" },
    ];
    return {
      what: "Round trip of a small POST to the function sanitize, median; load by 16 connections",
      figures: [
        ...latencies,
        { name: "through the gateway", value: median(speeds.stack), unit: "requests/s" },
        { name: "bare Deno", value: median(speeds.bare), unit: "requests/s" },
        { name: "gateway / bare Deno", value: ratio, unit: "ratio" },
      ],
    };
  } finally {
    bare.child.kill("SIGKILL");
    await stack.stop();
    data.remove();
  }
}

const small = (apikey: string): LoadRequest => ({
  method: "POST",
  path: "/functions/v1/sanitize",
  headers: { apikey, "content-type": "application/json" },
  body: JSON.stringify({ title: "Run a marathon", notes: ["buy <b>shoes</b>", "a < b"], done: false }),
});

async function roundTrip(
  origin: string,
  { method, path: target, headers, body }: LoadRequest,
): Promise<number> {
  const start = performance.now();
  const answer = await fetch(origin + target, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await answer.text();
  if (answer.status !== 200) throw new Error(`${target} answered ${answer.status}: ${text}`);
  return performance.now() - start;
}

async function oneAfterTheOther(origin: string, request: LoadRequest): Promise<number> {
  const times: number[] = [];
  for (let turn = 0; turn < calls; turn++) times.push(await roundTrip(origin, request));
  return median(times);
}

/** Ends the process that the last call has started, so that the next one starts another. */
async function endProcess(data: string, past: Set<number>): Promise<void> {
  const file = path.join(data, "functions", "functions.log");
  const find = (event: string) => pids(file, event).find((pid) => !past.has(pid));
  // The log is written some time behind the answer.
  await until(() => find("function.started") !== undefined, 5_000);
  const pid = find("function.started");
  if (pid === undefined) throw new Error("No process was started for the last call");
  process.kill(pid, "SIGKILL");
  await until(() => find("function.ended") === pid, 5_000);
  past.add(pid);
}

/** Processes of which the functions' log tells this. */
const pids = (file: string, event: string): number[] =>
  readFileSync(file, { encoding: "utf8", flag: "a+" })
    .split("\n")
    .filter((line) => line.includes(`"event":"${event}"`))
    .map((line) => (JSON.parse(line) as { pid: number }).pid);

/** The same function in a Deno of its own, without gateway, permissions or prelude. */
function startBare(stack: BenchStack): Promise<{ url: string; child: ChildProcess }> {
  const args = ["run", "-A", "--no-remote", "--cached-only", "--no-lock", "--node-modules-dir=manual"];
  const child = spawn(findDeno(), [...args, "--config=functions/deno.json", "functions/sanitize/index.ts"], {
    cwd: root,
    env: {
      ...process.env,
      NO_COLOR: "1",
      DENO_NO_UPDATE_CHECK: "1",
      DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0",
      SUPABASE_URL: stack.url,
      SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: stack.publishableKey }),
      SUPABASE_SECRET_KEYS: JSON.stringify({ default: stack.secretKey }),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((resolve, reject) => {
    let said = "";
    const read = (chunk: Buffer) => {
      if (said.length < 10_000) said += chunk;
      const url = /Listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (url) resolve({ url, child });
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("close", () => reject(new Error(`Bare Deno ended: ${said}`)));
  });
}
