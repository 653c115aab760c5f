import { readFile } from "node:fs/promises";
import path from "node:path";
import { parse, TomlError } from "smol-toml";
import { checkStorage } from "../storage/settings.ts";
import { conform } from "./check.ts";
import { fillEnvironment, readEnvironment } from "./environment.ts";
import { type DeepPartial, merge } from "./merge.ts";
import { defaults, type ProjectConfig } from "./schema.ts";

/**
 * Reads `supabase/config.toml` of a project, with the CLI's defaults for what it leaves out and `env(NAME)`
 * replaced from the environment.
 * @param project the folder that holds `supabase/`
 * @param overrides wins over the file; for tests and embedding
 * @throws Error naming the file, and the line where it is no TOML or the key whose value cannot be
 */
export async function readConfig(
  project: string,
  overrides: DeepPartial<ProjectConfig> = {},
): Promise<ProjectConfig> {
  const file = path.join(project, "supabase", "config.toml");
  const filled = fillEnvironment(parseToml(await readText(file), file), await readEnvironment(project));
  try {
    const fromFile = renamed(filled as Record<string, unknown>) as DeepPartial<ProjectConfig>;
    const config = conform(
      merge<ProjectConfig>(merge<ProjectConfig>(defaults, fromFile), overrides),
      defaults,
    );
    checkUrl("auth.site_url", config.auth.site_url);
    checkStorage(config.storage);
    return config;
  } catch (cause) {
    throw new Error(`cannot use ${file}: ${(cause as Error).message}`, { cause });
  }
}

function readText(file: string): Promise<string> {
  return readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === "ENOENT" || cause.code === "ENOTDIR"
        ? "there is none; name the project's folder with --project"
        : cause.message;
    throw new Error(`cannot read ${file}: ${why}`, { cause });
  });
}

function parseToml(text: string, file: string): unknown {
  try {
    return parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const what = cause.message.split("\n")[0]?.replace("Invalid TOML document: ", "");
    throw new Error(`cannot read ${file}, line ${cause.line}: ${what}`, { cause });
  }
}

// Projects made before 2026 call the mailbox by the name of the program that it once was.
function renamed({ inbucket, ...config }: Record<string, unknown>): Record<string, unknown> {
  return inbucket === undefined || config.local_smtp !== undefined
    ? config
    : { ...config, local_smtp: inbucket };
}

function checkUrl(key: string, value: string): void {
  if (!URL.canParse(value))
    throw new Error(`${key} is ${JSON.stringify(value)}; want an address like http://127.0.0.1:3000`);
}
