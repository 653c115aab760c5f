import { readFile } from "node:fs/promises";
import path from "node:path";
import { parseEnv } from "node:util";

type Variables = Record<string, string | undefined>;

/** The variables that `env(NAME)` sees: those of the process, then `supabase/.env`, then `.env` of the project. */
export async function readEnvironment(project: string): Promise<Variables> {
  const files = [path.join(project, ".env"), path.join(project, "supabase", ".env")];
  const found = await Promise.all(
    files.map(async (file) => parseEnv(await readFile(file, "utf8").catch(() => ""))),
  );
  return Object.assign({}, ...found, process.env);
}

const reference = /^env\(([A-Za-z_][A-Za-z0-9_]*)\)$/;

/** `value` with every `env(NAME)` replaced, at any depth. */
export function fillEnvironment(value: unknown, variables: Variables): unknown {
  if (typeof value === "string") {
    const name = reference.exec(value)?.[1];
    // The CLI leaves `env(NAME)` as it stands when NAME is not set, so that a missing secret shows; so do we.
    return (name === undefined ? undefined : variables[name]) ?? value;
  }
  if (Array.isArray(value)) return value.map((item) => fillEnvironment(item, variables));
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, fillEnvironment(item, variables)]),
  );
}
