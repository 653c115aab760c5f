import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { dataFolder, readWords } from "./arguments.ts";

/** Prints what the stack, or its Postgres, has written; with `--follow` until Ctrl-C. */
export async function logs(words: string[]): Promise<number> {
  const { values } = readWords(words, { follow: { type: "boolean" }, postgres: { type: "boolean" } });
  const folder = dataFolder(values);
  const file = path.join(folder, ...(values.postgres ? ["postgres", "postgres.log"] : ["stack.log"]));
  if ((await sizeOf(file)) === null) throw new Error(`no log in ${folder}: no stack has run there`);
  try {
    let printed = await print(file, 0);
    while (values.follow) {
      await wait(250);
      const size = (await sizeOf(file)) ?? 0;
      // A shorter file is a new one.
      if (size !== printed) printed = await print(file, size < printed ? 0 : printed);
    }
  } catch (error) {
    if (!isClosedPipe(error)) throw error;
  }
  return 0;
}

const sizeOf = async (file: string) => (await stat(file).catch(() => null))?.size ?? null;

async function print(file: string, from: number): Promise<number> {
  const stream = createReadStream(file, { start: from });
  await pipeline(stream, process.stdout, { end: false });
  return from + stream.bytesRead;
}

// `logs --follow | head` has seen enough.
const isClosedPipe = (error: unknown) =>
  ["EPIPE", "ERR_STREAM_PREMATURE_CLOSE", "ERR_STREAM_UNABLE_TO_PIPE"].includes(
    (error as NodeJS.ErrnoException).code ?? "",
  );
