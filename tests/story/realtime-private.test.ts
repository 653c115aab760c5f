import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Live, type Person } from "./realtime-kit.ts";
import { Inbox, joined, subscribe, within } from "./realtime-wait.ts";

let live: Live;
let people: Record<"ada" | "ben" | "eve", Person>;
const room = "matrix";
beforeAll(async () => {
  live = await Live.start();
  const [ada, ben, eve] = await Promise.all(["ada", "ben", "eve"].map((name) => live.person(name)));
  people = { ada, ben, eve } as typeof people;
  await live.admit(room, people.ada);
  // ben may listen and not speak.
  await live.admit(room, people.ben, false);
});
afterAll(() => live?.stop());

const open = async (as: Person | undefined, topic = room, config = {}) =>
  (await live.client(as ? { as } : {})).channel(topic, { config: { private: true, ...config } });

const isPresent = (channel: { presenceState(): object }, key: string) => key in channel.presenceState();

describe("the policies of a private topic", () => {
  it.each([
    ["ada", "SUBSCRIBED"],
    ["ben", "SUBSCRIBED"],
    ["eve", "CHANNEL_ERROR"],
    [null, "CHANNEL_ERROR"],
  ] as const)("%s is answered with %s", async (name, wanted) => {
    const channel = await open(name ? people[name] : undefined);
    const { status, reason } = await subscribe(channel);
    expect(status).toBe(wanted);
    const refusal = `Unauthorized: You do not have permissions to read from this Channel topic: ${room}`;
    expect(reason).toBe(wanted === "SUBSCRIBED" ? "" : refusal);
  });

  it("ada is heard; ben is not, by any way, and no member can forge what the database says", async () => {
    const heard = new Inbox<{ event: string; payload: unknown }>();
    const listener = await open(people.ada);
    await joined(listener.on("broadcast", { event: "*" }, (message) => heard.put(message as never)));
    const [adas, bens] = [await open(people.ada), await open(people.ben, room, { broadcast: { ack: true } })];
    await Promise.all([joined(adas), joined(bens)]);
    // A denied write is silent: no acknowledgement comes.
    const sent = await bens.send({ type: "broadcast", event: "forged", payload: {} }, { timeout: 300 });
    expect(sent).toBe("timed out");
    await expect(bens.httpSend("forged", {})).rejects.toThrow("Forbidden");
    const unjoined = await open(people.ben);
    expect(await unjoined.send({ type: "broadcast", event: "forged", payload: {} })).toBe("ok");
    const eves = await open(people.eve);
    await expect(eves.httpSend("forged", {})).rejects.toThrow("Forbidden");
    // Neither does a public channel of the same name lead there.
    const outside = (await live.client({ as: people.eve })).channel(room);
    await joined(outside);
    await outside.send({ type: "broadcast", event: "forged", payload: {} });
    await adas.send({ type: "broadcast", event: "said", payload: {} });
    expect(await heard.take()).toMatchObject({ event: "said" });
    expect(heard.all).toHaveLength(1);
  });

  it("ada is present; ben may look and may not be", async () => {
    const bens = await open(people.ben, room, { presence: { key: "ben", enabled: true } });
    const seen = new Inbox<unknown>();
    await joined(bens.on("presence", { event: "join" }, seen.put));
    const adas = await open(people.ada, room, { presence: { key: "ada" } });
    await joined(adas);
    expect(await bens.track({ at: "desk" })).toBe("error");
    expect(await adas.track({ at: "desk" })).toBe("ok");
    await seen.take();
    expect([isPresent(bens, "ada"), isPresent(bens, "ben")]).toEqual([true, false]);
  });
});

describe("the end of a right", () => {
  const closed = async (name: string, topic: string) => {
    const person = await live.person(name);
    await live.admit(topic, person);
    const channel = await open(person, topic);
    const gone = new Promise<string>((resolve) =>
      channel.on("system", {}, ({ message }) => resolve(message)),
    );
    await joined(channel);
    return { person, channel, gone: within(gone, "the end of the channel") };
  };

  it("a new token without the right closes the channel", async () => {
    const { person, channel, gone } = await closed("leaving", "left");
    await live.db.query("delete from public.room_members where user_id = $1", [person.id]);
    await channel.socket.setAuth(await live.signIn(person.email));
    expect(await gone).toBe("You do not have permissions to read from this Channel topic: left");
  });

  it("a new token with the right keeps it open", async () => {
    const { person, channel } = await closed("staying", "stayed");
    const heard = new Inbox<unknown>();
    channel.on("broadcast", { event: "still" }, heard.put);
    await channel.socket.setAuth(await live.signIn(person.email));
    await live.db.query("select realtime.send('{}', 'still', 'stayed')");
    await heard.take();
    expect(channel.state).toBe("joined");
  });

  it.each([
    ["signing out", "delete from auth.sessions where user_id = $1"],
    ["a ban", "update auth.users set banned_until = now() + interval '1 day' where id = $1"],
    ["deletion", "delete from auth.users where id = $1"],
  ])("%s closes the channels, and the token opens none", async (_, sql) => {
    const { person, gone } = await closed("ending", crypto.randomUUID());
    await live.db.query(sql, [person.id]);
    expect(await gone).toBe("The session of the token has ended");
    const { status, reason } = await subscribe(await open(person, "again"));
    expect([status, reason]).toEqual([
      "CHANNEL_ERROR",
      "InvalidJWTToken: The session of the token has ended",
    ]);
  });

  it("somebody else's end closes nothing", async () => {
    const { channel } = await closed("other", "others");
    const heard = new Inbox<unknown>();
    channel.on("broadcast", { event: "still" }, heard.put);
    await live.db.query("delete from auth.sessions where user_id = $1", [people.eve.id]);
    await live.db.query("select realtime.send('{}', 'still', 'others')");
    await heard.take();
    expect(channel.state).toBe("joined");
  });
});
