import type { Result } from "./lib/result.ts";
import { reaches, record } from "./lib/result.ts";
import { writeTable } from "./lib/table.ts";

/** Every workload is a file with one function `run`. */
const workloads: Record<string, () => Promise<{ run(): Promise<Result> }>> = {
  start: () => import("./start.ts"),
  memory: () => import("./memory.ts"),
  "rest-list": () => import("./rest-list.ts"),
  "rest-create": () => import("./rest-create.ts"),
  "rest-growth": () => import("./rest-growth.ts"),
  keyset: () => import("./keyset.ts"),
  sanitize: () => import("./sanitize.ts"),
  functions: () => import("./functions.ts"),
  realtime: () => import("./realtime.ts"),
  jobs: () => import("./jobs.ts"),
  crypto: () => import("./crypto.ts"),
  chat: () => import("./chat.ts"),
  files: () => import("./files.ts"),
};

const wanted = process.argv.slice(2);
const names = wanted.includes("all") ? Object.keys(workloads) : wanted;
if (names.length === 0 || names.some((name) => !workloads[name])) {
  console.error(
    `Usage: npm run bench -- NAME…, where NAME is one of ${Object.keys(workloads).join(" ")}, or all`,
  );
  process.exit(2);
}
for (const name of names) {
  const workload = await workloads[name]?.();
  if (!workload) continue;
  const result = await workload.run();
  console.log(`\n${name}: ${result.what}`);
  for (const figure of result.figures) {
    const reached = reaches(figure);
    const goal = reached === null ? "" : `  (goal ${figure.goal}: ${reached ? "reached" : "missed"})`;
    console.log(`  ${figure.name.padEnd(48)} ${String(figure.value).padStart(9)} ${figure.unit}${goal}`);
  }
  console.log(`  → ${record(name, result)}`);
}
writeTable();
