import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { birthOf } from "../process/running.ts";
import { AlreadyRunningError, lockHolder, takeLock } from "./lock.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "trackit-lock-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("takeLock()", () => {
  it("of fifty at once, one gets it and the others hear who", async () => {
    const tries = await Promise.allSettled(Array.from({ length: 50 }, () => takeLock(folder)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const one of tries)
      if (one.status === "rejected")
        expect(one.reason).toMatchObject({ name: "AlreadyRunningError", pid: process.pid });
    expect(readdirSync(folder)).toEqual(["lock.1"]);
  });

  it("of fifty at once over a dead one's lock, one gets it", async () => {
    writeFileSync(path.join(folder, "lock.7"), `${process.pid} somebody before the last boot\n`);
    const tries = await Promise.allSettled(Array.from({ length: 50 }, () => takeLock(folder)));
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(["lock.8"]);
  });

  it("released, it can be taken again, by the next number", async () => {
    await (await takeLock(folder)).release();
    expect(await lockHolder(folder)).toBeNull();
    await takeLock(folder);
    expect(await lockHolder(folder)).toBe(process.pid);
    expect(readdirSync(folder)).toEqual(["lock.2"]);
  });

  it("whoever adds a number that is not the highest any more came too late", async () => {
    await takeLock(folder);
    // The holder of a higher number is believed, and a lower one is nobody's.
    writeFileSync(path.join(folder, "lock.0"), `${process.ppid} ${await birthOf(process.ppid)}\n`);
    expect(await lockHolder(folder)).toBe(process.pid);
    await expect(takeLock(folder)).rejects.toThrow(AlreadyRunningError);
  });
});

describe("lockHolder()", () => {
  it.each([
    ["an empty file", ""],
    ["no number", "hello world\n"],
    ["a process that never was", "4194305 x 1\n"],
    ["a reused number", `${process.pid} x 1\n`],
  ])("believes %s: nobody", async (_, text) => {
    writeFileSync(path.join(folder, "lock.1"), text);
    expect(await lockHolder(folder)).toBeNull();
  });

  it("of a folder that is not there: nobody", async () => {
    expect(await lockHolder(path.join(folder, "gone"))).toBeNull();
  });
});
