import { type ChildProcess, spawn } from "node:child_process";
import {
  chownSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "../part.ts";
import { type Identity, identityOf, type Owner, postgresOwner } from "../process/identity.ts";
import { commandOf, until } from "../process/running.ts";
import { type Binaries, findBinaries } from "./binaries.ts";

export interface ServerOptions {
  /** Folder of the cluster and of the server's log; made when missing. */
  folder: string;
  port: number;
  /** Password of the superuser `supabase_admin`, set when the cluster is made. */
  password: string;
  /** Nothing outlives the process: no fsync, faster. */
  ephemeral: boolean;
  log: Log;
}

/** A running Postgres that is started again when it is killed. */
export interface Server {
  port: number;
  /** True when this start made the cluster, so that the bootstrap must run. */
  fresh: boolean;
  /** The postmaster's process id; changes after a restart. */
  pid(): number;
  /** Notes that the bootstrap is done; a cluster without this note is made anew at the next start. */
  markReady(): void;
  stop(): Promise<void>;
}

const readyNote = "ready";

const giveTo = (owner: Owner | null, name: string) => owner && chownSync(name, owner.uid, owner.gid);

/** Starts Postgres on 127.0.0.1. @throws Error with the server's own last words when it does not come up */
export async function startServer(options: ServerOptions): Promise<Server> {
  const binaries = await findBinaries();
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const owner = postgresOwner();
  // The data directory is 0700: its Postgres must own the way to its cluster.
  for (const folder of owner ? [path.dirname(options.folder), options.folder] : []) giveTo(owner, folder);
  const identity = identityOf(owner, [path.dirname(binaries.postgres), options.folder]);
  const cluster = path.join(options.folder, "cluster");
  await endOrphan(cluster, options.log);
  const note = path.join(options.folder, readyNote);
  const fresh = !existsSync(note);
  if (fresh) {
    rmSync(cluster, { recursive: true, force: true });
    await createCluster(binaries, identity, owner, cluster, options);
  }
  const keeper = new Keeper(binaries, identity, cluster, options);
  await keeper.start();
  return {
    port: options.port,
    fresh,
    pid: () => keeper.pid,
    markReady: () => writeFileSync(note, `${new Date().toISOString()}\n`, { mode: 0o600 }),
    stop: () => keeper.stop(),
  };
}

// A killed parent leaves its Postgres running. It is ours only if the process in postmaster.pid really is a
// postgres on this very folder: ids are reused.
async function endOrphan(cluster: string, log: Log): Promise<void> {
  const pidFile = path.join(cluster, "postmaster.pid");
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, "utf8").split("\n")[0]) : 0;
  if (!pid) return;
  if (!isPostgresOn(pid, cluster)) {
    // A dead server's note whose number now belongs to somebody else would keep Postgres from starting.
    rmSync(pidFile, { force: true });
    return;
  }
  log.warn("postgres.orphan", { pid });
  process.kill(pid, "SIGINT");
  if (await until(() => commandOf(pid) === null, 10_000)) return;
  process.kill(pid, "SIGQUIT");
  await until(() => commandOf(pid) === null, 5_000);
}

const isPostgresOn = (pid: number, cluster: string) => {
  const command = commandOf(pid) ?? "";
  return command.includes("postgres") && command.includes(cluster);
};

async function createCluster(
  binaries: Binaries,
  identity: Identity,
  owner: Owner | null,
  cluster: string,
  options: ServerOptions,
): Promise<void> {
  const passwordFile = path.join(options.folder, "password.tmp");
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 });
  giveTo(owner, passwordFile);
  const sync = options.ephemeral ? ["--no-sync"] : [];
  const locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=und"];
  const login = ["--username=supabase_admin", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  try {
    await run(identity, binaries.initdb, [`--pgdata=${cluster}`, ...login, ...locale, ...sync]);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function run(identity: Identity, program: string, args: string[]): Promise<void> {
  const [command = program, ...rest] = [...identity.prefix, program, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { ...identity.spawn, cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    child.stdout.on("data", (chunk) => (said += chunk));
    child.stderr.on("data", (chunk) => (said += chunk));
    child.once("error", reject);
    child.once("exit", (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`cannot make the database: ${path.basename(program)} said: ${tail(said)}`)),
    );
  });
}

const tail = (text: string) => text.trim().split("\n").slice(-6).join("\n");

/** Where the server's Unix socket lies, or null when the path is longer than the system allows (107 bytes). */
export function socketFolder(folder: string): string | null {
  return process.platform !== "win32" && Buffer.byteLength(folder) < 85 && !folder.includes(",")
    ? folder
    : null;
}

/** Restarts in a row after which it is no accident any more. */
const maxRestarts = 5;

class Keeper {
  #child: ChildProcess | null = null;
  #stopping = false;
  #up = false;
  #restarts: number[] = [];
  readonly #logFile: string;

  constructor(
    readonly binaries: Binaries,
    readonly identity: Identity,
    readonly cluster: string,
    readonly options: ServerOptions,
  ) {
    this.#logFile = path.join(options.folder, "postgres.log");
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  async start(): Promise<void> {
    // After a kill -9 its children live on for a moment and hold the shared memory; the server then refuses.
    for (let attempt = 0; ; attempt++) {
      this.#spawn();
      this.#up = await this.#isReady();
      if (this.#up) return;
      const words = this.#lastWords();
      if (attempt >= 40 || !/pre-existing shared memory|lock file/.test(words))
        throw new Error(`cannot start Postgres in ${this.cluster}: ${words}`);
      await wait(100);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    // SIGINT is Postgres' fast shutdown: open transactions are rolled back, the checkpoint is written.
    child.kill("SIGINT");
    const ended = () => child.exitCode !== null || child.signalCode !== null;
    if (!(await until(ended, 20_000))) child.kill("SIGKILL");
  }

  #spawn(): void {
    if ((statSync(this.#logFile, { throwIfNoEntry: false })?.size ?? 0) > 10_000_000) rmSync(this.#logFile);
    const output = openSync(this.#logFile, "a", 0o600);
    const [command = "", ...args] = [...this.identity.prefix, this.binaries.postgres, ...this.#arguments()];
    const child = spawn(command, args, {
      ...this.identity.spawn,
      cwd: "/",
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    this.#child = child;
    child.once("error", (error) => this.options.log.error("postgres.spawn", { reason: error.message }));
    child.once("exit", (code, signal) => this.#ended(child, code, signal));
  }

  #arguments(): string[] {
    const { port, ephemeral } = this.options;
    const settings = {
      listen_addresses: "127.0.0.1",
      unix_socket_directories: socketFolder(this.options.folder) ?? "",
      wal_level: "logical",
      max_slot_wal_keep_size: "256MB",
      max_connections: 100,
      shared_buffers: "64MB",
      jit: "off",
      timezone: "UTC",
      log_timezone: "UTC",
      ...(ephemeral ? { fsync: "off", synchronous_commit: "off", full_page_writes: "off" } : {}),
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    return ["-D", this.cluster, "-p", String(port), ...flags];
  }

  async #isReady(): Promise<boolean> {
    const child = this.#child;
    const ended = () => child?.exitCode !== null || child.signalCode !== null;
    // The eighth line of postmaster.pid is the server's state.
    const ready = () => {
      try {
        const lines = readFileSync(path.join(this.cluster, "postmaster.pid"), "utf8").split("\n");
        return Number(lines[0]) === child?.pid && lines[7]?.trim() === "ready";
      } catch {
        return false;
      }
    };
    await until(() => ended() || ready(), 60_000, 5);
    return !ended() && ready();
  }

  #lastWords(): string {
    try {
      return tail(readFileSync(this.#logFile, "utf8").slice(-4000));
    } catch {
      return "it wrote no log";
    }
  }

  #ended(child: ChildProcess, code: number | null, signal: string | null): void {
    if (this.#stopping || !this.#up || child !== this.#child) return;
    this.#up = false;
    const now = Date.now();
    this.#restarts = [...this.#restarts.filter((at) => now - at < 60_000), now];
    this.options.log.error("postgres.ended", { code, signal, restarts: this.#restarts.length });
    if (this.#restarts.length > maxRestarts) return;
    this.start().catch((error: Error) =>
      this.options.log.error("postgres.restart", { reason: error.message }),
    );
  }
}
