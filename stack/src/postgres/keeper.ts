import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Log } from "../part.ts";
import { PortTakenError } from "../process/port.ts";
import { until } from "../process/running.ts";
import type { Programs } from "./cluster.ts";
import { endOrphan } from "./orphan.ts";
import { ServerLog } from "./server-log.ts";
import { ended, endServer } from "./server-process.ts";
import { type ServerSettings, serverArguments, serverEnvironment } from "./settings.ts";

/** What recovery after a crash may take, in milliseconds. */
const patience = 300_000;

/** A server that lived less than this, in milliseconds, ended for a reason that may well come again. */
const shortLife = 10_000;

/** Runs a server, and starts it again whenever it ends without having been told to. */
export class Keeper {
  readonly #programs: Programs;
  readonly #cluster: string;
  readonly #settings: ServerSettings;
  readonly #log: Log;
  readonly #output: ServerLog;
  readonly #stopping = new AbortController();
  #child: ChildProcess | null = null;
  #returning: Promise<void> | null = null;
  /** Short lives and failed starts in a row. */
  #failures = 0;

  constructor(programs: Programs, cluster: string, settings: ServerSettings, log: Log) {
    this.#programs = programs;
    this.#cluster = cluster;
    this.#settings = settings;
    this.#log = log;
    this.#output = new ServerLog(path.join(settings.folder, "postgres.log"));
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** @throws PortTakenError, or Error with the server's own last words */
  async start(): Promise<void> {
    process.on("exit", this.#interrupt);
    try {
      await this.#bringUp();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#returning;
    process.off("exit", this.#interrupt);
    if (this.#child) await endServer(this.#child);
    this.#output.close();
  }

  // For a process that leaves without stopping, where the system does not take children along.
  readonly #interrupt = () => {
    if (this.#child && !ended(this.#child)) this.#child.kill("SIGINT");
  };

  async #bringUp(): Promise<void> {
    const left = await endOrphan(this.#cluster);
    if (left.length > 0) this.#log.warn("postgres.orphan", { pids: left });
    const from = this.#output.size;
    const child = this.#spawn();
    this.#child = child;
    const began = performance.now();
    const { signal } = this.#stopping;
    await until(() => ended(child) || this.#isReady(child) || signal.aborted, patience, 5);
    if (!this.#isReady(child)) {
      await endServer(child);
      throw this.#explain(this.#output.since(from));
    }
    child.once("exit", (code, signal) => this.#lost(began, { code, signal }));
    // It may have ended between the two lines above.
    if (ended(child)) throw this.#explain(this.#output.since(from));
  }

  #spawn(): ChildProcess {
    const { binaries, identity } = this.#programs;
    const words = [...identity.prefix, binaries.postgres, ...serverArguments(this.#cluster, this.#settings)];
    const [command = "", ...args] = words;
    const child = this.#output.lend((output) =>
      spawn(command, args, {
        ...identity.spawn,
        cwd: "/",
        env: serverEnvironment,
        // A group of its own: Ctrl-C in a terminal goes to a whole group, and the server is to be ended last.
        detached: true,
        stdio: ["ignore", output, output],
      }),
    );
    child.on("error", (error) => this.#log.error("postgres.spawn", { reason: error.message }));
    return child;
  }

  // The first line of postmaster.pid is the process, the eighth its state.
  #isReady(child: ChildProcess): boolean {
    try {
      const lines = readFileSync(path.join(this.#cluster, "postmaster.pid"), "utf8").split("\n");
      return !ended(child) && Number(lines[0]) === child.pid && lines[7]?.trim() === "ready";
    } catch {
      return false;
    }
  }

  #explain(words: string): Error {
    if (/could not bind .*Address already in use/.test(words))
      return new PortTakenError(this.#settings.port, "Postgres");
    return new Error(`cannot start Postgres in ${this.#cluster}: ${words}`);
  }

  #lost(began: number, how: { code: number | null; signal: string | null }): void {
    if (this.#stopping.signal.aborted) return;
    this.#log.error("postgres.ended", how);
    this.#failures = performance.now() - began < shortLife ? this.#failures + 1 : 0;
    this.#returning = this.#comeBack();
  }

  // Without end: what keeps the server down, such as a full disk, may pass.
  async #comeBack(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const pause = this.#failures === 0 ? 0 : Math.min(50 * 2 ** this.#failures, 1000);
      await wait(pause, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        await this.#bringUp();
        this.#log.info("postgres.restarted", { pid: this.pid });
        return;
      } catch (error) {
        this.#failures++;
        this.#log.error("postgres.restart", { reason: (error as Error).message });
      }
    }
  }
}
