import { rm } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { lockHolder } from "../data-directory.ts";
import { dataFolder, readWords, UsageError } from "./arguments.ts";

/** What holds users' data; the keys stay, so that configured apps go on working. */
const emptied = ["postgres", "storage", "mail"];

/** Empties a data directory; the next start makes the database anew. */
export async function reset(words: string[]): Promise<number> {
  const { values } = readWords(words, { yes: { type: "boolean" } });
  const folder = dataFolder(values);
  const pid = await lockHolder(folder);
  if (pid !== null)
    throw new Error(`cannot reset ${folder}: a stack is running there (process ${pid}); stop it first`);
  if (!values.yes && !(await agrees(folder))) {
    process.stdout.write("nothing was changed\n");
    return 1;
  }
  for (const name of emptied) await rm(path.join(folder, name), { recursive: true, force: true });
  process.stdout.write("empty; the next start makes the database anew and applies every migration\n");
  return 0;
}

async function agrees(folder: string): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError("reset deletes every row and mail: say --yes");
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Delete every row and mail in ${folder}? Type yes: `);
  terminal.close();
  return answer.trim().toLowerCase() === "yes";
}
