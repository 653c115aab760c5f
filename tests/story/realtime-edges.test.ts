import type { RealtimeChannel } from "@supabase/supabase-js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { freezingProxy } from "../support/freezing-proxy.ts";
import { Live } from "./realtime-kit.ts";
import { Inbox, joined, subscribe, within } from "./realtime-wait.ts";
import { Wire } from "./realtime-wire.ts";

let live: Live;
beforeAll(async () => {
  live = await Live.start({ realtime: { silence_ms: 2_000 } });
});
afterEach(() => live.hangUp());
afterAll(() => live?.stop());

const statuses = (channel: RealtimeChannel) => {
  const told = new Inbox<string>();
  channel.subscribe((status) => told.put(status));
  return told;
};

describe("silence", () => {
  it("a connection whose other end is gone without a word is given up, and nobody else's", async () => {
    const room = crypto.randomUUID();
    const line = await freezingProxy(live.stack.env.API_URL);
    try {
      const bens = (await live.client({ heartbeatIntervalMs: 500 })).channel(room);
      const left = new Inbox<{ key: string }>();
      bens.on("presence", { event: "leave" }, left.put);
      await joined(bens);
      const client = await live.client({ heartbeatIntervalMs: 500, url: line.url });
      const adas = client.channel(room, { config: { presence: { key: "ada" } } });
      const told = statuses(adas);
      expect(await told.take()).toBe("SUBSCRIBED");
      await adas.track({ at: "desk" });
      line.freeze();
      // Both ends notice: the server by her silence, she by a heartbeat that nobody answers; new lines are fine.
      expect((await left.take()).key).toBe("ada");
      for (let status = ""; status !== "SUBSCRIBED"; ) status = await told.take();
      await expect.poll(() => bens.state).toBe("joined");
    } finally {
      await live.hangUp();
      await line.close();
    }
  });

  it("a tab that slept past it joins anew when it wakes", async () => {
    const client = await live.client({ heartbeatIntervalMs: 600_000 });
    const told = statuses(client.channel(crypto.randomUUID()));
    expect(await told.take()).toBe("SUBSCRIBED");
    expect(await told.take("the end of the connection")).toBe("CHANNEL_ERROR");
    expect(await told.take()).toBe("SUBSCRIBED");
  });
});

describe("the end of a user", () => {
  it.each([
    ["a ban", "update auth.users set banned_until = now() + interval '1 day' where id = $1"],
    ["signing out", "delete from auth.sessions where user_id = $1"],
  ])("%s closes the connection itself, whatever was joined, and nobody else's", async (_, sql) => {
    const [ada, ben] = [await live.person("ada"), await live.person("ben")];
    const [adas, bens] = [await Wire.open(live), await Wire.open(live)];
    for (const [wire, { token }] of [
      [adas, ada],
      [bens, ben],
    ] as const) {
      for (const topic of ["realtime:one", "realtime:two"]) {
        expect(await wire.ask(topic, "phx_join", { access_token: token })).toMatchObject({ status: "ok" });
      }
    }
    await live.db.query(sql, [ada.id]);
    expect(await within(adas.closed, "the end of ada's connection")).toBe(1000);
    expect(adas.frames.all.filter(([, , , event]) => event === "phx_close")).toHaveLength(2);
    expect(await bens.ask("phoenix", "heartbeat")).toMatchObject({ status: "ok" });
    bens.close();
  });

  it("a ban of somebody who joins in that moment leaves no channel open", async () => {
    const people = await Promise.all(["ada", "ben", "carla"].map((name) => live.person(name)));
    for (const { id, token } of people) {
      const wire = await Wire.open(live);
      const ban = live.db.query("update auth.users set banned_until = 'infinity' where id = $1", [id]);
      wire.send("realtime:moment", "phx_join", { access_token: token });
      await ban;
      const ended = wire.closed.then(() => "ended");
      const refused = wire.frames.take("an answer").then(([, , , , { status }]) => status);
      refused.catch(() => {});
      const outcome = await within(Promise.race([ended, refused]), "an outcome");
      if (outcome === "ok") await within(ended, "the end");
      else expect(["ended", "error"]).toContain(outcome);
      wire.close();
    }
  });
});

describe("partitions of realtime.messages", () => {
  const partitions = async () => {
    const { rows } = await live.db.query<{ name: string }>(
      "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'realtime.messages'::regclass",
    );
    return rows.map(({ name }) => name).sort();
  };
  const day = (offset: number) =>
    `realtime.messages_${new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10).replaceAll("-", "_")}`;

  it("those of the days to come are there, those older than 72 hours are dropped", async () => {
    await live.asSuperuser(
      "create table realtime.messages_2020_01_02 partition of realtime.messages for values from ('2020-01-02') to ('2020-01-03')",
    );
    await live.asSuperuser(`drop table ${day(3)}`);
    await live.asSuperuser("select realtime.keep_partitions()");
    expect(await partitions()).toEqual([-1, 0, 1, 2, 3].map(day));
  });

  it("a join where today's is missing is told so, and the next one finds it", async () => {
    const ada = await live.person("ada");
    await live.admit("partitions", ada);
    const open = async (topic: string) =>
      (await live.client({ as: ada })).channel(topic, { config: { private: true } });
    const before = await joined(await open("partitions"));
    for (const offset of [-1, 0, 1]) await live.asSuperuser(`drop table if exists ${day(offset)}`);
    const after = await open("partitions");
    const answers = new Inbox<[string, string | undefined]>();
    after.subscribe((status, error) => answers.put([status, error?.message]));
    expect(await answers.take()).toEqual([
      "CHANNEL_ERROR",
      "MissingPartition: Realtime was unable to find the expected messages partition",
    ]);
    expect((await answers.take("the next attempt"))[0]).toBe("SUBSCRIBED");
    expect(await partitions()).toContain(day(0));
    expect(before.state).toBe("joined");
  });

  it("a push where it is missing is not sent, and ends nothing", async () => {
    const ada = await live.person("ada");
    await live.admit("pushes", ada);
    const client = await live.client({ as: ada });
    const channel = client.channel("pushes", { config: { private: true, broadcast: { ack: true } } });
    await joined(channel);
    for (const offset of [-1, 0, 1]) await live.asSuperuser(`drop table if exists ${day(offset)}`);
    const first = await channel.send({ type: "broadcast", event: "e", payload: {} }, { timeout: 200 });
    expect(first).toBe("timed out");
    expect([channel.state, live.socketsOf(client)]).toEqual(["joined", 1]);
  });
});

it("a channel that asks for it is told when replication is there", async () => {
  const config = { broadcast: { replication_ready: true } };
  const channel = (await live.client({ release: "newest" })).channel("ready", { config } as never);
  const system = new Inbox<{ status: string; extension: string; message: string }>();
  await joined(channel.on("system", {}, system.put));
  expect(await system.take()).toMatchObject({
    status: "ok",
    extension: "system",
    message: "Replication connection established",
  });
});

it("a project that wants private channels alone refuses every other", async () => {
  const own = await Live.start({ realtime: { private_only: true } });
  try {
    const ada = await own.person("ada");
    await own.admit("alone", ada);
    const open = async (isPrivate: boolean) =>
      subscribe((await own.client({ as: ada })).channel("alone", { config: { private: isPrivate } }));
    expect(await open(false)).toEqual({
      status: "CHANNEL_ERROR",
      reason: "PrivateOnly: This project only allows private channels",
    });
    expect((await open(true)).status).toBe("SUBSCRIBED");
  } finally {
    await own.stop();
  }
});
