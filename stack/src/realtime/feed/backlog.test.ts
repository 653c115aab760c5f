import { describe, expect, it } from "vitest";
import { Backlog } from "./backlog.ts";

const message = { for: () => null };
const ada = () => ({ who: "ada" });
const idsOf = (entries: { id: string }[]) => entries.map(({ id }) => id);

describe("Backlog", () => {
  it("keeps what was committed shortly before the feed began, for half a minute", () => {
    let now = 100_000;
    const backlog = new Backlog(30_000, () => now);
    backlog.keep("t", 60_000, { id: "too old", message }, []);
    backlog.keep("t", 99_000, { id: "missed", message }, []);
    backlog.keep("t", 100_500, { id: "live", message }, []);
    expect(idsOf(backlog.take("t", ada()))).toEqual(["missed"]);
    expect(backlog.take("other", ada())).toEqual([]);
    now = 131_000;
    expect(backlog.take("t", ada())).toEqual([]);
  });

  it("is bounded", () => {
    const backlog = new Backlog(30_000, () => 100_000);
    for (let at = 0; at < 500; at++) backlog.keep("t", 99_000, { id: String(at), message }, []);
    for (let at = 0; at < 5000; at++) backlog.keep(`t${at}`, 99_000, { id: "x", message }, []);
    expect(idsOf(backlog.take("t", ada()))).toEqual(Array.from({ length: 100 }, (_, at) => String(400 + at)));
    expect(backlog.take("t4999", ada())).toEqual([]);
  });

  it("tells nobody twice who was there, or who comes back", () => {
    const backlog = new Backlog(30_000, () => 100_000);
    const first = ada();
    backlog.keep("t", 99_000, { id: "1", message }, [first]);
    backlog.keep("t", 99_001, { id: "2", message }, []);
    expect(idsOf(backlog.take("t", first))).toEqual(["2"]);
    backlog.leave("t", first);
    backlog.keep("t", 99_002, { id: "3", message }, []);
    expect(idsOf(backlog.take("t", ada()))).toEqual(["3"]);
  });

  it("tells each tab of one person, and somebody else all the same", () => {
    const backlog = new Backlog(30_000, () => 100_000);
    backlog.keep("t", 99_000, { id: "1", message }, []);
    const [one, two] = [ada(), ada()];
    expect([one, two].map((tab) => idsOf(backlog.take("t", tab)))).toEqual([["1"], ["1"]]);
    for (const tab of [one, two]) backlog.leave("t", tab);
    expect(idsOf(backlog.take("t", { who: "ben" }))).toEqual(["1"]);
    expect([ada(), ada(), ada()].map((tab) => idsOf(backlog.take("t", tab)))).toEqual([[], [], ["1"]]);
  });
});
