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
    return { target: relative, typeOnly: type !== undefined };
  });
}

const graph = new Map(files.map((file) => [file, importsOf(file)]));

function reachedFrom(file: string, seen = new Set<string>()): Set<string> {
  for (const { target, typeOnly } of graph.get(file) ?? []) {
    if (typeOnly || seen.has(target)) continue;
    seen.add(target);
    reachedFrom(target, seen);
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

  it("of schema and sanitize reach zod and each other only, so that functions can read them as they are", () => {
    for (const file of files.filter((one) => /^(schema|sanitize)\//.test(one))) {
      const outside = [...reachedFrom(file)].filter(
        (target) => !/^(schema|sanitize)\/|^zod\/mini$/.test(target),
      );
      expect(`${file}: ${outside.join(" ")}`).toBe(`${file}: `);
    }
  });

  it("of the auth entry reach no goals, tasks or transfer", () => {
    const reached = [...reachedFrom("auth/index.ts")];
    expect(
      reached.filter((target) => /^(goals|tasks|transfer|paging|profiles|activities)\//.test(target)),
    ).toEqual([]);
  });

  it("come from supabase-js, zod and ws, and nothing else", () => {
    const packages = new Set(
      [...graph.values()]
        .flat()
        .map(({ target }) => target)
        .filter((target) => !target.endsWith(".ts")),
    );
    expect([...packages].sort()).toEqual(["@supabase/supabase-js", "ws", "zod/mini"]);
  });
});
