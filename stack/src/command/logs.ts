import { createReadStream, watchFile } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { dataFolder, readWords } from "./arguments.ts";

/** Prints what the stack, or its Postgres, has written. */
export async function logs(words: string[]): Promise<number> {
  const { values } = readWords(words, { follow: { type: "boolean" }, postgres: { type: "boolean" } });
  const folder = dataFolder(values);
  const file = path.join(folder, ...(values.postgres ? ["postgres", "postgres.log"] : ["stack.log"]));
  const found = await stat(file).catch(() => null);
  if (found === null) throw new Error(`no log in ${folder}: no stack has run there`);
  let read = await print(file, 0);
  if (!values.follow) return 0;
  return new Promise(() => {
    watchFile(file, { interval: 300 }, async (now) => {
      // A shorter file is a new one.
      read = await print(file, now.size < read ? 0 : read);
    });
  });
}

async function print(file: string, from: number): Promise<number> {
  const stream = createReadStream(file, { start: from });
  await pipeline(stream, process.stdout, { end: false });
  return from + stream.bytesRead;
}
