import { describe, expect, it } from "vitest";
import { Backlog } from "./backlog.ts";

const message = { for: () => null };

describe("Backlog", () => {
  it("keeps what was committed shortly before the feed began, for half a minute", () => {
    let now = 100_000;
    const backlog = new Backlog(() => now);
    backlog.keep("t", 60_000, { id: "too old", message });
    backlog.keep("t", 99_000, { id: "missed", message });
    backlog.keep("t", 100_500, { id: "live", message });
    expect(backlog.of("t").map(({ id }) => id)).toEqual(["missed"]);
    expect(backlog.of("other")).toEqual([]);
    now = 131_000;
    expect(backlog.of("t")).toEqual([]);
  });

  it("is bounded", () => {
    const backlog = new Backlog(() => 100_000);
    for (let at = 0; at < 500; at++) backlog.keep("t", 99_000, { id: String(at), message });
    for (let at = 0; at < 5000; at++) backlog.keep(`t${at}`, 99_000, { id: "x", message });
    expect(backlog.of("t").map(({ id }) => id)).toEqual(
      Array.from({ length: 100 }, (_, at) => String(400 + at)),
    );
    expect(backlog.of("t4999")).toEqual([]);
  });
});
