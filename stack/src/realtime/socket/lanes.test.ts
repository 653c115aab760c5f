import { describe, expect, it } from "vitest";
import { Lanes } from "./lanes.ts";

describe("Lanes", () => {
  it("keeps the order within a key, and lets other keys pass", async () => {
    const done: string[] = [];
    const lanes = new Lanes(
      () => {},
      () => {},
    );
    let release = () => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    lanes.run("a", () => slow.then(() => void done.push("a1")));
    const last = new Promise<void>((resolve) => {
      lanes.run("a", () => {
        done.push("a2");
        resolve();
      });
    });
    lanes.run("b", () => void done.push("b1"));
    release();
    await last;
    expect(done).toEqual(["b1", "a1", "a2"]);
  });

  it("goes on after a task that fails, and says so", async () => {
    const errors: unknown[] = [];
    const lanes = new Lanes(
      (error) => errors.push(error),
      () => {},
    );
    lanes.run("a", () => Promise.reject(new Error("first")));
    await new Promise<void>((resolve) => void lanes.run("a", resolve));
    lanes.run("b", () => {
      throw new Error("second");
    });
    expect(errors).toEqual([new Error("first"), new Error("second")]);
  });

  it.each([
    ["many", 2000, 0],
    ["large", 3, 400_000],
  ])("says when too much waits, and when it is done (%s)", async (_, count, bytes) => {
    const said: boolean[] = [];
    const lanes = new Lanes(
      () => {},
      (isFull) => said.push(isFull),
    );
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    lanes.run("a", () => held);
    for (let at = 1; at < count; at++) lanes.run("a", () => {}, bytes);
    expect(said).toEqual([]);
    const last = new Promise<void>((resolve) => lanes.run("a", resolve, bytes));
    expect(said).toEqual([true]);
    release();
    await last;
    expect(said).toEqual([true, false]);
  });
});
