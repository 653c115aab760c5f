import { randomBytes } from "node:crypto";
import {
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import tar from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readBackup } from "./read.ts";

let around: string;
beforeEach(() => {
  around = mkdtempSync(path.join(tmpdir(), "trackit-backup-"));
});
afterEach(() => rmSync(around, { recursive: true }));

interface Item {
  name: string;
  text?: string;
  type?: "symlink" | "link";
  linkname?: string;
}

const head = (over: object = {}): Item => ({
  name: "trackit-backup.json",
  text: JSON.stringify({ version: 1, postgres: 17, ...over }),
});
const keys: Item = { name: "keys.json", text: "{}" };

async function archive(items: readonly Item[]): Promise<string> {
  const pack = tar.pack();
  for (const { text = "", ...header } of items) pack.entry(header, text);
  pack.finalize();
  const file = path.join(around, "b.tgz");
  await pipeline(pack, createGzip(), createWriteStream(file));
  return file;
}

async function cut(): Promise<string> {
  const file = await archive([head(), keys, { name: "big", text: randomBytes(50_000).toString("hex") }]);
  truncateSync(file, Math.floor(statSync(file).size / 2));
  return file;
}

function written(bytes: Uint8Array | string): string {
  const file = path.join(around, "b.tgz");
  writeFileSync(file, bytes);
  return file;
}

describe("readBackup()", () => {
  it.each([
    ["cut short", cut, "it ends too early"],
    ["of another kind", () => written("hello"), "it is no gzipped file, or damaged"],
    ["of no content", () => archive([]), "it is empty"],
    ["of another program", () => archive([{ name: "a" }]), "it was not written by trackit-stack backup"],
    ["of a later format", () => archive([head({ version: 2 })]), "it has format 2, want 1"],
    ["of another Postgres", () => archive([head({ postgres: 18 })]), "it is of Postgres 18, want 17"],
    ["without keys", () => archive([head()]), "it has no keys"],
    ["that leads out", () => archive([head(), { name: "../out" }]), "lies outside the data directory"],
    ["that leads out from within", () => archive([head(), { name: "a/../../out" }]), "lies outside"],
    ["that leads nowhere", () => archive([head(), { name: "a/.." }]), "lies outside"],
    [
      "with a link",
      () => archive([head(), { name: "l", type: "symlink", linkname: "/etc" }]),
      "l as a symlink",
    ],
    ["with a hard link", () => archive([head(), { name: "l", type: "link", linkname: "a" }]), "l as a link"],
    ["with an entry twice", () => archive([head(), { name: "a" }, { name: "a" }]), "it holds a twice"],
  ])("a file %s: refused, and nothing is changed", async (_, make, reason) => {
    const file = await make();
    const restored = readBackup(file, path.join(around, "data"));
    await expect(restored).rejects.toThrow(`cannot restore ${file}: `);
    await expect(restored).rejects.toThrow(reason);
    expect(readdirSync(around)).toEqual(["b.tgz"]);
  });

  it("what a killed restore left beside the folder goes, and nothing else", async () => {
    const alive = `data.unfinished-${process.ppid}`;
    for (const name of ["data.unfinished-4194305", alive, "database"]) mkdirSync(path.join(around, name));
    await readBackup(await archive([head(), keys]), path.join(around, "data"));
    expect(readdirSync(around).sort()).toEqual(["b.tgz", "data", alive, "database"]);
  });

  it("an absolute name stays inside", async () => {
    await readBackup(await archive([head(), keys, { name: "/trackit-absolute" }]), path.join(around, "data"));
    expect(readdirSync(path.join(around, "data")).sort()).toEqual(["keys.json", "trackit-absolute"]);
  });

  it("a folder that holds anything: refused", async () => {
    const file = await archive([head(), keys]);
    await expect(readBackup(file, around)).rejects.toThrow(
      `cannot restore into ${around}: it is not an empty folder`,
    );
    await expect(readBackup(path.join(around, "none"), around)).rejects.toThrow("there is no such file");
  });
});
