import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { build, type OutputFile } from "esbuild";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, describe, expect, it } from "vitest";
import * as cryptoDevices from "../../sdk/src/crypto/devices.ts";
import * as cryptoFiles from "../../sdk/src/crypto/files.ts";
import * as crypto from "../../sdk/src/crypto/index.ts";
import * as cryptoRooms from "../../sdk/src/crypto/rooms.ts";

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, "../..");
const sdk = path.join(root, "sdk");
const pkg = JSON.parse(readFileSync(path.join(sdk, "package.json"), "utf8"));
const entries: string[] = Object.keys(pkg.exports).filter((name) => name !== "./package.json");
const scratch = mkdtempSync(path.join(tmpdir(), "trackit-sdk-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** What each entry hands out. */
const EXPORTS: Record<string, string[]> = {
  ".": ["ERROR_CODES", "TrackItError", "createTrackIt", "isTrackItError", "isVersionConflict"],
  "./auth": ["createAuth"],
  // As their sources say: every part of the protocol, by its own list.
  "./crypto": Object.keys(crypto).sort(),
  "./crypto/devices": Object.keys(cryptoDevices).sort(),
  "./crypto/files": Object.keys(cryptoFiles).sort(),
  "./crypto/rooms": Object.keys(cryptoRooms).sort(),
  "./keystore": ["keptDevice", "memoryKeystore", "openKeystore", "storeOn"],
  "./node": ["fileKeystore", "fileSource", "fileTarget", "nodeCrypto"],
  "./sanitize": ["SanitizeError", "clean", "sanitizeJson", "sanitizeLine", "sanitizeText", "selfTest"],
  "./schema": [
    "account",
    "check",
    "goalFilter",
    "goalPatch",
    "newGoal",
    "newGoalWithTasks",
    "newTask",
    "profilePatch",
    "taskFilter",
    "taskPatch",
  ],
};

const specifier = (entry: string): string => path.posix.join(pkg.name, entry);
const client = 'createTrackIt({ url: "http://127.0.0.1:1", key: "k" })';

describe("the package", () => {
  it("is built for every entry and condition that it names", () => {
    const files = (value: unknown): string[] =>
      typeof value === "string" ? [value] : Object.values(value as object).flatMap(files);
    for (const file of files(pkg.exports)) expect(existsSync(path.join(sdk, file)), file).toBe(true);
  });

  it("has nothing that publint would change, strictly", async () => {
    const { messages } = await publint({ pkgDir: sdk, strict: true, pack: "npm" });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it("gives every kind of TypeScript project the right types", async () => {
    const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", scratch], { cwd: sdk });
    const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: { path: string }[] }];
    expect(
      files.map((file) => file.path).filter((file) => !/^(dist\/|README|LICENSE|package)/.test(file)),
    ).toEqual([]);
    const attw = path.join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
    // Offline: the packed file is its only input. Node 10's resolution knows no subpaths, and no Node before 20 is ours.
    const args = [
      attw,
      path.join(scratch, filename),
      "--format",
      "ascii",
      "--no-color",
      "--profile",
      "node16",
      "--exclude-entrypoints",
      "package.json",
    ];
    const problems = await run(process.execPath, args).then(
      () => "",
      (error: { stdout: string }) => error.stdout,
    );
    expect(problems).toBe("");
  });
});

describe("every entry loads", () => {
  it.each(entries)("%s as ESM and as CommonJS in raw Node, with its exports and no more", async (entry) => {
    const esm = `import * as m from "${specifier(entry)}"; console.log(JSON.stringify(Object.keys(m).sort()))`;
    const cjs = `console.log(JSON.stringify(Object.keys(require("${specifier(entry)}")).sort()))`;
    const imported = await run(process.execPath, ["--input-type=module", "-e", esm], { cwd: sdk });
    const required = await run(process.execPath, ["--input-type=commonjs", "-e", cjs], { cwd: sdk });
    expect(JSON.parse(imported.stdout)).toEqual(EXPORTS[entry]);
    expect(JSON.parse(required.stdout)).toEqual(EXPORTS[entry]);
  });

  it("a client can be made in raw Node without a WebSocket of its own, from both module kinds", async () => {
    const walk = `const t = ${client}; t.goals.list().toArray().catch((e) => console.log(e.name, e.code)).then(() => t.close())`;
    const esm = `import { createTrackIt } from "@trackit/sdk"; ${walk}`;
    const cjs = `const { createTrackIt } = require("@trackit/sdk"); ${walk}`;
    const imported = await run(process.execPath, ["--input-type=module", "-e", esm], { cwd: sdk });
    const required = await run(process.execPath, ["--input-type=commonjs", "-e", cjs], { cwd: sdk });
    expect(imported.stdout.trim()).toBe("TrackItError NETWORK_OFFLINE");
    expect(required.stdout.trim()).toBe("TrackItError NETWORK_OFFLINE");
  });

  it("and in Deno, from the built files", async () => {
    const deno = denoPath();
    const script = path.join(sdk, "dist", "deno-probe.mjs");
    const lines = entries.map((entry) => {
      const file = pkg.exports[entry].import.default.replace("./dist/", "./");
      return `console.log(JSON.stringify(Object.keys(await import("${file}")).sort()))`;
    });
    const walk = `const { createTrackIt } = await import("./index.js"); const t = ${client}; await t.close(); console.log("closed")`;
    writeFileSync(script, [...lines, walk].join("\n"));
    try {
      const args = [
        "run",
        "--no-lock",
        "--node-modules-dir=manual",
        "--cached-only",
        "--allow-env",
        "--allow-read",
        script,
      ];
      const { stdout } = await run(deno, args, {
        cwd: root,
        env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
      });
      const [closed, ...exports] = stdout.trim().split("\n").reverse();
      expect(closed).toBe("closed");
      expect(exports.reverse().map((line) => JSON.parse(line))).toEqual(
        entries.map((entry) => EXPORTS[entry]),
      );
    } finally {
      rmSync(script, { force: true });
    }
  });
});

describe("the sources that functions share", () => {
  it("are read by Deno as they are, in TypeScript", async () => {
    const probe = `import { check, newTask } from "${path.join(sdk, "src/schema/index.ts")}";
      console.log(JSON.stringify(check(newTask, { title: "<b>" })));`;
    const script = path.join(sdk, "deno-probe.ts");
    writeFileSync(script, probe);
    try {
      const args = ["run", "--no-lock", "--node-modules-dir=manual", "--cached-only", "--allow-read", script];
      const { stdout } = await run(denoPath(), args, {
        cwd: root,
        env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" },
      });
      expect(JSON.parse(stdout)).toEqual({ ok: true, value: { title: "< b>" } });
    } finally {
      rmSync(script, { force: true });
    }
  });
});

describe("size over supabase-js, minified and gzipped, zod included", () => {
  it("of what an app loads at once is at most 38 kB, with live data 45 kB", async () => {
    const files = await bundle("index");
    const first = await atOnce(files, "index.js");
    const live = await atOnce(files, nameOf(files, "engine-"));
    expect(sizeOf(first)).toBeLessThanOrEqual(38 * 1024);
    expect(sizeOf([...new Set([...first, ...live])])).toBeLessThanOrEqual(45 * 1024);
  });

  it("of everything but chat and files, outbox, import and export included, is at most 60 kB", async () => {
    const { others } = await byNoun();
    expect(sizeOf(others)).toBeLessThanOrEqual(60 * 1024);
    expect(others.map((file) => file.text).join()).not.toContain("read_device_logs");
  });

  it("of chat with keystore and cryptography is at most 63 kB at its first verb, and 85 kB in all", async () => {
    const { chat, chatAtOnce } = await byNoun();
    expect(sizeOf(chatAtOnce)).toBeLessThanOrEqual(63 * 1024);
    expect(sizeOf(chat)).toBeLessThanOrEqual(85 * 1024);
  });

  it("of files and links over chat is at most 21 kB, Argon2id aside, which a password alone loads", async () => {
    const { files } = await byNoun();
    expect(sizeOf(files)).toBeLessThanOrEqual(21 * 1024);
  });

  it("of what the auth entry loads at once is at most 9 kB", async () => {
    const files = await bundle("auth");
    expect(sizeOf(await atOnce(files, "auth.js"))).toBeLessThanOrEqual(9 * 1024);
  });

  it("of the sanitizer with its HTML tokenizer, which only its own entry loads, is at most 36 kB", async () => {
    const files = await bundle("sanitize");
    expect(sizeOf(files)).toBeLessThanOrEqual(36 * 1024);
  });

  it("of what judges, seals and opens in rooms is at most 16 kB, and what rests on it adds little", async () => {
    const files = await bundle("crypto");
    expect(sizeOf(files)).toBeLessThanOrEqual(16 * 1024);
    const entries = { "crypto-rooms": 7, "crypto-devices": 6, "crypto-files": 6 };
    for (const [entry, most] of Object.entries(entries)) {
      const both = await bundle("crypto", entry);
      const added = (await atOnce(both, `${entry}.js`)).filter(
        (file) => path.basename(file.path) !== "crypto.js",
      );
      expect(sizeOf(added) - sizeOf(files), entry).toBeLessThanOrEqual(most * 1024);
      const own = both.filter((file) => !path.basename(file.path).startsWith("index.esm"));
      expect(own.map((file) => file.text).join(), entry).not.toMatch(/\bfetch\b|WebSocket|supabase/);
    }
  });

  it("of the keystore is at most 12 kB, its worker's file 9 kB more, and nothing of Node's is in either", async () => {
    const files = await bundle("keystore");
    const worker = readFileSync(path.join(sdk, "dist/keystore-worker.js"));
    expect(sizeOf(files)).toBeLessThanOrEqual(12 * 1024);
    expect(gzipSync(worker).length).toBeLessThanOrEqual(9 * 1024);
    expect(`${files.map((file) => file.text).join()}${worker}`).not.toMatch(/node:|scrypt/);
    // Bundlers copy the worker's file as it is: what it imported would be missing there.
    expect(worker.toString()).not.toMatch(/\bimport\b/);
  });

  it("import, export and the outbox load only when they are wanted", async () => {
    const files = await bundle("index");
    const first = await atOnce(files, "index.js");
    const text = first.map((file) => file.text).join("\n");
    const all = files.map((file) => file.text).join("\n");
    for (const mark of ["a closing quote", "exportedAt", "#revision"]) {
      expect(text).not.toContain(mark);
      expect(all).toContain(mark);
    }
  });
});

async function bundle(...names: string[]): Promise<OutputFile[]> {
  const result = await build({
    entryPoints: names.map((name) => path.join(sdk, `dist/${name}.js`)),
    outdir: scratch,
    bundle: true,
    minify: true,
    splitting: true,
    write: false,
    format: "esm",
    platform: "browser",
    external: ["@supabase/supabase-js", "ws"],
    logLevel: "silent",
  });
  return result.outputFiles;
}

interface ByNoun {
  others: OutputFile[];
  chat: OutputFile[];
  /** What chat's first verb loads over the entry. */
  chatAtOnce: OutputFile[];
  files: OutputFile[];
}

/** What the entry can come to load, by the noun that first does. */
async function byNoun(): Promise<ByNoun> {
  const all = (await bundle("index")).filter((file) => !path.basename(file.path).startsWith("index.esm"));
  const others = new Set(
    await everReached(all, "index.js", (name) => !/^(chat|evidence|files|shares)-/.test(name)),
  );
  const withChat = new Set(await everReached(all, "index.js", (name) => !/^(files|shares)-/.test(name)));
  const first = await atOnce(all, nameOf(all, "chat-"));
  return {
    others: [...others],
    chat: [...withChat].filter((file) => !others.has(file)),
    chatAtOnce: first.filter((file) => !others.has(file)),
    files: all.filter((file) => !withChat.has(file)),
  };
}

/** The entry and all that it comes to import, sooner or later. */
async function everReached(
  files: readonly OutputFile[],
  name: string,
  follows: (name: string) => boolean,
  found = new Set<OutputFile>(),
): Promise<OutputFile[]> {
  const file = files.find((one) => path.basename(one.path) === name);
  if (!file || found.has(file)) return [...found];
  found.add(file);
  const names = [...file.text.matchAll(/(?:from|import)\s*\(?\s*"\.\/([^"]+)"/g)].map(([, one = ""]) => one);
  for (const one of names) if (follows(one)) await everReached(files, one, follows, found);
  return [...found];
}

function sizeOf(files: readonly OutputFile[]): number {
  return files.reduce((sum, file) => sum + gzipSync(file.contents).length, 0);
}

/** The file that a module became which loads by itself: its name and a hash. */
function nameOf(files: readonly OutputFile[], start: string): string {
  const names = files.map((file) => path.basename(file.path)).filter((name) => name.startsWith(start));
  if (names.length !== 1) throw new Error(`${names.length} files begin with ${start}, wanted one`);
  return names[0] as string;
}

/** The entry and what its static imports reach. */
async function atOnce(files: readonly OutputFile[], name: string): Promise<OutputFile[]> {
  const file = files.find((one) => path.basename(one.path) === name);
  if (!file) return [];
  const names = [...file.text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)].map(([, found = ""]) => found);
  const rest = await Promise.all(names.map((found) => atOnce(files, found)));
  return [...new Set([file, ...rest.flat()])];
}

function denoPath(): string {
  const require = createRequire(path.join(root, "package.json"));
  return require("deno/install_api.cjs").runInstall();
}
