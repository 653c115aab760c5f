import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

export const root = path.join(import.meta.dirname, "..", "..");

export interface BenchStack {
  url: string;
  publishableKey: string;
  secretKey: string;
  /** As `postgres`. */
  databaseUrl: string;
  /** As the superuser, for rows that come past triggers. */
  adminUrl: string;
  /** As `authenticator`, as REST connects. */
  authenticatorUrl: string;
  /** Milliseconds from spawn to the first 200 of REST. */
  startedIn: number;
  pid: number;
  stop(): Promise<void>;
}

/** A data directory that is used and thrown away. */
export function scratch(): { folder: string; remove(): void } {
  const folder = mkdtempSync(path.join(os.tmpdir(), "trackit-bench-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * Starts the built stack on this project as a process of its own, on disk and with fsync, as a user would.
 * @param data its data directory; an empty one is a cold start
 */
export async function startStack(data: string): Promise<BenchStack> {
  buildStack();
  const cli = path.join(root, "stack", "dist", "cli.js");
  const args = [
    cli,
    "start",
    "--project",
    root,
    "--data",
    data,
    "--port",
    "0",
    "--json",
    "--no-web",
    "--no-seed",
  ];
  const start = performance.now();
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const env = JSON.parse(await firstLine(child)) as Record<string, string>;
  const { API_URL: url = "", SECRET_KEY: secretKey = "", DB_URL: databaseUrl = "" } = env;
  await firstAnswer(url, secretKey);
  const startedIn = performance.now() - start;
  const keys = JSON.parse(readFileSync(path.join(data, "keys.json"), "utf8")) as {
    databasePasswords: Record<string, string>;
  };
  const urlOf = (role: string) => {
    const as = new URL(databaseUrl);
    as.username = role;
    as.password = keys.databasePasswords[role] ?? "";
    return as.href;
  };
  return {
    url,
    publishableKey: env.PUBLISHABLE_KEY ?? "",
    secretKey,
    databaseUrl,
    adminUrl: urlOf("supabase_admin"),
    authenticatorUrl: urlOf("authenticator"),
    startedIn,
    pid: child.pid ?? 0,
    stop: () => stop(child),
  };
}

/** Builds the stack where its sources have changed. */
function buildStack(): void {
  const script = 'import("./scripts/build.mjs").then(({ build }) => build({ only: ["stack"] }))';
  execFileSync(process.execPath, ["--eval", script], { cwd: root, stdio: "inherit" });
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.on("exit", (code) => reject(new Error(`The stack ended with ${code} before it was ready`)));
  });
}

async function firstAnswer(url: string, key: string): Promise<void> {
  const response = await fetch(`${url}/rest/v1/tasks?select=id&limit=1`, { headers: { apikey: key } });
  if (response.status !== 200) throw new Error(`The first request got ${response.status}; wanted 200`);
  await response.arrayBuffer();
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.removeAllListeners("exit");
    child.on("exit", () => resolve());
    child.kill("SIGTERM");
  });
}
