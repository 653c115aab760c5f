import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createGateway } from "../../gateway/index.ts";
import { createKeys, type StackKeys } from "../../keys/keys.ts";
import { createLog } from "../../log.ts";
import { until } from "../../process/running.ts";
import { createFunctions, type FunctionsPart } from "../index.ts";
import { functionLogFile } from "../log.ts";
import type { FunctionConfig } from "../types.ts";

export interface FixtureOptions {
  /** Each function's module; each gets `verify_jwt = false` unless `config` says otherwise. */
  sources: Record<string, string>;
  /** More files of the project, by their path. */
  files?: Record<string, string>;
  /** The key `trackit` of deno.json. */
  trackit?: Record<string, unknown>;
  config?: Record<string, FunctionConfig>;
  secrets?: Record<string, string>;
  bodyLimit?: number;
}

/** A project with functions of its own, and a gateway in front of them; neither database nor Auth. */
export interface Fixture {
  folder: string;
  keys: StackKeys;
  /** Where the gateway answers. */
  origin: string;
  part: FunctionsPart;
  call(pathAndQuery: string, init?: RequestInit): Promise<Response>;
  write(file: string, text: string): Promise<void>;
  /** The lines of the functions' log, once one of them fulfils `check`. */
  log(check: (line: LogLine) => boolean): Promise<LogLine[]>;
  close(): Promise<void>;
}

export interface LogLine {
  event: string;
  level: string;
  function: string;
  message?: string;
  requestId?: string;
  [field: string]: unknown;
}

/** Bounds so short that tests can wait for them. */
export const quick = { requestSeconds: 20, wallClockSeconds: 30, memoryMb: 96, idleSeconds: 60 };

export async function openFixture(options: FixtureOptions): Promise<Fixture> {
  const folder = await mkdtemp(path.join(tmpdir(), "functions-"));
  const write = async (file: string, text: string) => {
    const target = path.join(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
  };
  const names = Object.keys(options.sources);
  for (const name of names) await write(`functions/${name}/index.ts`, options.sources[name] ?? "");
  for (const [file, text] of Object.entries(options.files ?? {})) await write(file, text);
  await write(
    "functions/deno.json",
    JSON.stringify({ imports: {}, trackit: { "*": quick, ...options.trackit } }),
  );
  const keys = await createKeys();
  const log = createLog(() => {});
  const dataDir = path.join(folder, "data");
  const bodyLimit = options.bodyLimit;
  const part = await createFunctions({
    project: folder,
    functions: Object.fromEntries(
      names.map((name) => [name, { ...configOf(name), ...options.config?.[name] }]),
    ),
    runtime: { enabled: true, ...(options.secrets ? { secrets: options.secrets } : {}) },
    keys,
    apiUrl: "http://127.0.0.1:9",
    databaseUrl: "postgresql://postgres:secret@127.0.0.1:9/postgres",
    dataDir,
    log,
    ...(bodyLimit === undefined ? {} : { bodyLimit }),
  });
  const issuer = "http://127.0.0.1:9/auth/v1";
  const gateway = await createGateway({ port: 0, keys, parts: { "/functions/v1": part }, log, issuer });
  const origin = `http://127.0.0.1:${gateway.port}`;
  return {
    folder,
    keys,
    origin,
    part,
    write,
    call: (rest, init) => fetch(`${origin}/functions/v1/${rest}`, init),
    log: (check) => awaitLog(functionLogFile(dataDir), check),
    async close() {
      await part.close();
      await gateway.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const configOf = (name: string): FunctionConfig => ({
  verify_jwt: false,
  entrypoint: `../functions/${name}/index.ts`,
  import_map: "../functions/deno.json",
});

async function awaitLog(file: string, check: (line: LogLine) => boolean): Promise<LogLine[]> {
  let lines: LogLine[] = [];
  const found = await until(async () => {
    const text = await readFile(file, "utf8").catch(() => "");
    lines = text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as LogLine);
    return lines.some(check);
  }, 10_000);
  if (!found) throw new Error(`a log line was awaited for 10 s among:\n${JSON.stringify(lines, null, 1)}`);
  return lines;
}
