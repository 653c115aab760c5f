import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { Live } from "./realtime-kit.ts";
import { within } from "./realtime-wait.ts";
import { addressOf, Wire } from "./realtime-wire.ts";

let live: Live;
const open: Wire[] = [];
const wire = async (key?: string) => {
  const one = await Wire.open(live, key);
  open.push(one);
  return one;
};
beforeAll(async () => {
  live = await Live.start({ realtime: { max_client_presence_events_per_window: 50 } });
});
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});
afterAll(() => live?.stop());

const topic = "realtime:wire";

/** A legacy key of this project that expires when it is told to. */
const key = (...words: Parameters<Live["sign"]>) => live.sign(...words);
const seconds = () => Math.floor(Date.now() / 1000);

async function refusal(query: string): Promise<{ status: number; error: string }> {
  const ws = new WebSocket(addressOf(live, query));
  ws.on("error", () => {});
  const [, response] = (await within(once(ws, "unexpected-response"), "a refusal")) as [
    unknown,
    IncomingMessage,
  ];
  let text = "";
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode ?? 0, error: JSON.parse(text).error };
}

describe("the handshake refuses", () => {
  it("no key", async () =>
    expect(await refusal("vsn=2.0.0")).toEqual({ status: 401, error: "API key is required" }));
  it("a key that is none", async () =>
    expect(await refusal("apikey=nonsense")).toMatchObject({
      status: 401,
      error: "The token provided is not a valid JWT",
    }));
  it("a key that another project signed", async () =>
    expect(await refusal(`apikey=${await key({ role: "anon" }, seconds() + 60, "x".repeat(40))}`)).toEqual({
      status: 401,
      error: "Failed to validate JWT signature",
    }));
  it("a key that has expired", async () =>
    expect(await refusal(`apikey=${await key({ role: "anon" }, seconds() - 10)}`)).toMatchObject({
      status: 401,
      error: expect.stringMatching(/^Token has expired \d\d+ seconds ago$/),
    }));
  it("a key without a role", async () =>
    expect(await refusal(`apikey=${await key({}, seconds() + 60)}`)).toEqual({
      status: 401,
      error: "Fields `role` and `exp` are required in JWT",
    }));
  it("a version that is none", async () =>
    expect((await refusal(`apikey=${live.stack.env.PUBLISHABLE_KEY}&vsn=9.0.0`)).status).toBe(400));
});

describe("a channel's life", () => {
  it("heartbeat, join, leave", async () => {
    const ada = await wire();
    expect(await ada.ask("phoenix", "heartbeat")).toEqual({ status: "ok", response: {} });
    const joined = await ada.ask(topic, "phx_join", { config: {} });
    expect(joined).toEqual({ status: "ok", response: { postgres_changes: [] } });
    expect(await ada.ask(topic, "phx_leave")).toEqual({ status: "ok", response: {} });
    expect(await ada.next("phx_close")).toEqual(["2", "2", topic, "phx_close", {}]);
  });

  it("a second join closes the first, under its own join_ref", async () => {
    const ada = await wire();
    await ada.ask(topic, "phx_join");
    ada.send(topic, "phx_join");
    expect((await ada.next("phx_close")).slice(0, 2)).toEqual(["1", "1"]);
    expect((await ada.next("phx_reply")).slice(0, 2)).toEqual(["2", "2"]);
    // Leaving the first now does not end the second.
    expect(await ada.ask(topic, "phx_leave", {}, "1")).toMatchObject({ status: "ok" });
    expect(await ada.ask(topic, "presence", { event: "track", payload: {} })).toMatchObject({ status: "ok" });
  });

  it("presence and acknowledged broadcasts are taken with a stale join_ref and without one", async () => {
    const ada = await wire();
    await ada.ask(topic, "phx_join", { config: { broadcast: { ack: true } } });
    for (const joinRef of ["999", null]) {
      const said = { type: "broadcast", event: "e", payload: {} };
      expect(await ada.ask(topic, "broadcast", said, joinRef)).toMatchObject({ status: "ok" });
      expect(await ada.ask(topic, "presence", { event: "track", payload: {} }, joinRef)).toMatchObject({
        status: "ok",
      });
    }
  });

  it("a leave right behind a join is answered after it, and leaves nothing open", async () => {
    const [ada, ben] = [await wire(), await wire()];
    ada.send(topic, "phx_join", { config: { private: false } });
    ada.send(topic, "phx_leave");
    await ada.next("phx_close");
    await ben.ask(topic, "phx_join", { config: { broadcast: { ack: true } } });
    await ben.ask(topic, "broadcast", { type: "broadcast", event: "e", payload: {} });
    expect(await ada.ask("phoenix", "heartbeat")).toMatchObject({ status: "ok" });
    expect(ada.frames.all.map((frame) => frame[3])).not.toContain("broadcast");
  });

  it("the id of a subscription depends on what was asked for alone", async () => {
    const ada = await wire();
    const board = { event: "*", schema: "public", table: "board" };
    const idsOf = async (...changes: object[]) => {
      const { response } = await ada.ask(topic, "phx_join", { config: { postgres_changes: changes } });
      return response?.postgres_changes?.map(({ id }) => id) ?? [];
    };
    const [first, second] = await idsOf(board, { ...board, filter: "n=eq.1" });
    expect(await idsOf({ ...board, filter: "n=eq.1" }, board)).toEqual([second, first]);
    expect(first).not.toBe(second);
  });

  /** Joins with a token that soon expires; where it has expired before the join, with one that lasts longer. */
  async function joinBriefly(life = 2): Promise<{ ada: Wire; token: string; life: number }> {
    const ada = await wire();
    const token = await key({ role: "anon" }, seconds() + life);
    const { status } = await ada.ask(topic, "phx_join", { access_token: token });
    return status === "ok" ? { ada, token, life } : joinBriefly(2 * life);
  }

  it("a token that expires closes its channels, with the reason", async () => {
    const { ada, token } = await joinBriefly();
    expect((await ada.next("system"))[4]).toMatchObject({
      extension: "system",
      status: "error",
      message: expect.stringMatching(/^Token has expired \d+ seconds ago$/),
    });
    await ada.next("phx_close");
    expect(await ada.ask(topic, "phx_join", { access_token: token })).toMatchObject({ status: "error" });
  });

  /** The same, with a newer token that has come in time. */
  async function joinAndRenew(life = 2): Promise<Wire> {
    const { ada, life: lasted } = await joinBriefly(life);
    ada.send(topic, "access_token", { access_token: await key({ role: "anon" }, seconds() + 600) });
    const { status } = await ada.ask(topic, "presence", { event: "untrack" });
    return status === "ok" ? ada : joinAndRenew(2 * lasted);
  }

  it("a newer token keeps them open", async () => {
    const ada = await joinAndRenew();
    const { ada: other } = await joinBriefly();
    await other.next("phx_close");
    expect(await ada.ask(topic, "presence", { event: "untrack" })).toMatchObject({ status: "ok" });
  });

  it.each([
    ["sb_publishable_x", true],
    [null, true],
    [7, true],
    ["nonsense", false],
  ])("access_token %j leaves the channel open: %s", async (token, stays) => {
    const ada = await wire();
    await ada.ask(topic, "phx_join");
    ada.send(topic, "access_token", { access_token: token });
    const answer = await ada.ask(topic, "presence", { event: "untrack" });
    expect(answer.status).toBe(stays ? "ok" : "error");
  });
});

describe("presence", () => {
  const track = (who: Wire, payload: unknown) =>
    who.ask(topic, "presence", { type: "presence", event: "track", payload });
  const enter = (who: Wire, name: string) =>
    who.ask(topic, "phx_join", { config: { presence: { key: name, enabled: true } } });

  it("state, join, update, the same again, and leave", async () => {
    const [ada, ben] = [await wire(), await wire()];
    await enter(ada, "ada");
    expect((await ada.next("presence_state"))[4]).toEqual({});
    await track(ada, { at: "desk" });
    await enter(ben, "ben");
    const [first] = ((await ben.next("presence_state"))[4] as { ada: { metas: { phx_ref: string }[] } }).ada
      .metas;
    expect(first).toEqual({ at: "desk", phx_ref: expect.any(String) });
    await track(ada, { at: "desk" });
    await track(ada, { at: "door" });
    const diff = (await ben.next("presence_diff"))[4];
    expect(diff).toEqual({
      joins: { ada: { metas: [{ at: "door", phx_ref: expect.any(String), phx_ref_prev: first?.phx_ref }] } },
      leaves: { ada: { metas: [first] } },
    });
    ada.close();
    expect((await ben.next("presence_diff"))[4]).toMatchObject({
      joins: {},
      leaves: { ada: { metas: [{ at: "door" }] } },
    });
  });

  it("two tabs share a key, each with a meta of its own", async () => {
    const [one, two, ben] = [await wire(), await wire(), await wire()];
    await enter(one, "__proto__");
    await enter(two, "__proto__");
    await track(one, { tab: 1 });
    await track(two, { tab: 2 });
    await enter(ben, "ben");
    const state = (await ben.next("presence_state"))[4];
    expect(Object.entries(state)).toMatchObject([["__proto__", { metas: [{ tab: 1 }, { tab: 2 }] }]]);
    one.close();
    expect(Object.entries((await ben.next("presence_diff"))[4].leaves as object)).toMatchObject([
      ["__proto__", { metas: [{ tab: 1 }] }],
    ]);
  });

  it("what is said must be a map", async () => {
    const ada = await wire();
    await enter(ada, "ada");
    expect(await track(ada, [1])).toEqual({
      status: "error",
      response: { reason: "Presence track payload must be a map" },
    });
  });
});

describe("a message", () => {
  it("of a topic that was not joined is answered", async () => {
    const ada = await wire();
    for (const name of ["realtime:unjoined", "elsewhere"]) {
      expect(await ada.ask(name, "broadcast", {})).toEqual({
        status: "error",
        response: { reason: "unmatched topic" },
      });
    }
    expect(await ada.ask("elsewhere", "phx_join")).toMatchObject({ status: "error" });
    expect(await ada.ask("realtime:", "phx_join")).toEqual({
      status: "error",
      response: { reason: "TopicNameRequired: You must provide a topic name" },
    });
    expect(await ada.ask("realtime:a\0b", "phx_join", { config: { private: true } })).toMatchObject({
      status: "error",
    });
  });

  it("of an unknown event is passed over", async () => {
    const ada = await wire();
    await ada.ask(topic, "phx_join");
    ada.send(topic, "whatever", { a: 1 });
    expect(await ada.ask("phoenix", "heartbeat")).toMatchObject({ status: "ok" });
  });

  it("of three megabytes arrives, a longer one is refused, and the largest frames end the connection", async () => {
    const [ada, ben] = [await wire(), await wire()];
    for (const one of [ada, ben]) await one.ask(topic, "phx_join", { config: { broadcast: { ack: true } } });
    const said = (bytes: number) => ({ type: "broadcast", event: "e", payload: { text: "x".repeat(bytes) } });
    expect(await ada.ask(topic, "broadcast", said(2_900_000))).toMatchObject({ status: "ok" });
    expect(JSON.stringify((await ben.next("broadcast"))[4]).length).toBeGreaterThan(2_900_000);
    expect(await ada.ask(topic, "broadcast", said(3_100_000))).toMatchObject({ status: "error" });
    ada.send(topic, "broadcast", said(5_100_000));
    expect(await within(ada.closed, "the end")).toBe(1009);
  });

  it.each<[string, string | Buffer]>([
    ["no JSON", "{"],
    ["no list", '"text"'],
    ["another serializer's", '{"topic":"phoenix","event":"heartbeat","payload":{},"ref":"1"}'],
    ["a topic that is no text", '[null,null,{},"phx_join",{}]'],
    ["an empty binary frame", Buffer.alloc(0)],
    ["a kind that clients do not send", Buffer.from([4, 1, 1, 0, 0])],
    ["lengths beyond the end", Buffer.from([3, 200, 200, 200, 200, 200, 1])],
    ["an encoding that is none", Buffer.from([3, 0, 0, 0, 0, 0, 9])],
  ])("that is malformed ends its connection and no other (%s)", async (_, data) => {
    const [eve, ben] = [await wire(), await wire()];
    eve.raw(data);
    expect(await within(eve.closed, "the end")).toBe(1011);
    expect(await ben.ask("phoenix", "heartbeat")).toMatchObject({ status: "ok" });
  });
});
