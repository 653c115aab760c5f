import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fileSource, fileTarget } from "./index.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "trackit-target-"));
  file = path.join(folder, "plan.txt");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const bytes = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text));

describe("a file as a target", () => {
  it("stands under its name once it is whole, and not before", async () => {
    await writeFile(file, "before");
    const writer = fileTarget(file).getWriter();
    for (const piece of ["two ", "", "eggs"]) await writer.write(bytes(piece));
    expect(await readFile(file, "utf8")).toBe("before");
    await writer.close();
    expect(await readFile(file, "utf8")).toBe("two eggs");
    expect(await readdir(folder)).toEqual(["plan.txt"]);
  });

  it("that is aborted leaves what was there before, and nothing else", async () => {
    await writeFile(file, "before");
    const writer = fileTarget(file).getWriter();
    await writer.write(bytes("half"));
    await writer.abort(new Error("the line is cut"));
    expect(await readFile(file, "utf8")).toBe("before");
    expect(await readdir(folder)).toEqual(["plan.txt"]);
  });

  it("that cannot take its name says so, and leaves nothing beside what stands there", async () => {
    await mkdir(file);
    await writeFile(path.join(file, "kept.txt"), "kept");
    const writer = fileTarget(file).getWriter();
    await writer.write(bytes("whole"));
    await expect(writer.close()).rejects.toMatchObject({ code: expect.stringMatching(/^E/) });
    expect(await readdir(folder)).toEqual(["plan.txt"]);
    expect(await readdir(file)).toEqual(["kept.txt"]);
  });

  it("that cannot be written leaves nothing", async () => {
    const writer = fileTarget(file).getWriter();
    await expect(writer.write(5 as never)).rejects.toThrow();
    await expect(writer.close()).rejects.toThrow();
    expect(await readdir(folder)).toEqual([]);
  });

  it("in a folder that is not there is refused", async () => {
    const writer = fileTarget(path.join(folder, "none", "plan.txt")).getWriter();
    await expect(writer.write(bytes("x"))).rejects.toMatchObject({ code: "ENOENT" });
  });
});

describe("a file as a source", () => {
  it("is read as often as it is asked for, under its name without its folder", async () => {
    await writeFile(file, "two eggs");
    const source = await fileSource(file);
    expect(source).toMatchObject({ name: "plan.txt", size: 8 });
    for (let times = 0; times < 2; times++) {
      const read: Uint8Array[] = [];
      for await (const piece of source.stream()) read.push(piece);
      expect(Buffer.concat(read).toString()).toBe("two eggs");
    }
  });

  it("is no folder, and nothing that is not there (USAGE_INVALID)", async () => {
    for (const one of [folder, file])
      await expect(fileSource(one)).rejects.toMatchObject({ code: "USAGE_INVALID", field: "file" });
  });
});
