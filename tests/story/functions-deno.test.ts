/** Handlers and what they share under plain Deno, as anybody would run them, and their types. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, expect, it } from "vitest";
import { findDeno } from "../../stack/src/functions/deno.ts";
import { root } from "../support/stack.ts";

const run = promisify(execFile);
const cache = mkdtempSync(path.join(tmpdir(), "deno-cache-"));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

const offline = ["--no-remote", "--cached-only", "--node-modules-dir=manual", "--no-lock"];
const files = readdirSync(path.join(root, "functions"), { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .map((file) => path.join("functions", file));

async function deno(...args: string[]): Promise<string> {
  const env = {
    PATH: process.env.PATH,
    DENO_DIR: cache,
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
    DENO_NO_PROMPT: "1",
  };
  return run(findDeno(), args, { cwd: root, env, maxBuffer: 10_000_000 }).then(
    ({ stdout }) => stdout,
    (error: Error & { stdout?: string; stderr?: string }) => {
      throw new Error(
        `deno ${args[0]} failed:\n${error.stdout?.slice(-6000)}\n${error.stderr?.slice(-3000)}`,
      );
    },
  );
}

it("every *_test.ts of functions/ passes under plain Deno, without a database or the network", async () => {
  const said = await deno(
    "test",
    "--no-check",
    "--config=functions/deno.json",
    ...offline,
    "--allow-net=127.0.0.1:1",
    "functions/",
  );
  const [, passed = "0", failed = ""] = /(\d+) passed \| (\d+) failed/.exec(said) ?? [];
  expect(failed).toBe("0");
  expect(Number(passed)).toBeGreaterThan(80);
});

it("functions have no type error, their tests neither", async () => {
  const sources = files.filter((file) => !file.endsWith("_test.ts"));
  expect(sources.length).toBeGreaterThan(10);
  await deno("check", "--config=functions/deno.json", ...offline, ...sources);
  // Types of node:assert come from the project's package.json, which a config of their own would hide.
  await deno("check", "--no-config", "--import-map=functions/deno.json", ...offline, ...files);
});
