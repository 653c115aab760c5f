import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ErrorCode, TrackItError } from "../errors.ts";
import { again, briefly } from "./again.ts";
import { real } from "./around.ts";

let waits: number[];
beforeEach(() => {
  waits = [];
  vi.spyOn(real, "wait").mockImplementation(async (ms) => void waits.push(ms));
});
afterEach(() => vi.restoreAllMocks());

const { signal } = new AbortController();

/** Fails so often, each time with the same code. */
function failing(times: number, code: ErrorCode = "NETWORK_OFFLINE") {
  const work = vi.fn(async () => {
    if (work.mock.calls.length <= times) throw new TrackItError(code, "a test: failed");
    return "done";
  });
  return work;
}

describe("what is safe to repeat", () => {
  it("is done again, after waits, until it is done", async () => {
    expect(await again(failing(3), { tries: 4, signal })).toBe("done");
    expect(waits).toHaveLength(3);
  });

  it("ends with its failure after so many tries, and at once where another try is not worth it", async () => {
    const often = failing(9);
    await expect(again(often, { tries: 4, signal })).rejects.toMatchObject({ code: "NETWORK_OFFLINE" });
    expect(often).toHaveBeenCalledTimes(4);
    const wrong = failing(9, "ACCESS_PASSWORD");
    await expect(again(wrong, { tries: 4, signal })).rejects.toMatchObject({ code: "ACCESS_PASSWORD" });
    expect(wrong).toHaveBeenCalledTimes(1);
  });

  it("is put off by a busy server, but not while somebody waits for it", async () => {
    expect(await again(failing(1, "LIMIT_RATE"), { tries: 2, signal })).toBe("done");
    await expect(briefly(failing(1, "LIMIT_RATE"))).rejects.toMatchObject({ code: "LIMIT_RATE" });
    for (const code of ["NETWORK_OFFLINE", "NETWORK_TIMEOUT", "NETWORK_SERVER"] as const)
      expect(await briefly(failing(3, code))).toBe("done");
  });

  it("is not tried again by whoever has given up", async () => {
    const given = failing(9, "NETWORK_ABORTED");
    await expect(briefly(given)).rejects.toMatchObject({ code: "NETWORK_ABORTED" });
    expect(given).toHaveBeenCalledTimes(1);
  });
});
