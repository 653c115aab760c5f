import { readFile } from "node:fs/promises";
import path from "node:path";
import { parse, TomlError } from "smol-toml";
import { type DeepPartial, merge } from "./merge.ts";
import { defaults, type ProjectConfig } from "./schema.ts";

/**
 * Reads `supabase/config.toml` of a project, with the CLI's defaults for what it leaves out and `env(NAME)`
 * replaced from the environment.
 * @param project the folder that holds `supabase/`
 * @param overrides wins over the file; for tests and embedding
 * @throws Error naming the file, and the line where it is no TOML
 */
export async function readConfig(
  project: string,
  overrides: DeepPartial<ProjectConfig> = {},
): Promise<ProjectConfig> {
  const file = path.join(project, "supabase", "config.toml");
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === "ENOENT" ? "there is none; name the project's folder with --project" : cause.message;
    throw new Error(`cannot read ${file}: ${why}`, { cause });
  });
  const fromFile = fillEnvironment(parseToml(text, file)) as DeepPartial<ProjectConfig>;
  return merge<ProjectConfig>(merge<ProjectConfig>(defaults, fromFile), overrides);
}

function parseToml(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    throw new Error(`cannot read ${file}, line ${cause.line}: ${cause.message.split("\n")[0]}`, { cause });
  }
}

const fromEnvironment = /^env\(([A-Za-z_][A-Za-z0-9_]*)\)$/;

// The CLI leaves `env(NAME)` as it stands when NAME is not set, so that a missing secret shows; so do we.
function fillEnvironment(value: unknown): unknown {
  if (typeof value === "string") {
    const name = fromEnvironment.exec(value)?.[1];
    return (name !== undefined ? process.env[name] : undefined) ?? value;
  }
  if (Array.isArray(value)) return value.map(fillEnvironment);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillEnvironment(item)]));
}
