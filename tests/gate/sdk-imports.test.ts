import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve("sdk/src");
const files = readdirSync(root, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .map((file) => file.replaceAll(path.sep, "/"));

interface Import {
  target: string;
  typeOnly: boolean;
  /** By `import()`, within a verb. */
  lazy: boolean;
}

/** Static and dynamic imports; relative ones as paths below sdk/src. */
function importsOf(file: string): Import[] {
  const text = readFileSync(path.join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\//g, "");
  const found = text.matchAll(
    /(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+\s+from\s+)?"([^"]+)"|import\("([^"]+)"\)/g,
  );
  return [...found].map(([, type, from, lazy]) => {
    const target = from ?? lazy ?? "";
    const relative = target.startsWith(".") ? path.posix.join(path.posix.dirname(file), target) : target;
    return { target: relative, typeOnly: type !== undefined, lazy: lazy !== undefined };
  });
}

const graph = new Map(files.map((file) => [file, importsOf(file)]));

function reachedFrom(file: string, seen = new Set<string>(), lazyToo = true): Set<string> {
  for (const { target, typeOnly, lazy } of graph.get(file) ?? []) {
    if (typeOnly || seen.has(target) || (lazy && !lazyToo)) continue;
    seen.add(target);
    reachedFrom(target, seen, lazyToo);
  }
  return seen;
}

describe("imports of the SDK", () => {
  it("name files that are there, with their ending", () => {
    const missing = [...graph.values()]
      .flat()
      .filter(({ target }) => target.includes("/") && target.endsWith(".ts") && !graph.has(target));
    expect(missing).toEqual([]);
    expect(files.length).toBeGreaterThan(60);
  });

  it("have no circles", () => {
    expect(files.filter((file) => reachedFrom(file).has(file))).toEqual([]);
  });

  it("of schema and sanitize reach zod, the HTML tokenizer and each other only, so that functions can read them as they are", () => {
    for (const file of files.filter((one) => /^(schema|sanitize)\//.test(one))) {
      const outside = [...reachedFrom(file)].filter(
        (target) => !/^(schema|sanitize)\/|^zod\/mini$|^parse5$/.test(target),
      );
      expect(`${file}: ${outside.join(" ")}`).toBe(`${file}: `);
    }
  });

  it("of the tokenizer stay in sanitize, which no entry reaches before a verb asks for it", () => {
    const users = files.filter((file) => (graph.get(file) ?? []).some(({ target }) => target === "parse5"));
    expect(users.filter((file) => !file.startsWith("sanitize/"))).toEqual([]);
    for (const entry of ["index.ts", "auth/index.ts", "schema/index.ts"]) {
      expect([...reachedFrom(entry, new Set(), false)]).not.toContain("parse5");
    }
  });

  it("of the auth entry reach no goals, tasks or transfer", () => {
    const reached = [...reachedFrom("auth/index.ts")];
    expect(
      reached.filter((target) => /^(goals|tasks|transfer|paging|profiles|activities)\//.test(target)),
    ).toEqual([]);
  });

  it("of Node stand behind its own entry alone, which no other entry reaches, lazily neither", () => {
    const users = files.filter((file) =>
      (graph.get(file) ?? []).some(({ target }) => target.startsWith("node:")),
    );
    const isNodes = (file: string): boolean => /^(node|files\/node|store\/keys\/file)\//.test(file);
    expect(users.filter((file) => !isNodes(file))).toEqual([]);
    expect(users).not.toEqual([]);
    for (const entry of ["index.ts", "auth/index.ts", "store/keys/index.ts", "store/keys/worker.ts"]) {
      expect([...reachedFrom(entry)].filter(isNodes)).toEqual([]);
    }
  });

  it("of the encryption reach no network, storage or clock: it stays with errors, and Argon2id comes lazily, for links alone", () => {
    const pure = files.filter((file) => file.startsWith("crypto/") && !file.startsWith("crypto/testing/"));
    expect(pure.length).toBeGreaterThan(40);
    for (const file of pure) {
      const outside = [...reachedFrom(file)].filter(
        (target) => !/^crypto\/(?!testing\/)|^errors\.ts$|^failure\/network\.ts$|^hash-wasm$/.test(target),
      );
      expect(`${file}: ${outside.join(" ")}`).toBe(`${file}: `);
      expect([file, reachedFrom(file, new Set(), false).has("hash-wasm")]).toEqual([file, false]);
      const code = readFileSync(path.join(root, file), "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "");
      const impure = code.match(
        /\b(fetch|WebSocket|XMLHttpRequest|indexedDB|localStorage|Date\.now|new Date\b|performance|setTimeout|Math\.random|process|Deno)\b/g,
      );
      expect([file, impure]).toEqual([file, null]);
    }
    const lazy = files.filter((file) => (graph.get(file) ?? []).some(({ target }) => target === "hash-wasm"));
    expect(lazy).toEqual(["crypto/link/argon2.ts"]);
  });

  it("come from supabase-js, zod, ws, the tokenizer and Node, and nothing else", () => {
    const packages = new Set(
      [...graph.values()]
        .flat()
        .map(({ target }) => target)
        .filter((target) => !target.endsWith(".ts")),
    );
    const allowed = ["@supabase/supabase-js", "hash-wasm", "parse5", "ws", "zod/mini"];
    const ours = (name: string) => allowed.includes(name) || name.startsWith("node:");
    expect([...packages].filter((name) => !ours(name))).toEqual([]);
  });
});
