import { execFile } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { findDeno } from "../../../stack/src/functions/deno.ts";
import type { Answers } from "./conformance.ts";
import type { Objects } from "./exchange.ts";

const run = promisify(execFile);

/** Another WebCrypto to ask. */
export interface Runtime {
  name: string;
  conform(): Promise<Answers>;
  openOthers(others: Record<string, Objects>): Promise<Record<string, string>>;
}

/** The conformance suite as one file of plain JavaScript, for a runtime that knows no TypeScript. */
export async function bundle(format: "esm" | "iife"): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, "conformance.ts")],
    bundle: true,
    write: false,
    format,
    globalName: "conformance",
    target: "es2022",
    platform: "neutral",
    mainFields: ["module", "main"],
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

/** A program that runs a module. @param folder Holds `bundle.mjs`. */
export function programRuntime(name: string, program: string, args: string[], folder: string): Runtime {
  const ask = async <T>(file: string, expression: string): Promise<T> => {
    const script = path.join(folder, `${name.replaceAll(/\W/g, "-")}-${file}.mjs`);
    const lines = ['import { conform, openOthers } from "./bundle.mjs";'];
    writeFileSync(script, [...lines, `console.log(JSON.stringify(await ${expression}));`].join("\n"));
    const env = { ...process.env, DENO_NO_UPDATE_CHECK: "1", NODE_OPTIONS: "" };
    const { stdout } = await run(program, [...args, script], { cwd: folder, env, maxBuffer: 1e8 });
    return JSON.parse(stdout) as T;
  };
  return {
    name,
    conform: () => ask("conform", "conform(crypto)"),
    openOthers: (others) => ask("open", `openOthers(crypto, ${JSON.stringify(others)})`),
  };
}

export function denoRuntime(folder: string): Runtime {
  // No permission at all: the suite reads no file, asks no network and knows no environment.
  return programRuntime(
    "Deno",
    findDeno(),
    ["run", "--no-lock", "--no-config", "--cached-only", "--no-prompt"],
    folder,
  );
}

/** Where a Node of this major version is: NODE_22, or nvm's folder; null where neither is there. */
export function findNode(major: number): string | null {
  const named = process.env[`NODE_${major}`];
  if (named && !existsSync(named)) throw new Error(`NODE_${major} is ${named}: no such file`);
  if (named) return named;
  const folder = path.join(process.env.NVM_DIR ?? path.join(homedir(), ".nvm"), "versions", "node");
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  const found = versions.find((version) => version.startsWith(`v${major}.`));
  return found ? path.join(folder, found, "bin", "node") : null;
}
