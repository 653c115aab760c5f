import path from "node:path";
import { readBackup } from "../backup/read.ts";
import { writeBackup } from "../backup/write.ts";
import { dataFolder, readWords } from "./arguments.ts";

/** Keeps a data directory in one file. */
export async function backup(words: string[]): Promise<number> {
  const { values, positionals } = readWords(words, {}, ["FILE"]);
  const file = path.resolve(positionals[0] ?? "");
  const bytes = await writeBackup(dataFolder(values), file);
  process.stdout.write(
    `${file}: ${(bytes / 1_048_576).toFixed(1)} MiB. It holds keys and passwords: keep it as such.\n`,
  );
  return 0;
}

/** Puts a backup into an empty data directory. */
export async function restore(words: string[]): Promise<number> {
  const { values, positionals } = readWords(words, {}, ["FILE"]);
  const folder = dataFolder(values);
  await readBackup(path.resolve(positionals[0] ?? ""), folder);
  process.stdout.write(`restored to ${folder}; npx trackit-stack start uses it\n`);
  return 0;
}
