import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import pg from "pg";
import type { StackEnv } from "../../stack/src/env.ts";

const root = path.resolve(import.meta.dirname, "../..");
const stack = path.join(root, "stack");
// What users run, as long as it is built from what is there now (npm test sees to that); otherwise the sources.
const command = isBuilt()
  ? [path.join(stack, "dist", "cli.js")]
  : ["--import", "tsx", path.join(stack, "src", "cli.ts")];

function isBuilt(): boolean {
  const built = statSync(path.join(stack, "dist", "cli.js"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(path.join(stack, "src"), { recursive: true, encoding: "utf8" });
  return sources.every((name) => statSync(path.join(stack, "src", name)).mtimeMs < built);
}

export const isRoot = process.getuid?.() === 0;

// For a repository that others cannot enter: nobody may then read it, and still write nothing of others.
const mayReadAll = [
  "--securebits=+no_setuid_fixup",
  "--inh-caps=-all,+dac_read_search",
  "--ambient-caps=+dac_read_search",
  "--bounding-set=-all,+dac_read_search",
];

/** Words in front that make an ordinary user of root; nothing where we are one already. */
export const asNobody = isRoot
  ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", ...(isOpen(root) ? [] : mayReadAll)]
  : [];

function isOpen(folder: string): boolean {
  const above = path.dirname(folder);
  return (statSync(folder).mode & 0o005) === 0o005 && (above === folder || isOpen(above));
}

/** Gives a folder and all in it to that user. */
export function giveToNobody(folder: string): void {
  if (!isRoot) return;
  execFileSync("chown", ["-R", "65534:65534", path.dirname(folder)]);
}

/** A small project of somebody else: one table that anyone may read and write through REST. */
export const notes = {
  "supabase/config.toml": `project_id = "notes"\n[edge_runtime]\nenabled = false\n`,
  "supabase/migrations/20260101000000_notes.sql": `
create table public.notes (id bigint generated always as identity primary key, body text not null);
alter table public.notes enable row level security;
create policy notes_all on public.notes to anon using (true) with check (true);
grant select, insert on public.notes to anon;
`,
};

const cleaning: (() => void)[] = [];

/** A folder for one test; gone after `cleanUp`. */
export function makeFolder(name = ""): string {
  const base = mkdtempSync(path.join(tmpdir(), "trackit-test-"));
  cleaning.push(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }));
  const folder = path.join(base, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A project folder with these files. */
export function makeProject(files: Record<string, string> = notes, name = "project"): string {
  const folder = makeFolder(name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    writeFileSync(path.join(folder, file), text);
  }
  return folder;
}

/** Kills what a failed test left running, and removes its folders. */
export function cleanUp(): void {
  for (const clean of cleaning.splice(0).reverse()) clean();
}

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** The command, running. */
export interface Command {
  pid: number;
  child: ChildProcess;
  stdout(): string;
  ended: Promise<Ended>;
}

export interface CommandOptions {
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Words in front, such as `setpriv --reuid=65534`. */
  as?: string[];
  /** Node's own words, such as `--require FILE`. */
  node?: string[];
}

/** Runs `trackit-stack …` as a user would. */
export function trackitStack(
  words: string[],
  { env, cwd = root, as = [], node = [] }: CommandOptions = {},
): Command {
  const [program = "", ...args] = [...as, process.execPath, ...node, ...command, ...words];
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  cleaning.push(() => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  });
  return { pid: child.pid ?? 0, child, stdout: () => stdout, ended };
}

export const run = (words: string[], options?: CommandOptions) => trackitStack(words, options).ended;

/** A stack that is up. */
export interface Up extends Command {
  env: StackEnv;
  data: string;
  project: string;
  /** Ends it by a signal and waits. */
  end(signal?: NodeJS.Signals): Promise<Ended>;
}

export interface UpOptions extends CommandOptions {
  project?: string;
  /** Null for an ephemeral stack. */
  data?: string | null;
  words?: string[];
}

/** Starts a stack on free ports and waits until it says that it is up. @throws Error with what it said instead */
export async function startUp(options: UpOptions = {}): Promise<Up> {
  const project = options.project ?? makeProject();
  const data = options.data ?? path.join(project, ".trackit");
  const where = options.data === null ? ["--ephemeral"] : ["--data", data];
  const words = ["start", "--json", "--port", "0", "--project", project, ...where];
  const running = trackitStack([...words, ...(options.words ?? [])], options);
  const line = await firstLine(running);
  const env = JSON.parse(line) as StackEnv;
  const end = (signal: NodeJS.Signals = "SIGTERM") => {
    running.child.kill(signal);
    return running.ended;
  };
  return { ...running, env, data, project, end };
}

async function firstLine(running: Command): Promise<string> {
  const line = await Promise.race([
    waitFor(() => (running.stdout().includes("\n") ? running.stdout().split("\n")[0] : undefined)),
    running.ended.then(({ code, stderr }) => {
      throw new Error(`the stack ended with ${code}: ${stderr}`);
    }),
  ]);
  return line ?? "";
}

/** What `check` gives as soon as it gives something; its errors count as nothing. @throws Error after `within` ms */
export async function waitFor<T>(check: () => T | Promise<T>, within = 90_000): Promise<NonNullable<T>> {
  const end = performance.now() + within;
  let last: unknown;
  for (;;) {
    try {
      const found = await check();
      if (found !== undefined && found !== null && found !== false) return found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error("what was waited for did not come", { cause: last });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The bodies of all notes, through REST as a stranger. @throws Error with the answer when it is none */
export async function readNotes({ env }: Pick<Up, "env">): Promise<string[]> {
  const answer = await fetch(`${env.API_URL}/rest/v1/notes?select=body&order=id`, {
    headers: { apikey: env.PUBLISHABLE_KEY },
  });
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { body: string }[]).map(({ body }) => body);
}

/** Writes a note through REST; the answer, whatever it is. */
export function writeNote({ env }: Pick<Up, "env">, body: string): Promise<Response> {
  return fetch(`${env.API_URL}/rest/v1/notes`, {
    method: "POST",
    headers: { apikey: env.PUBLISHABLE_KEY, "content-type": "application/json" },
    body: JSON.stringify({ body }),
  });
}

/** Rows of a query as `postgres`. */
export async function query<R extends pg.QueryResultRow>(
  { env }: Pick<Up, "env">,
  sql: string,
): Promise<R[]> {
  const client = new pg.Client({ connectionString: env.DB_URL });
  await client.connect();
  try {
    return (await client.query<R>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** The database server's process. @throws Error where none is noted */
export function postmaster({ data }: Pick<Up, "data">): number {
  const note = path.join(data, "postgres", "cluster", "postmaster.pid");
  const pid = Number(readFileSync(note, "utf8").split("\n")[0]);
  // A signal to process 0 reaches everybody in the test's own group.
  if (!(pid > 0)) throw new Error(`reading ${note}: no process is noted there yet`);
  return pid;
}

/**
 * Kills a process (`kill -9`) and waits until it is gone. One that has just ended, or is just being started, is looked
 * for again.
 * @returns what was found
 */
export async function killFound<Found>(
  find: () => Found | Promise<Found>,
  pidOf: (found: Found) => number,
): Promise<Found> {
  let found: Found | undefined;
  await waitFor(async () => {
    const one = await find();
    // A signal to process 0 reaches everybody in the test's own group.
    if (!(pidOf(one) > 0)) throw new Error(`killing process ${pidOf(one)}: want one that is there`);
    process.kill(pidOf(one), "SIGKILL");
    found = one;
    return true;
  });
  await waitFor(() => !isAlive(pidOf(found as Found)));
  return found as Found;
}

/** Whether a process runs; one that waits to be collected does not. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z");
  } catch {
    return false;
  }
}
