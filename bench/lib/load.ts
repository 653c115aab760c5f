import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { round } from "./result.ts";

/** A request, or several that are sent in turn. */
export interface LoadRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
}

export interface LoadResult {
  perSecond: number;
  p50: number;
  p99: number;
}

export const connections = 16;
export const seconds = Number(process.env.BENCH_SECONDS ?? 10);
export const rounds = Number(process.env.BENCH_ROUNDS ?? 3);

/**
 * Loads a server by `wrk` with 16 connections for some seconds. An answer that is no success fails the run:
 * a server that refuses fast is not fast.
 */
export async function load(origin: string, requests: readonly LoadRequest[]): Promise<LoadResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "trackit-load-"));
  const script = path.join(folder, "load.lua");
  writeFileSync(script, luaScript(requests));
  try {
    const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "-s", script, origin];
    const text = await run("wrk", args);
    const line = text.split("\n").find((one) => one.startsWith("RESULT "));
    if (!line) throw new Error(`wrk gave no result: ${text}`);
    const [requestsDone = 0, micros = 1, bad = 0, p50 = 0, p99 = 0] = line.split(" ").slice(1).map(Number);
    if (bad > 0) throw new Error(`${bad} of ${requestsDone} requests to ${origin} failed: ${text}`);
    return {
      perSecond: round((requestsDone / micros) * 1e6),
      p50: round(p50 / 1000, 2),
      p99: round(p99 / 1000, 2),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function luaScript(requests: readonly LoadRequest[]): string {
  const text = (value: string) => JSON.stringify(value).replace(/\\u([0-9a-f]{4})/gi, "\\u{$1}");
  const formats = requests.map(({ method, path: target, headers, body }) => {
    const pairs = Object.entries(headers).map(([name, value]) => `[${text(name)}]=${text(value)}`);
    return `wrk.format(${text(method)}, ${text(target)}, {${pairs.join(",")}}, ${body === undefined ? "nil" : text(body)})`;
  });
  return `local made, turn = {}, 0
init = function()
  made = {${formats.join(",\n  ")}}
end
request = function()
  turn = turn % #made + 1
  return made[turn]
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
`;
}

/** Where a program lies on the PATH, or null. */
export function findProgram(name: string): string | null {
  for (const folder of ["/usr/bin", "/usr/local/bin", ...(process.env.PATH ?? "").split(path.delimiter)]) {
    if (folder !== "" && existsSync(path.join(folder, name))) return path.join(folder, name);
  }
  return null;
}

function run(name: string, args: readonly string[]): Promise<string> {
  const program = findProgram(name);
  if (!program)
    throw new Error(`Measuring needs ${name}, which is not installed (Debian: apt-get install ${name})`);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve(text) : reject(new Error(`${name} ended with ${code}: ${text}`)),
    );
  });
}
