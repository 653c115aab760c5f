import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import type { FunctionConfig, FunctionSpec } from "./types.ts";

/** What the CLI takes as a function's name. */
const namePattern = /^[A-Za-z][A-Za-z0-9_-]*$/;

/**
 * The functions of a project: those that config.toml names, and the folders of `supabase/functions`.
 * @param project the folder that holds `supabase/`
 */
export function findFunctions(
  project: string,
  config: Record<string, FunctionConfig>,
): Map<string, FunctionSpec> {
  const names = new Set([...Object.keys(config), ...foldersOf(path.join(project, "supabase", "functions"))]);
  const valid = [...names].filter((name) => namePattern.test(name)).sort();
  return new Map(valid.map((name) => [name, describe(project, name, config[name] ?? {})]));
}

// A folder that begins with _ or . holds what functions share.
function foldersOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(path.join(folder, entry.name, "index.ts")))
    .map((entry) => entry.name);
}

function describe(project: string, name: string, config: FunctionConfig): FunctionSpec {
  const base = path.join(project, "supabase");
  const resolve = (file: string) => path.resolve(base, file);
  const entrypoint = resolve(config.entrypoint || path.join("functions", name, "index.ts"));
  return {
    name,
    enabled: config.enabled !== false,
    verifyJwt: config.verify_jwt !== false,
    entrypoint,
    importMap: config.import_map ? resolve(config.import_map) : importMapBeside(base, entrypoint),
    staticFiles: (config.static_files ?? []).map((pattern) => resolve(beforeWildcard(pattern))),
  };
}

function importMapBeside(base: string, entrypoint: string): string | null {
  const own = path.dirname(entrypoint);
  const shared = path.join(base, "functions");
  const candidates = [
    ...["deno.json", "deno.jsonc"].map((file) => path.join(own, file)),
    ...["deno.json", "deno.jsonc", "import_map.json"].map((file) => path.join(shared, file)),
  ];
  return candidates.find((file) => existsSync(file)) ?? null;
}

// Permissions know folders, no patterns: `./pages/*.html` opens `./pages`.
function beforeWildcard(pattern: string): string {
  const wildcard = pattern.search(/[*?[{]/);
  return wildcard < 0 ? pattern : path.dirname(`${pattern.slice(0, wildcard)}x`);
}
