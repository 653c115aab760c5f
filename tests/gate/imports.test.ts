import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const root = path.resolve(import.meta.dirname, "../..");

/** Every source file of a folder with the files that it imports, both as absolute paths. */
function importsOf(folder: string): Map<string, string[]> {
  const files = readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.includes(".test."))
    .map((entry) => path.join(entry.parentPath, entry.name));
  return new Map(files.map((file) => [file, localImports(file)]));
}

// Types vanish when the code is built: `import type` makes no cycle.
const statement = /^(?:import|export)\s+(?!type\b)(?:[^"';]*?\sfrom\s+)?"(\.[^"]+)"/gm;

function localImports(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(statement)].map((match) => path.resolve(path.dirname(file), match[1] ?? ""));
}

/** The first cycle that a depth-first walk meets, as relative paths; empty when there is none. */
function findCycle(graph: Map<string, string[]>): string[] {
  const done = new Set<string>();
  const walk = (file: string, trail: string[]): string[] => {
    const start = trail.indexOf(file);
    if (start >= 0) return [...trail.slice(start), file].map((name) => path.relative(root, name));
    if (done.has(file)) return [];
    for (const next of graph.get(file) ?? []) {
      const cycle = walk(next, [...trail, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of graph.keys()) {
    const cycle = walk(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

describe("imports", () => {
  for (const folder of ["sdk/src", "stack/src", "examples/web/src"]) {
    it(`no file of ${folder} imports itself by way of others`, () => {
      const graph = importsOf(folder);
      expect(graph.size).toBeGreaterThan(10);
      expect(findCycle(graph)).toEqual([]);
    });
  }

  it("a cycle would be found", () => {
    const graph = new Map([
      [`${root}/a.ts`, [`${root}/b.ts`]],
      [`${root}/b.ts`, [`${root}/a.ts`]],
    ]);
    expect(findCycle(graph)).toEqual(["a.ts", "b.ts", "a.ts"]);
  });

  it("nothing that is deployed knows which stack it runs on", () => {
    const product = ["sdk/src", "supabase/migrations", "functions"].flatMap((folder) =>
      readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.includes(".test."))
        .map((entry) => path.join(entry.parentPath, entry.name)),
    );
    const knowing = product.filter((file) =>
      /trackit-stack|@trackit\/stack|mailpit|embedded stack/i.test(readFileSync(file, "utf8")),
    );
    expect(knowing.map((file) => path.relative(root, file))).toEqual([]);
  });
});
