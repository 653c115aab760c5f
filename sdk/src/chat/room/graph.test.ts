import { describe, expect, it } from "vitest";
import { decodeGraph, encodeGraph } from "./graph.ts";

const again = (value: unknown): unknown => decodeGraph(encodeGraph(value));

describe("values as bytes", () => {
  it("come back as they were", () => {
    const value = {
      nothing: null,
      yes: true,
      number: 2 ** 53 - 1,
      text: 'ünï "quoted" \u0000 ["r", 0]',
      bytes: Uint8Array.of(0, 255, 7),
      empty: [new Uint8Array(0), [], new Map(), {}],
      list: ["r", 0, ["b", "AA"]],
      map: new Map<unknown, unknown>([
        ["a", Uint8Array.of(1)],
        [7, new Map([["inner", [1, 2]]])],
      ]),
    };
    expect(again(value)).toEqual(value);
    expect(again("alone")).toBe("alone");
    expect(again(null)).toBeNull();
  });

  it("share what they shared, and what is undefined is left out", () => {
    const shared = { members: new Map([["ada", Uint8Array.of(1)]]) };
    const log = { now: shared, before: { now: shared, before: null }, gone: undefined };
    const { now, before, ...rest } = again(log) as typeof log;
    expect(now).toBe(before.now);
    expect(now).toEqual(shared);
    expect(rest).toEqual({});
    const many = Array.from({ length: 1000 }, () => shared);
    expect(encodeGraph(many).length).toBeLessThan(20_000);
  });

  it("hold what an app calls things, whatever it is", () => {
    const named = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": 2}') as object;
    const back = again(named) as Record<string, unknown>;
    expect(Object.keys(back)).toEqual(["__proto__", "constructor"]);
    expect((back as { polluted?: number }).polluted).toBeUndefined();
  });

  it("are refused where they are none", () => {
    for (const text of ["", "[", '["b", "?"]', '["b", 7']) {
      expect(() => decodeGraph(new TextEncoder().encode(text))).toThrow();
    }
  });
});
