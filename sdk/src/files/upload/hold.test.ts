import { describe, expect, it } from "vitest";
import { Hold } from "./hold.ts";

const living = new AbortController().signal;

describe("a hold", () => {
  it("lets pass while it is open, and keeps waiting until it opens", async () => {
    const hold = new Hold();
    await hold.passed(living, "a test");
    hold.close();
    let passed = 0;
    const waiting = [1, 2].map(() => hold.passed(living, "a test").then(() => passed++));
    await new Promise((resolve) => setImmediate(resolve));
    expect([hold.closed, passed]).toEqual([true, 0]);
    hold.open();
    await Promise.all(waiting);
    expect([hold.closed, passed]).toEqual([false, 2]);
  });

  it("cuts off what is under way when it closes, and nothing that begins after it has opened", () => {
    const hold = new Hold();
    const first = hold.signal;
    hold.close();
    hold.close();
    expect(first.aborted).toBe(true);
    hold.open();
    expect([first.aborted, hold.signal.aborted]).toEqual([true, false]);
  });

  it("that closes again before a waiter has gone keeps it", async () => {
    const hold = new Hold();
    hold.close();
    let passed = false;
    const waiting = hold.passed(living, "a test").then(() => {
      passed = true;
    });
    hold.open();
    hold.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(passed).toBe(false);
    hold.open();
    await waiting;
  });

  it("lets go of who gives up", async () => {
    const hold = new Hold();
    hold.close();
    const ending = new AbortController();
    const waiting = hold.passed(ending.signal, "a test");
    ending.abort();
    await expect(waiting).rejects.toMatchObject({ code: "NETWORK_ABORTED" });
    hold.open();
    await expect(hold.passed(ending.signal, "a test")).rejects.toMatchObject({ code: "NETWORK_ABORTED" });
  });
});
