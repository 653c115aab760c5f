import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import type { NodePart, UpgradePart } from "../gateway/node-part.ts";
import { createTokenVerifier } from "../gateway/tokens.ts";
import type { RequestContext } from "../part.ts";
import { answer, answerUpgrade } from "./answer.ts";
import { readDeclared } from "./declared.ts";
import { findFunctions } from "./find.ts";
import { createLauncher } from "./launcher.ts";
import { openFunctionLog } from "./log.ts";
import type { FunctionsOptions } from "./options.ts";
import { Runner } from "./runner.ts";
import type { FunctionConfig, FunctionSpec } from "./types.ts";

export interface FunctionsPart extends NodePart, UpgradePart {
  /** The process of a function, or null while none runs. */
  pid(name: string): number | null;
}

/**
 * Runs the project's edge functions, each in a Deno process of its own with only the permissions that it declares.
 * @throws Error when what a function declares is not readable
 */
export async function createFunctions(options: FunctionsOptions): Promise<FunctionsPart> {
  const { project, functions, keys, apiUrl, dataDir, bodyLimit = 50 * 1_048_576 } = options;
  const folder = path.join(dataDir, "functions");
  const sockets = socketFolder(path.join(folder, "run"));
  const output = openFunctionLog(folder);
  const launch = createLauncher({
    ...options,
    sockets,
    cache: path.join(folder, "cache"),
    output,
  });
  const verify = await createTokenVerifier(keys, `${apiUrl}/auth/v1`);
  const runners = new Map<string, Runner>();
  const find = createFinder(project, functions);

  const runnerOf = (spec: FunctionSpec): Runner => {
    const known = runners.get(spec.name);
    if (known) return known;
    const runner = new Runner({ launch: (onChange) => launch(spec, onChange), log: output.of(spec.name) });
    runners.set(spec.name, runner);
    return runner;
  };
  const killAll = () => {
    for (const runner of runners.values()) runner.kill();
  };
  process.on("exit", killAll);
  for (const spec of find.all()) {
    if (spec.enabled && readDeclared(spec.importMap, spec.name).warm) void warm(runnerOf(spec));
  }

  const deps = { find: find.one, runnerOf, verify, bodyLimit, logOf: output.of };
  return {
    handle: (req: IncomingMessage, res: ServerResponse, context: RequestContext) =>
      answer(req, res, context, deps),
    // Nobody waits for it: what it may throw must not end the stack.
    upgrade: (req, socket, head) => void answerUpgrade(req, socket, head, deps).catch(() => socket.destroy()),
    fetch: () => Promise.reject(new Error("functions answer node's own requests: call handle()")),
    pid: (name) => runners.get(name)?.pid ?? null,
    async close() {
      process.off("exit", killAll);
      await Promise.all([...runners.values()].map((runner) => runner.stop()));
      output.close();
      rmSync(sockets, { recursive: true, force: true });
    },
  };
}

// What goes wrong is in the log, and comes again at the first request.
async function warm(runner: Runner): Promise<void> {
  const lease = await runner.lease().catch(() => null);
  lease?.release();
}

/** Functions by name; a folder that was added after the start is found at its first request. */
function createFinder(project: string, config: Record<string, FunctionConfig>) {
  let known = findFunctions(project, config);
  return {
    all: () => [...known.values()],
    one(name: string): FunctionSpec | null {
      if (!known.has(name)) known = findFunctions(project, config);
      const spec = known.get(name);
      return spec?.enabled ? spec : null;
    },
  };
}

/** The longest folder whose sockets' paths fit the 107 bytes that Linux allows (103 elsewhere). */
const longest = 90;

function socketFolder(wanted: string): string {
  rmSync(wanted, { recursive: true, force: true });
  mkdirSync(wanted, { recursive: true, mode: 0o700 });
  // A comma would part it into two in a list of permissions.
  const fits = Buffer.byteLength(wanted) <= longest && !wanted.includes(",");
  return fits ? wanted : mkdtempSync(path.join(tmpdir(), "trackit-fn-"));
}
