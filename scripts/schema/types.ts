import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "../..");

/** Runs a program of `node_modules/.bin` at the root, offline: the CLI's telemetry and version check are off. */
export async function runTool(name: string, args: string[]): Promise<{ stdout: string; stderr: string }> {
  const env = { ...process.env, DO_NOT_TRACK: "1", SUPABASE_TELEMETRY_DISABLED: "1", NO_COLOR: "1" };
  const program = path.join(root, "node_modules", ".bin", name);
  return run(program, args, { cwd: root, env, maxBuffer: 16 * 1024 * 1024 });
}

/**
 * The database's types as the CLI generates them, formatted as the rest of the code.
 * @param url as `postgres`
 */
export async function renderTypes(url: string): Promise<string> {
  const { stdout } = await runTool("supabase", ["gen", "types", "typescript", "--db-url", url]);
  // The CLI says how it connected before it prints the file.
  const start = stdout.indexOf("export type Json");
  if (start < 0)
    throw new Error(`cannot generate types: the CLI printed no types but: ${stdout.slice(0, 400)}`);
  return format(stdout.slice(start));
}

function format(source: string): Promise<string> {
  const work = run(
    path.join(root, "node_modules", ".bin", "biome"),
    ["format", "--stdin-file-path=types.ts"],
    {
      cwd: root,
      maxBuffer: 16 * 1024 * 1024,
    },
  );
  work.child.stdin?.end(source);
  return work.then(({ stdout }) => stdout);
}
