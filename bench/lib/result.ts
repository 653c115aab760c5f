import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** One measured number, beside what was aimed at. */
export interface Figure {
  name: string;
  value: number;
  unit: string;
  /** `>= 1.0` or `<= 220`, in the same unit. */
  goal?: string;
  note?: string;
}

export interface Result {
  /** What was done, in a sentence. */
  what: string;
  figures: Figure[];
  /** What Postgres did, by what was asked. */
  plans?: Record<string, string[]>;
}

export const round = (value: number, digits = 0) => Math.round(value * 10 ** digits) / 10 ** digits;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[sorted.length % 2 ? middle : middle - 1], sorted[middle]];
  return (low + high) / 2;
}

/** Whether a figure reaches its goal; null where it has none. */
export function reaches({ value, goal }: Figure): boolean | null {
  const parts = /^(>=|<=) ([\d.]+)$/.exec(goal ?? "");
  if (!parts) return null;
  return parts[1] === ">=" ? value >= Number(parts[2]) : value <= Number(parts[2]);
}

/** Writes a result with the machine, the commit and the date to `bench/results/NAME.json`. */
export function record(name: string, result: Result): string {
  const folder = path.join(import.meta.dirname, "..", "results");
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${name}.json`);
  const [cpu] = os.cpus();
  const machine = {
    cores: os.cpus().length,
    cpu: cpu?.model ?? "unknown",
    memoryGiB: round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    node: process.version,
  };
  const written = { name, date: new Date().toISOString(), commit: commit(), machine, ...result };
  writeFileSync(file, `${JSON.stringify(written, null, 2)}\n`);
  return file;
}

function commit(): string {
  try {
    const head = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
    const changed = execFileSync("git", ["status", "--porcelain", "stack/src", "supabase"], {
      encoding: "utf8",
    });
    return changed === "" ? head : `${head} with changes`;
  } catch {
    return "unknown";
  }
}
