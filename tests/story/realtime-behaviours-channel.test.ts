import type { RealtimeChannel, SupabaseClient } from "@supabase/supabase-js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Live, type Person, password } from "./realtime-kit.ts";
import { Inbox, joined, subscribe } from "./realtime-wait.ts";

/** What people trip over in the life of a channel; docs/live.md says where they did. */
let live: Live;
let ada: Person;
let ben: Person;
beforeAll(async () => {
  live = await Live.start({ realtime: { max_events_per_second: 1000 } });
  [ada, ben] = await Promise.all([live.person("ada"), live.person("ben")]);
});
afterEach(() => live.hangUp());
afterAll(() => live?.stop());

const kinds = [
  ["2.109.0", "1.0.0"],
  ["newest", "2.0.0"],
] as const;

interface Said {
  event: string;
  payload: unknown;
}

/** What a channel hears, from now on. */
function hear(channel: RealtimeChannel, event = "*"): Inbox<Said> {
  const heard = new Inbox<Said>();
  channel.on("broadcast", { event }, (message) => heard.put(message as never));
  return heard;
}

const say = (topic: string, payload: unknown, isPrivate = false) =>
  live.db.query("select realtime.send($1, 'said', $2, $3)", [JSON.stringify(payload), topic, isPrivate]);
const payloads = ({ all }: Inbox<Said>) => all.map(({ payload }) => payload);
const seconds = () => Math.floor(Date.now() / 1000);

/** Joins, and gives every status that is told. */
function follow(channel: RealtimeChannel): Inbox<string> {
  const told = new Inbox<string>();
  channel.subscribe((status) => told.put(status));
  return told;
}

describe.each(kinds)("supabase-js %s, serializer %s", (release, vsn) => {
  const open = (as?: Person) => live.client({ release, vsn, ...(as ? { as } : {}) });
  const speaker = async (room: string) =>
    joined((await open()).channel(room, { config: { broadcast: { ack: true } } }));
  const speak = (from: RealtimeChannel, payload: unknown) =>
    from.send({ type: "broadcast", event: "said", payload });

  it("subscribe() called twice joins once, and each message is heard once", async () => {
    const room = crypto.randomUUID();
    const bens = (await open()).channel(room);
    const heard = hear(bens);
    const told = follow(bens);
    bens.subscribe((status) => told.put(status));
    expect(await told.take()).toBe("SUBSCRIBED");
    const adas = await speaker(room);
    for (const n of [1, 2]) await speak(adas, { n });
    await heard.takeMany(2);
    expect(payloads(heard)).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it("a channel that is removed and made anew hears, and the removed one no more", async () => {
    const room = crypto.randomUUID();
    const client = await open();
    const before = client.channel(room);
    const old = hear(before);
    await joined(before);
    await client.removeChannel(before);
    const after = client.channel(room);
    const heard = hear(after);
    await joined(after);
    await speak(await speaker(room), { n: 1 });
    await heard.take();
    expect(old.all).toEqual([]);
  });

  it("removing one channel leaves the others of its client", async () => {
    const client = await open();
    const rooms = [crypto.randomUUID(), crypto.randomUUID()] as const;
    const [gone, stays] = [client.channel(rooms[0]), client.channel(rooms[1])];
    const heard = hear(stays);
    await Promise.all([joined(gone), joined(stays)]);
    expect(await client.removeChannel(gone)).toBe("ok");
    await speak(await speaker(rooms[1]), { n: 1 });
    await heard.take();
    expect([live.socketsOf(client), client.getChannels()]).toEqual([1, [stays]]);
  });

  it("left during the join and joined anew at once, as in React's strict mode, it hears once", async () => {
    const room = crypto.randomUUID();
    const client = await open();
    const first = client.channel(room);
    const old = hear(first);
    first.subscribe();
    void client.removeChannel(first);
    const second = client.channel(room);
    const heard = hear(second);
    await joined(second);
    await speak(await speaker(room), { n: 1 });
    await heard.take();
    await speak(await speaker(`${room} `), { n: 2 });
    expect([heard.all.length, old.all.length]).toEqual([1, 0]);
  });

  it("after removeAllChannels() the same client joins anew, over a new connection", async () => {
    const client = await open();
    await joined(client.channel(crypto.randomUUID()));
    await client.removeAllChannels();
    const room = crypto.randomUUID();
    const channel = client.channel(room);
    const heard = hear(channel);
    await joined(channel);
    await speak(await speaker(room), { n: 1 });
    await heard.take();
  });

  it("two tabs of one person on one topic hear each other", async () => {
    const room = crypto.randomUUID();
    const tabs = [(await open(ada)).channel(room), (await open(ada)).channel(room)] as const;
    const heard = [hear(tabs[0]), hear(tabs[1])] as const;
    for (const tab of tabs) await joined(tab);
    await speak(tabs[0], { from: 0 });
    await speak(tabs[1], { from: 1 });
    expect((await heard[1].take()).payload).toEqual({ from: 0 });
    expect((await heard[0].take()).payload).toEqual({ from: 1 });
    expect(heard.map(({ all }) => all.length)).toEqual([1, 1]);
  });

  it("a payload may be any JSON", async () => {
    const room = crypto.randomUUID();
    const bens = (await open()).channel(room);
    const heard = hear(bens);
    await joined(bens);
    const adas = await speaker(room);
    const all = ["a text", "", 0, false, [1, [2]], {}, { deep: { null: null }, __proto__: { a: 1 } }];
    for (const payload of all) expect(await speak(adas, payload)).toBe("ok");
    await heard.takeMany(all.length);
    expect(payloads(heard)).toEqual(all);
  });

  it("an event of one's own may have any name, those of the protocol too", async () => {
    const room = crypto.randomUUID();
    const bens = (await open()).channel(room);
    const heard = hear(bens);
    await joined(bens);
    const adas = await speaker(room);
    const events = ["phx_close", "phx_reply", "system", "postgres_changes", "presence_diff", "__proto__"];
    for (const event of events) await adas.send({ type: "broadcast", event, payload: {} });
    await heard.takeMany(events.length);
    expect(heard.all.map(({ event }) => event)).toEqual(events);
    expect(bens.state).toBe("joined");
  });

  it("a topic may have any name, over the socket and HTTP", async () => {
    for (const name of ["realtime:again", "a/b?c#d&e=f", "%2F%", "*", "a,b;c", " spaces "]) {
      const room = `${name}${crypto.randomUUID()}`;
      const bens = (await open()).channel(room);
      const heard = hear(bens);
      await joined(bens);
      const adas = await speaker(room);
      await speak(adas, { n: 1 });
      expect(await adas.httpSend("said", { n: 2 })).toEqual({ success: true });
      await heard.takeMany(2);
      expect(payloads(heard)).toEqual([{ n: 1 }, { n: 2 }]);
    }
  });

  it("three megabytes arrive whole; more is an error where it is acknowledged, and the channel stays", async () => {
    const room = crypto.randomUUID();
    const bens = (await open()).channel(room);
    const heard = hear(bens);
    await joined(bens);
    const adas = await speaker(room);
    const text = "é".repeat(1_450_000);
    expect(await speak(adas, { text })).toBe("ok");
    expect((await heard.take()).payload).toEqual({ text });
    expect(await speak(adas, { text: "x".repeat(3_100_000) })).toBe("error");
    expect(await speak(adas, { n: 2 })).toBe("ok");
    expect((await heard.take()).payload).toEqual({ n: 2 });
  });

  it("a connection that is lost comes back with its channels, and says SUBSCRIBED anew", async () => {
    const rooms = [crypto.randomUUID(), crypto.randomUUID()];
    const client = await open();
    const channels = rooms.map((room) => client.channel(room));
    const heard = channels.map((channel) => hear(channel));
    const told = channels.map(follow);
    for (const one of told) expect(await one.take()).toBe("SUBSCRIBED");
    live.cut(client);
    for (const one of told) {
      expect(await one.take()).toBe("CHANNEL_ERROR");
      expect(await one.take()).toBe("SUBSCRIBED");
    }
    for (const room of rooms) await speak(await speaker(room), { room });
    for (const [at, inbox] of heard.entries())
      expect((await inbox.take()).payload).toEqual({ room: rooms[at] });
  });

  it("forty channels over one connection hear their own topics alone", async () => {
    const client = await open();
    const rooms = Array.from({ length: 40 }, () => crypto.randomUUID());
    const channels = rooms.map((room) => client.channel(room));
    const heard = channels.map((channel) => hear(channel));
    await Promise.all(channels.map(joined));
    for (const room of rooms) await say(room, { room });
    for (const [at, inbox] of heard.entries())
      expect(await inbox.take()).toMatchObject({ payload: { room: rooms[at] } });
    expect([live.socketsOf(client), ...heard.map(({ all }) => all.length)]).toEqual([
      1,
      ...rooms.map(() => 1),
    ]);
  });
});

const privately = (client: SupabaseClient, room: string) =>
  client.channel(room, { config: { private: true } });

describe.each(["2.109.0", "newest"] as const)("tokens of supabase-js %s", (release) => {
  const open = (signedIn?: Person) => live.client({ release, ...(signedIn ? { signedIn } : {}) });
  const roomOf = async (...members: Person[]) => {
    const room = crypto.randomUUID();
    for (const member of members) await live.admit(room, member);
    return room;
  };

  it("who signs in before the join joins as that person; who does not, as nobody", async () => {
    const room = await roomOf(ada);
    const client = await open();
    expect((await subscribe(privately(client, room))).status).toBe("CHANNEL_ERROR");
    await client.removeAllChannels();
    expect((await subscribe(privately(await open(ada), room))).status).toBe("SUBSCRIBED");
  });

  it("who was refused and is admitted later gets in by itself", async () => {
    const room = await roomOf();
    const bens = privately(await open(ben), room);
    const heard = hear(bens);
    const told = follow(bens);
    expect(await told.take()).toBe("CHANNEL_ERROR");
    await live.admit(room, ben);
    // It tries every second or so, and may have been refused once more in between.
    let status = await told.take("the next attempt");
    while (status === "CHANNEL_ERROR") status = await told.take("the next attempt");
    expect(status).toBe("SUBSCRIBED");
    await say(room, { n: 1 }, true);
    expect(await heard.take()).toMatchObject({ payload: { n: 1 } });
  });

  it("a token that is refreshed in the middle of a stream loses nothing and doubles nothing", async () => {
    const room = await roomOf(ada);
    const client = await open(ada);
    const adas = privately(client, room);
    const heard = hear(adas);
    await joined(adas);
    const writing = (async () => {
      for (let n = 0; n < 120; n++) await say(room, { n }, true);
    })();
    for (let turn = 0; turn < 3; turn++) {
      const { error } = await client.auth.refreshSession();
      if (error) throw error;
    }
    await writing;
    await heard.takeMany(120);
    expect(payloads(heard)).toMatchObject(Array.from({ length: 120 }, (_, n) => ({ n })));
    expect(adas.state).toBe("joined");
  });

  it("a client whose connection was lost rejoins with the token that it has by then", async () => {
    const room = await roomOf(ada);
    const client = await open(ada);
    const adas = privately(client, room);
    const heard = hear(adas);
    const told = follow(adas);
    expect(await told.take()).toBe("SUBSCRIBED");
    live.cut(client);
    expect(await told.take()).toBe("CHANNEL_ERROR");
    await client.auth.refreshSession();
    expect(await told.take()).toBe("SUBSCRIBED");
    await say(room, { n: 1 }, true);
    await heard.take();
  });

  it("from nobody to somebody on an open channel: rows are told by the policies of the new role", async () => {
    const client = await open();
    const bodies = new Inbox<string | undefined>();
    const system = new Inbox<{ message: string }>();
    const put = ({ new: row }: { new: { body?: string } }) => bodies.put(row.body);
    const channel = client.channel(crypto.randomUUID());
    for (const table of ["notes", "board"]) {
      channel.on("postgres_changes", { event: "INSERT", schema: "public", table }, put as never);
    }
    await joined(channel.on("system", {}, system.put));
    await system.take();
    const write = async (body: string) => {
      await live.db.query("insert into public.notes (owner_id, body) values ($1, $2)", [ada.id, body]);
      await live.db.query("insert into public.board (body) values ('and the board')");
    };
    await write("to nobody");
    // That there was something which nobody may know of is told, as on hosted, and nothing else of it.
    expect(await bodies.takeMany(2)).toEqual([undefined, "and the board"]);
    await client.auth.signInWithPassword({ email: ada.email, password });
    await system.take("the subscription of the new token");
    await write("to ada");
    expect(await bodies.takeMany(2)).toEqual(["to ada", "and the board"]);
  });

  it("heartbeats are answered while messages stream", async () => {
    const room = crypto.randomUUID();
    const client = await live.client({ release, heartbeatIntervalMs: 300 });
    const beats = new Inbox<string>();
    client.realtime.onHeartbeat((status) => beats.put(status));
    const channel = client.channel(room);
    const heard = hear(channel);
    await joined(channel);
    for (let n = 0; beats.all.filter((beat) => beat === "ok").length < 3; n++) {
      await say(room, { n });
      await heard.take();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(new Set(beats.all)).toEqual(new Set(["sent", "ok"]));
  });
});

it("a token that expired closes its channel; with a newer one it is joined anew", async () => {
  const room = crypto.randomUUID();
  const client = await live.client();
  const system = new Inbox<{ message: string }>();
  // On a busy machine a short life may be over before the join; then a longer one is tried.
  const joinFor = async (life: number): Promise<Inbox<string>> => {
    await client.realtime.setAuth(await live.sign({ role: "anon" }, seconds() + life));
    const channel = client.channel(room);
    channel.on("system", {}, system.put);
    const told = follow(channel);
    if ((await told.take()) === "SUBSCRIBED") return told;
    await client.removeChannel(channel);
    return joinFor(2 * life);
  };
  const told = await joinFor(2);
  expect((await system.take()).message).toMatch(/^Token has expired/);
  expect(await told.take()).toBe("CLOSED");
  await client.realtime.setAuth(await live.sign({ role: "anon" }, seconds() + 600));
  const after = client.channel(room);
  const heard = hear(after);
  await joined(after);
  await say(room, { n: 1 });
  await heard.take();
});
