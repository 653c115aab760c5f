import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readDeclared } from "./declared.ts";
import { findFunctions } from "./find.ts";

let project: string;
const write = (file: string, text = "") => {
  mkdirSync(path.dirname(path.join(project, file)), { recursive: true });
  writeFileSync(path.join(project, file), text);
};
const at = (file: string) => path.join(project, file);

beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), "find-functions-"));
});
afterEach(() => rmSync(project, { recursive: true, force: true }));

describe("findFunctions", () => {
  it("finds the folders of supabase/functions as the CLI does, without those that are shared", () => {
    for (const name of ["hello", "_shared", ".hidden", "9lives", "empty"])
      write(`supabase/functions/${name}/index.ts`);
    rmSync(at("supabase/functions/empty/index.ts"));
    const found = findFunctions(project, {});
    expect([...found.keys()]).toEqual(["hello"]);
    expect(found.get("hello")).toEqual({
      name: "hello",
      enabled: true,
      verifyJwt: true,
      entrypoint: at("supabase/functions/hello/index.ts"),
      importMap: null,
      staticFiles: [],
    });
  });

  it("reads paths of config.toml from supabase/, and opens the folder of a pattern", () => {
    const config = {
      verify_jwt: false,
      entrypoint: "../functions/a/index.ts",
      import_map: "../functions/deno.json",
    };
    const found = findFunctions(project, { a: { ...config, static_files: ["./pages/*.html", "./one.txt"] } });
    expect(found.get("a")).toMatchObject({
      verifyJwt: false,
      entrypoint: at("functions/a/index.ts"),
      importMap: at("functions/deno.json"),
      staticFiles: [at("supabase/pages"), at("supabase/one.txt")],
    });
  });

  it("takes a function's own deno.json before the shared import map", () => {
    for (const file of ["a/index.ts", "b/index.ts", "a/deno.json", "import_map.json"])
      write(`supabase/functions/${file}`);
    const found = findFunctions(project, { b: { enabled: false } });
    expect(found.get("a")?.importMap).toBe(at("supabase/functions/a/deno.json"));
    expect(found.get("b")).toMatchObject({
      enabled: false,
      importMap: at("supabase/functions/import_map.json"),
    });
  });
});

describe("readDeclared", () => {
  const read = (trackit: unknown, name = "mail") => {
    write("deno.json", JSON.stringify({ imports: {}, trackit }));
    return readDeclared(at("deno.json"), name);
  };

  it("gives the hosted platform's bounds, no host and no warm start where nothing is declared", () => {
    const bounds = { requestSeconds: 150, wallClockSeconds: 400, memoryMb: 256, idleSeconds: 60 };
    expect(readDeclared(null, "mail")).toEqual({ net: [], warm: false, limits: bounds });
    expect(read(undefined)).toEqual({ net: [], warm: false, limits: bounds });
    write("commented.jsonc", "// a comment\n{}");
    expect(readDeclared(at("commented.jsonc"), "mail").limits).toEqual(bounds);
  });

  it("adds what one function declares to what all do, and leaves others alone", () => {
    const trackit = {
      "*": { net: ["all.example"], idleSeconds: 5 },
      mail: { net: ["api.mail.example:443"], warm: true },
    };
    expect(read(trackit)).toMatchObject({
      net: ["all.example", "api.mail.example:443"],
      warm: true,
      limits: { idleSeconds: 5 },
    });
    expect(read(trackit, "other")).toMatchObject({ net: ["all.example"], warm: false });
  });

  it("refuses what would widen a permission or means nothing, naming file, key and value", () => {
    for (const host of [
      "",
      "*",
      "https://a.example",
      "a.example/path",
      "a.example,b.example",
      "a b",
      "-a",
      "[::1]",
    ])
      expect(() => read({ mail: { net: [host] } }), host).toThrow(`trackit.mail.net is ["${host}"], want`);
    expect(() => read({ mail: { net: "a.example" } })).toThrow("trackit.mail.net");
    expect(() => read({ mail: { memoryMb: -1 } })).toThrow(
      "trackit.mail.memoryMb is -1, want a number above 0",
    );
    expect(() => read({ mail: { memory: 1 } })).toThrow("want one of net, warm");
    expect(() => read({ "*": [] })).toThrow("trackit.* is [], want an object");
    expect(() => read([])).toThrow('"trackit" is [], want an object');
  });
});
