import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import http from "node:http";
import type { Log } from "../part.ts";
import { endTogether } from "../process/together.ts";
import { createFlood } from "./flood.ts";
import { watchMemory } from "./memory.ts";
import { readOutput, type Told } from "./output.ts";
import type { Ending } from "./types.ts";

export interface WorkerOptions {
  deno: string;
  args: string[];
  env: Record<string, string>;
  /** Where Deno keeps what it has compiled. */
  cache: string;
  socket: string;
  memoryMb: number;
  log: Log;
}

/** How long a function's modules may take to load, in milliseconds. */
const bootPatience = 20_000;

/** What a process is given to end by itself, in milliseconds. */
const endPatience = 2_000;

/** Words with which V8 leaves when its heap is full. */
const heapFull = /out of memory|Reached heap limit/i;

/** One process of one function. */
export class Worker {
  readonly agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
  readonly socket: string;
  readonly startedAt = Date.now();
  /** Resolves when it listens. @throws Error with its last words when it ends before that */
  readonly ready: Promise<void>;
  readonly ended: Promise<Ending>;
  /** Requests under way. */
  inFlight = 0;
  /** Tasks that it keeps in the background. */
  pending = 0;
  /** Called whenever work ends. */
  onRest: () => void = () => {};

  readonly #child: ChildProcess;
  readonly #log: Log;
  #ending: Ending | null = null;
  #isReady = false;
  #lastWords = "";

  constructor(options: WorkerOptions) {
    this.socket = options.socket;
    this.#log = options.log;
    const mark = `${randomBytes(12).toString("hex")} `;
    const child = launch(options, mark);
    this.#child = child;
    const stopWatch = watchMemory(child, options.memoryMb, () => this.#end("memory", "SIGKILL"));
    this.ended = new Promise((resolve) => {
      const over = (code: number | null, signal: string | null) => {
        stopWatch();
        this.agent.destroy();
        rmSync(this.socket, { force: true });
        resolve(this.#conclude(code, signal));
      };
      child.once("close", over);
      child.once("error", (error) => {
        this.#lastWords = error.message;
        if (child.pid === undefined) over(null, null);
      });
    });
    this.ready = this.#whenReady(mark);
    // Whoever starts it waits for one of the two; an unheard failure must not end the stack.
    this.ready.catch(() => {});
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Whether it neither works nor has tasks in the background. */
  get resting(): boolean {
    return this.inFlight === 0 && this.pending === 0;
  }

  /** Ends it; safe to call twice. */
  async stop(): Promise<void> {
    if (!this.#hasEnded()) {
      this.#end("stopped", "SIGTERM");
      const kill = setTimeout(() => this.#child.kill("SIGKILL"), endPatience);
      await this.ended;
      clearTimeout(kill);
    }
    await this.ended;
  }

  /** Ends it at once, where it cannot be asked. */
  kill(): void {
    this.#end("stopped", "SIGKILL");
  }

  #hasEnded = () => this.#child.exitCode !== null || this.#child.signalCode !== null;

  #end(how: Ending, signal: NodeJS.Signals): void {
    this.#ending ??= how;
    this.#child.kill(signal);
  }

  #conclude(code: number | null, signal: string | null): Ending {
    this.#ending ??= heapFull.test(this.#lastWords) ? "memory" : "crashed";
    const level = this.#ending === "stopped" ? "info" : "error";
    this.#log[level]("function.ended", { pid: this.pid, reason: this.#ending, code, signal });
    return this.#ending;
  }

  async #whenReady(mark: string): Promise<void> {
    let tell = () => {};
    const listening = new Promise<void>((resolve) => {
      tell = resolve;
    });
    this.#listenTo(mark, () => {
      this.#isReady = true;
      tell();
    });
    const late = setTimeout(() => {
      this.#lastWords = `it did not call Deno.serve() within ${bootPatience / 1000} s`;
      this.#end("crashed", "SIGKILL");
    }, bootPatience);
    await Promise.race([listening, this.ended]);
    clearTimeout(late);
    if (!this.#isReady) throw new Error(this.#lastWords || "it ended before it called Deno.serve()");
    this.#log.info("function.started", { pid: this.pid, ms: Date.now() - this.startedAt });
  }

  #listenTo(mark: string, onReady: () => void): void {
    const flood = createFlood((lines) => this.#log.warn("log.dropped", { lines }));
    const plain = (level: "info" | "error") => (message: string) => {
      if (level === "error") this.#lastWords = `${this.#lastWords}\n${message}`.slice(-4_000);
      if (flood.admits()) this.#log[level]("output", { message });
    };
    const told = (message: Told) => {
      if (message.ready) onReady();
      if (message.log && flood.admits()) this.#log[message.log]("log", pick(message));
      if (message.pending === undefined) return;
      this.pending = message.pending;
      if (this.pending === 0) this.onRest();
    };
    if (this.#child.stdout) readOutput(this.#child.stdout, mark, told, plain("info"));
    if (this.#child.stderr) readOutput(this.#child.stderr, mark, told, plain("error"));
  }
}

const pick = ({ message, request_id }: Told) => ({
  message,
  ...(request_id ? { requestId: request_id } : {}),
});

function launch({ deno, args, env, cache, socket }: WorkerOptions, mark: string): ChildProcess {
  const [command = deno, ...words] = [...endTogether(), deno, ...args];
  return spawn(command, words, {
    cwd: "/",
    env: {
      ...env,
      // setpriv is looked up by it; the function does not see it.
      PATH: process.env.PATH ?? "/usr/bin:/bin",
      TRACKIT_FUNCTION_MARK: mark,
      DENO_DIR: cache,
      DENO_SERVE_ADDRESS: `unix:${socket}`,
      DENO_NO_UPDATE_CHECK: "1",
      DENO_NO_PROMPT: "1",
      NO_COLOR: "1",
    },
    // A group of its own: Ctrl-C in a terminal goes to a whole group, and answers under way are to be finished.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
}
