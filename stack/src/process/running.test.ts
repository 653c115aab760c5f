import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, expect, it } from "vitest";
import { answers, birthOf, commandOf, processesIn, signal, until, workingFolder } from "./running.ts";

/** More than any system gives out. */
const nobody = 2 ** 22 + 1;

describe("a process", () => {
  it("of ours is known by command and birth; after its end there is neither", async () => {
    const child = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"], { cwd: "/" });
    const pid = child.pid ?? 0;
    await until(() => commandOf(pid)?.includes("setInterval") === true, 10_000);
    expect(commandOf(pid)).toContain("--eval setInterval");
    const birth = await birthOf(pid);
    expect(birth).toMatch(/\S+ \S+/);
    expect(await birthOf(pid)).toBe(birth);
    expect(birth).not.toBe(await birthOf(process.pid));
    signal(pid, "SIGKILL");
    await once(child, "exit");
    expect([commandOf(pid), await birthOf(pid), answers(pid)]).toEqual([null, "", false]);
    expect(() => signal(pid, "SIGKILL")).not.toThrow();
  });

  it("that never was: nothing, and no error", async () => {
    expect([commandOf(nobody), await birthOf(nobody), workingFolder(nobody)]).toEqual([null, "", null]);
  });

  it("is found in the folder in which it works (Linux)", () => {
    const here = processesIn(process.cwd());
    expect(here.includes(process.pid)).toBe(process.platform === "linux");
  });
});

describe("until()", () => {
  it("tells whether it came true, and asks no more afterwards", async () => {
    let asked = 0;
    expect(await until(() => ++asked === 3, 10_000, 1)).toBe(true);
    expect(asked).toBe(3);
    expect(await until(async () => false, 5, 1)).toBe(false);
  });
});
