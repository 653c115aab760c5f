import { existsSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { readConfig } from "../config/project.ts";
import { findFunctions } from "../functions/find.ts";
import { functionLogFile } from "../functions/log.ts";
import { dataFolder, readWords, UsageError } from "./arguments.ts";

/** `functions list` and `functions logs [NAME] [--follow]`. */
export async function functions(words: string[]): Promise<number> {
  const [verb = "list", ...rest] = words;
  if (verb === "list") return list(rest);
  if (verb === "logs") return logs(rest);
  throw new UsageError(`functions can "list" and "logs", not "${verb}"`);
}

async function list(words: string[]): Promise<number> {
  const { values } = readWords(words, { json: { type: "boolean" } });
  const project = path.resolve(values.project ?? ".");
  const { functions: config } = await readConfig(project);
  const found = [...findFunctions(project, config).values()].map((spec) => ({
    name: spec.name,
    verify_jwt: spec.verifyJwt,
    entrypoint: path.relative(project, spec.entrypoint),
    state: stateOf(spec),
  }));
  if (values.json) process.stdout.write(`${JSON.stringify(found)}\n`);
  else
    for (const one of found)
      process.stdout.write(`${one.name.padEnd(20)} ${one.state.padEnd(9)} ${one.entrypoint}\n`);
  return 0;
}

function stateOf({ enabled, entrypoint }: { enabled: boolean; entrypoint: string }): string {
  if (!enabled) return "disabled";
  return existsSync(entrypoint) ? "enabled" : "missing";
}

async function logs(words: string[]): Promise<number> {
  const name = words[0]?.startsWith("-") ? undefined : words[0];
  const { values } = readWords(name === undefined ? words : words.slice(1), { follow: { type: "boolean" } });
  const folder = dataFolder(values);
  const file = functionLogFile(folder);
  if ((await sizeOf(file)) === null)
    throw new Error(`no log of functions in ${folder}: none has been called there`);
  const print = createPrinter(file, name);
  await print();
  while (values.follow) {
    await wait(250);
    await print();
  }
  return 0;
}

const sizeOf = async (file: string) => (await stat(file).catch(() => null))?.size ?? null;

/** Prints the lines of one function, or of all, that have come since the last time. */
function createPrinter(file: string, name: string | undefined): () => Promise<void> {
  let read = 0;
  let rest = "";
  return async () => {
    const size = (await sizeOf(file)) ?? 0;
    // A shorter file is a new one.
    if (size < read) [read, rest] = [0, ""];
    if (size === read) return;
    const handle = await open(file);
    try {
      for await (const chunk of handle.createReadStream({
        start: read,
        encoding: "utf8",
        autoClose: false,
      })) {
        const lines = (rest + chunk).split("\n");
        rest = lines.pop() ?? "";
        const wanted = lines.filter((line) => line !== "" && (name === undefined || isOf(line, name)));
        if (wanted.length > 0) process.stdout.write(`${wanted.join("\n")}\n`);
        read += Buffer.byteLength(chunk);
      }
    } finally {
      await handle.close();
    }
  };
}

function isOf(line: string, name: string): boolean {
  try {
    return (JSON.parse(line) as { function?: unknown }).function === name;
  } catch {
    return false;
  }
}
