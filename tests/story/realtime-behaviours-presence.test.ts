import type { RealtimeChannel } from "@supabase/supabase-js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Live } from "./realtime-kit.ts";
import { Inbox, joined } from "./realtime-wait.ts";

/** What people trip over when they show who is there; docs/live.md says where they did. */
let live: Live;
beforeAll(async () => {
  live = await Live.start({ realtime: { max_client_presence_events_per_window: 100 } });
});
afterEach(() => live.hangUp());
afterAll(() => live?.stop());

const kinds = [
  ["2.109.0", "1.0.0"],
  ["newest", "2.0.0"],
] as const;

interface Seen {
  event: "join" | "leave";
  key: string;
  at: unknown[];
}
interface Told {
  event: Seen["event"];
  key: string;
  newPresences?: { at?: unknown }[];
  leftPresences?: { at?: unknown }[];
}

/** What is told of others' coming and going, from now on. */
function watch(channel: RealtimeChannel): Inbox<Seen> {
  const seen = new Inbox<Seen>();
  const put = ({ event, key, newPresences, leftPresences }: Told) =>
    seen.put({ event, key, at: (newPresences ?? leftPresences ?? []).map(({ at }) => at) });
  channel.on("presence", { event: "join" }, put as never);
  channel.on("presence", { event: "leave" }, put as never);
  return seen;
}

/** Where everybody is, by key. */
const state = (channel: RealtimeChannel) =>
  Object.fromEntries(
    Object.entries(channel.presenceState<{ at?: unknown }>()).map(([key, metas]) => [
      key,
      metas.map(({ at }) => at),
    ]),
  );

/** The library tells of a leave a moment before its state has it. */
const becomes = (channel: RealtimeChannel, wanted: object) =>
  expect.poll(() => state(channel), { interval: 5 }).toEqual(wanted);

describe.each(kinds)("supabase-js %s, serializer %s", (release, vsn) => {
  const open = async (room: string, key?: string) => {
    const config = key === undefined ? {} : { presence: { key } };
    return (await live.client({ release, vsn })).channel(room, { config });
  };
  /** Somebody who looks, and is not there. Release 2.109.0 itself forgets which of several under a key is which. */
  const observer = async (room: string) => {
    const channel = (await live.client({ release: "newest", vsn })).channel(room);
    const seen = watch(channel);
    await joined(channel);
    return { channel, seen };
  };

  it("an update is a leave and a join of the same key, and one place in the state", async () => {
    const room = crypto.randomUUID();
    const { channel, seen } = await observer(room);
    const adas = await joined(await open(room, "ada"));
    await adas.track({ at: "desk" });
    expect(await seen.take()).toEqual({ event: "join", key: "ada", at: ["desk"] });
    await adas.track({ at: "door" });
    const events = (await seen.takeMany(2)).sort((a, b) => a.event.localeCompare(b.event));
    expect(events).toEqual([
      { event: "join", key: "ada", at: ["door"] },
      { event: "leave", key: "ada", at: ["desk"] },
    ]);
    await becomes(channel, { ada: ["door"] });
  });

  it("the same said again is told to nobody", async () => {
    const room = crypto.randomUUID();
    const { seen } = await observer(room);
    const adas = await joined(await open(room, "ada"));
    for (let turn = 0; turn < 3; turn++) expect(await adas.track({ at: "desk" })).toBe("ok");
    await adas.untrack();
    expect((await seen.takeMany(2)).map(({ event }) => event)).toEqual(["join", "leave"]);
  });

  it("untrack() leaves alone, the channel stays, and track() enters again", async () => {
    const room = crypto.randomUUID();
    const { channel, seen } = await observer(room);
    const adas = await joined(await open(room, "ada"));
    await adas.track({ at: "desk" });
    await seen.take();
    expect(await adas.untrack()).toBe("ok");
    expect((await seen.take()).event).toBe("leave");
    await becomes(channel, {});
    expect(adas.state).toBe("joined");
    await adas.track({ at: "back" });
    expect(await seen.take()).toEqual({ event: "join", key: "ada", at: ["back"] });
  });

  it("two tabs share a key; when one closes the other is still there", async () => {
    const room = crypto.randomUUID();
    const { channel, seen } = await observer(room);
    const clients = [await live.client({ release, vsn }), await live.client({ release, vsn })] as const;
    for (const [at, client] of clients.entries()) {
      const tab = await joined(client.channel(room, { config: { presence: { key: "ada" } } }));
      await tab.track({ at });
      await seen.take();
    }
    await becomes(channel, { ada: [0, 1] });
    live.cut(clients[0]);
    expect(await seen.take()).toEqual({ event: "leave", key: "ada", at: [0] });
    await becomes(channel, { ada: [1] });
  });

  it("a key that is used again after its channel was left is there once", async () => {
    const room = crypto.randomUUID();
    const { channel, seen } = await observer(room);
    for (const at of ["first", "second"]) {
      const client = await live.client({ release, vsn });
      const adas = await joined(client.channel(room, { config: { presence: { key: "ada" } } }));
      await adas.track({ at });
      expect(await seen.take()).toEqual({ event: "join", key: "ada", at: [at] });
      if (at === "second") continue;
      await client.removeChannel(adas);
      expect((await seen.take()).event).toBe("leave");
    }
    await becomes(channel, { ada: ["second"] });
  });

  it("who tracks without listening is seen by those who listen", async () => {
    const room = crypto.randomUUID();
    const { seen } = await observer(room);
    const adas = await open(room, "ada");
    adas.on("broadcast", { event: "*" }, () => {});
    await joined(adas);
    await adas.track({ at: "desk" });
    expect(await seen.take()).toEqual({ event: "join", key: "ada", at: ["desk"] });
  });

  it("without a key of its own each channel gets one", async () => {
    const room = crypto.randomUUID();
    const { channel, seen } = await observer(room);
    for (const at of [1, 2]) {
      await (await joined(await open(room))).track({ at });
      await seen.take();
    }
    const keys = Object.keys(state(channel));
    expect([keys.length, keys.every((key) => /^[0-9a-f-]{36}$/.test(key))]).toEqual([2, true]);
  });

  it("who comes late sees everybody who is there, at once", async () => {
    const room = crypto.randomUUID();
    for (let at = 0; at < 12; at++) await (await joined(await open(room, `p${at}`))).track({ at });
    const late = await open(room, "late");
    const synced = new Promise<void>((resolve) => {
      late.on("presence", { event: "sync" }, resolve);
    });
    await joined(late);
    await synced;
    await becomes(late, Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`p${at}`, [at]])));
  });

  it("a connection that is lost leaves; when it is back it sees, and is seen once it tracks again", async () => {
    const room = crypto.randomUUID();
    const { channel, seen } = await observer(room);
    const bens = await joined(await open(room, "ben"));
    await bens.track({ at: "home" });
    await seen.take();
    const client = await live.client({ release, vsn });
    const adas = client.channel(room, { config: { presence: { key: "ada" } } });
    watch(adas);
    const told = new Inbox<string>();
    adas.subscribe((status) => told.put(status));
    expect(await told.take()).toBe("SUBSCRIBED");
    await adas.track({ at: "desk" });
    await seen.take();
    live.cut(client);
    expect(await seen.take()).toEqual({ event: "leave", key: "ada", at: ["desk"] });
    for (let status = ""; status !== "SUBSCRIBED"; ) status = await told.take();
    await becomes(channel, { ben: ["home"] });
    await adas.track({ at: "back" });
    expect(await seen.take()).toEqual({ event: "join", key: "ada", at: ["back"] });
    await becomes(adas, { ben: ["home"], ada: ["back"] });
  });
});
