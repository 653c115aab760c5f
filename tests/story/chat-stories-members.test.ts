/** Who is in a room, as it ends: removed, revoked, begun anew, deleted. */
import { createClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { pace } from "../../sdk/src/chat/approval/wait.ts";
import type { Room, TrackIt } from "../../sdk/src/index.ts";
import { clocks } from "../../sdk/src/live/clocks.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import { listen, restarted, type Talker, talker, texts } from "./chat-kit.ts";
import { Inbox, joined, subscribe } from "./realtime-wait.ts";
import { PASSWORD, refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let people: { ada: Talker; ben: Talker; cem: Talker; eve: Talker };
beforeAll(async () => {
  clocks.headCheck = 1_000;
  pace.poll = 300;
  kit = await startSdkKit();
  const [ada, ben, cem, eve] = await Promise.all([
    talker(kit, "ada"),
    talker(kit, "ben"),
    talker(kit, "cem"),
    talker(kit, "eve"),
  ]);
  people = { ada, ben, cem, eve };
});
afterAll(() => kit?.stop());

const tokenOf = async ({ trackit }: Talker): Promise<string> =>
  (await trackit.supabase.auth.getSession()).data.session?.access_token ?? "";

/** A request without the SDK, with whatever token. */
async function raw(token: string, path: string, body?: object): Promise<unknown> {
  const { API_URL, PUBLISHABLE_KEY: apikey } = kit.stack.env;
  const headers = { apikey, authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(`${API_URL}/rest/v1/${path}`, {
    headers,
    ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
  });
  return answer.json();
}

/** Every way to read a room: what each answers, by its path. */
async function readings(token: string, room: string, device: string): Promise<Record<string, unknown>> {
  const calls: Record<string, object> = {
    room_rows: { room },
    messages_page: { room },
    room_wraps: { room, device },
    heads: { rooms: [room] },
    join_requests_of: { room },
  };
  const tables = "room_members room_log room_epochs epoch_recipients messages room_invites room_grants".split(
    " ",
  );
  const paths: [string, object?][] = [
    ...Object.entries(calls).map(([name, body]): [string, object] => [`rpc/${name}`, body]),
    ...tables.map((name): [string] => [`${name}?select=*&room_id=eq.${room}`]),
    [`rooms?select=*&id=eq.${room}`],
  ];
  const answers = paths.map(async ([path, body]) => [path, await raw(token, path, body)]);
  return Object.fromEntries(await Promise.all(answers));
}

const nothing = (all: Record<string, unknown>) =>
  Object.fromEntries(Object.keys(all).map((path) => [path, []]));

/** A client that knows nothing of the SDK, joined to a topic as far as it is let. */
async function channelOf(token: string, topic: string) {
  const { API_URL, PUBLISHABLE_KEY } = kit.stack.env;
  const client = createClient(API_URL, PUBLISHABLE_KEY, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket as never },
    accessToken: () => Promise.resolve(token),
  });
  await client.realtime.setAuth();
  const heard = new Inbox<{ event: string }>();
  const channel = client.channel(topic, { config: { private: true } });
  channel.on("broadcast", { event: "*" }, (told) => heard.put(told as never));
  return { client, channel, heard };
}

const topicOf = async ({ id }: Room): Promise<string> => {
  const [row] = await kit.sql<{ rev: number }[]>`select topic_rev as rev from rooms where id = ${id}`;
  return `room:${id}:${row?.rev}`;
};

async function group(name: string, ...members: Talker[]): Promise<{ hers: Room; his: Room }> {
  const { ada, ben } = people;
  const hers = await ada.trackit.rooms.create({ name, members: members.map(({ id }) => id) });
  return { hers, his: await ben.trackit.rooms.get(hers.id) };
}

const idsIn = (room: Room): string[] => room.members.map(({ userId }) => userId).sort();

describe("ben, who was removed", () => {
  it("reads nothing new by SDK, RPC, REST or topic, with the token that he had before, and eve never did", async () => {
    const { ada, ben, cem, eve } = people;
    const { hers, his } = await group("without ben", ben, cem);
    await hers.send("with ben");
    const [token, eves] = [await tokenOf(ben), await tokenOf(eve)];
    const device = (await ben.trackit.devices.me()).id;
    const before = await readings(token, hers.id, device);
    expect(before["rpc/room_rows"]).not.toEqual([]);
    expect(before[`messages?select=*&room_id=eq.${hers.id}`]).toHaveLength(1);
    const old = await channelOf(token, await topicOf(hers));
    await joined(old.channel);
    const { said } = listen(his);
    expect(await said.take()).toMatchObject({ text: "with ben" });

    await hers.remove(ben.username);
    await hers.send("without ben");
    for (const [who, id] of [
      [token, device],
      [eves, device],
      [eves, (await eve.trackit.devices.me()).id],
    ] as const) {
      const after = await readings(who, hers.id, id);
      expect(after).toEqual(nothing(after));
      const next = await channelOf(who, await topicOf(hers));
      expect((await subscribe(next.channel)).status).toBe("CHANNEL_ERROR");
      void next.client.realtime.disconnect();
    }
    // The database speaks in order: what the old topic was to hear, it has heard by now.
    await kit.sql`select realtime.send('{}', 'last', ${old.channel.subTopic}, true)`;
    const events = [await old.heard.take(), await old.heard.take(), await old.heard.take()];
    expect(events.map(({ event }) => event)).toEqual(["room_log.insert", "moved", "last"]);
    void old.client.realtime.disconnect();
    await expect(ben.trackit.rooms.get(hers.id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    expect((await ben.trackit.rooms.list().toArray()).map(({ id }) => id)).not.toContain(hers.id);
    expect(said.all).toHaveLength(1);
    expect(await texts(await cem.trackit.rooms.get(hers.id))).toEqual(["with ben", "without ben"]);
    expect(idsIn(hers)).toEqual([ada.id, cem.id].sort());
  });

  it("has no key for what a server that lets him in again would show him", async () => {
    const { ben, cem } = people;
    const { hers } = await group("let in by nobody", ben, cem);
    await hers.send("with ben");
    await hers.remove(ben.username);
    await hers.send("without ben");
    await kit.sql`update room_members set left_at = null where room_id = ${hers.id} and user_id = ${ben.id}`;
    people.ben = await restarted(kit, ben);
    const his = await people.ben.trackit.rooms.get(hers.id);
    expect(await texts(his)).toEqual(["with ben", "[unreadable]"]);
    expect([his.role, idsIn(his).includes(ben.id)]).toEqual([null, false]);
    await expect(his.send("here I am")).rejects.toMatchObject({ name: "TrackItError" });
    expect(await texts(await cem.trackit.rooms.get(hers.id))).toEqual(["with ben", "without ben"]);
  });
});

/** Another device of somebody, let in by the first. */
async function secondDevice({ email, trackit: first }: Talker): Promise<TrackIt> {
  const trackit = kit.trackit({ chat: { keystore: memoryKeystore("second") } });
  await trackit.auth.signIn({ email, password: PASSWORD });
  const asked = await trackit.devices.requestApproval();
  await Promise.all([first.devices.approve(asked.code), asked.approved]);
  return trackit;
}

describe("a device that is revoked", () => {
  it("reads what is said until the next send, nothing that comes after, and says nothing any more", async () => {
    const { ada, ben } = people;
    const { hers, his } = await group("lost phone", ben);
    const phone = await secondDevice(ada);
    const stolen = await phone.rooms.get(hers.id);
    await stolen.send("from the phone");
    const { id } = await phone.devices.me();
    await ada.trackit.devices.revoke(id);
    await his.send("the phone is gone");
    await expect(stolen.send("still me")).rejects.toMatchObject({ name: "TrackItError" });
    const shown = await texts(await phone.rooms.get(hers.id).catch(() => stolen));
    expect(shown[0]).toBe("from the phone");
    expect(shown).not.toContain("the phone is gone");
    await ada.trackit.rooms.get(hers.id);
    expect([await texts(hers), await texts(his)]).toEqual(
      Array(2).fill(["from the phone", "the phone is gone"]),
    );
    const wraps =
      await kit.sql`select 1 from epoch_recipients where room_id = ${hers.id} and device_id = ${id}`;
    expect(wraps).toHaveLength(0);
  });
});

describe("somebody who begins anew", () => {
  it("is in no group until an admin adds them again, and then reads what is said from there on", async () => {
    const { ada, cem } = people;
    const dora = await talker(kit, "dora");
    const { hers } = await group("anew", people.ben, dora, cem);
    await hers.send("to the old dora");
    await dora.trackit.devices.startOver({ confirm: true });
    await hers.send("to nobody of that name");
    await expect(dora.trackit.rooms.get(hers.id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    expect(idsIn(hers)).not.toContain(dora.id);
    await expect(hers.add(dora.username)).rejects.toMatchObject(refusal("CRYPTO_IDENTITY"));
    await ada.trackit.devices.accept(dora.username);
    await hers.add(dora.username);
    await hers.send("to the new dora");
    const doras = await dora.trackit.rooms.get(hers.id);
    expect(await texts(doras)).toEqual(["[unreadable]", "[unreadable]", "to the new dora"]);
    expect(await texts(await cem.trackit.rooms.get(hers.id))).toEqual([
      "to the old dora",
      "to nobody of that name",
      "to the new dora",
    ]);
  });
});

describe("at the same instant", () => {
  it("ada removes cem, ben removes eve, and cem writes: all of it happens, and everybody sees the same room", async () => {
    const { ada, ben, cem, eve } = people;
    const { hers, his } = await group("crosswise", ben, cem, eve);
    await hers.setRole(ben.username, "admin");
    const cems = await cem.trackit.rooms.get(hers.id);
    await ben.trackit.rooms.get(hers.id);
    const [, , written] = await Promise.allSettled([
      hers.remove(cem.username),
      his.remove(eve.username),
      cems.send("am I in?"),
    ]);
    await Promise.all([hers.send("ada stays"), his.send("ben stays")]);
    const [adas, bens] = [await ada.trackit.rooms.get(hers.id), await ben.trackit.rooms.get(hers.id)];
    expect([idsIn(adas), idsIn(bens)]).toEqual(Array(2).fill([ada.id, ben.id].sort()));
    const said = await texts(adas);
    expect(await texts(bens)).toEqual(said);
    // Who is removed in that moment cannot see any more whether it was taken.
    if (written.status === "fulfilled") expect(said).toContain("am I in?");
    else expect(written.reason).toMatchObject({ name: "TrackItError" });
    expect([...said].sort()).toEqual(expect.arrayContaining(["ada stays", "ben stays"]));
    expect([adas.alarm, bens.alarm]).toEqual([null, null]);
  });

  it("both remove cem: one of them does, the other finds it done, and the room goes on", async () => {
    const { ada, ben, cem } = people;
    const { hers, his } = await group("twice", ben, cem);
    await hers.setRole(ben.username, "admin");
    const ends = await Promise.allSettled([hers.remove(cem.username), his.remove(cem.username)]);
    expect(ends.filter(({ status }) => status === "fulfilled").length).toBeGreaterThan(0);
    for (const end of ends)
      if (end.status === "rejected") expect(end.reason).toMatchObject(refusal("ACCESS_NOT_FOUND"));
    await his.send("two of us");
    expect(await texts(await ada.trackit.rooms.get(hers.id))).toEqual(["two of us"]);
    expect([idsIn(hers), idsIn(his)]).toEqual(Array(2).fill([ada.id, ben.id].sort()));
  });
});

describe("the owner", () => {
  it("deletes the room: members are told, it leaves their lists, and nobody says anything in it any more", async () => {
    const { ada, ben, cem, eve } = people;
    const { hers, his } = await group("over", ben, cem);
    await hers.send("last words");
    const told = new Inbox<Room>();
    his.on("room", told.put);
    await hers.destroy();
    while (!(await told.take("the end of the room")).deleted);
    for (const who of [ada, ben, cem])
      expect((await who.trackit.rooms.list().toArray()).map(({ id }) => id)).not.toContain(hers.id);
    for (const room of [hers, his])
      await expect(room.send("and yet")).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    await expect(his.remove(cem.username)).rejects.toMatchObject({ name: "TrackItError" });
    const after = await readings(await tokenOf(eve), hers.id, (await eve.trackit.devices.me()).id);
    expect(after).toEqual(nothing(after));
  });

  it("deletes the account: the oldest admin is owner, and the others talk on, in an epoch without them", async () => {
    const { ben, cem } = people;
    const omar = await talker(kit, "omar");
    const room = await omar.trackit.rooms.create({ name: "heirs", members: [cem.id, ben.id] });
    await room.setRole(ben.username, "admin");
    await room.send("it is yours");
    const his = await ben.trackit.rooms.get(room.id);
    const cems = await cem.trackit.rooms.get(room.id);
    const token = await tokenOf(omar);
    const old = await topicOf(room);
    const [before] = await kit.sql`select epoch from rooms where id = ${room.id}`;
    await deleteAccount(omar);

    const [head] = await kit.sql`select epoch, rekey_required from rooms where id = ${room.id}`;
    expect(head).toMatchObject({ epoch: before?.epoch, rekey_required: true });
    const [marker] =
      await kit.sql`select op, author from room_log where room_id = ${room.id} order by seq desc limit 1`;
    expect(marker).toMatchObject({ op: 11, author: omar.id });
    const closed = await channelOf(token, await topicOf(room));
    expect([old === closed.channel.subTopic, (await subscribe(closed.channel)).status]).toEqual([
      false,
      "CHANNEL_ERROR",
    ]);
    void closed.client.realtime.disconnect();

    await cems.send("he is gone");
    expect(idsIn(cems)).toEqual([ben.id, cem.id].sort());
    await ben.trackit.rooms.get(room.id);
    expect(his.role).toBe("owner");
    await his.rename("ours");
    await his.setRole(cem.username, "admin");
    expect((await cem.trackit.rooms.get(room.id)).name).toBe("ours");
    expect(await texts(his)).toEqual(["it is yours", "he is gone"]);
    const [first] = (await his.history().toArray()).reverse();
    expect(first).toMatchObject({ status: "sent", from: { userId: omar.id } });
    const listed = await kit.sql`
      select user_id from epoch_recipients where room_id = ${room.id} and epoch > ${before?.epoch}`;
    expect(new Set(listed.map(({ user_id }) => user_id))).toEqual(new Set([ben.id, cem.id]));
    expect(await kit.sql`select 1 from epoch_recipients where user_id = ${omar.id}`).toHaveLength(0);
  });
});

describe("the other side of a direct room", () => {
  it("deletes the account: what was said stays as it was signed, and nothing more is sent to nobody", async () => {
    const { ben } = people;
    const paul = await talker(kit, "paul");
    const hers = await paul.trackit.rooms.direct(ben.username);
    await hers.send("farewell");
    await deleteAccount(paul);
    const his = await ben.trackit.rooms.get(hers.id);
    const [last] = await his.history().toArray();
    expect(last).toMatchObject({ text: "farewell", status: "sent", from: { userId: paul.id, own: false } });
    await expect(his.send("are you there?")).rejects.toMatchObject(refusal("CRYPTO_IDENTITY"));
    expect((await his.history().toArray({ max: 1 }))[0]).toMatchObject({ status: "failed" });
    expect(await kit.sql`select 1 from messages where room_id = ${hers.id}`).toHaveLength(1);
  });
});

/** As the administrator does at their wish. */
async function deleteAccount({ id }: Talker): Promise<void> {
  const { API_URL, SECRET_KEY } = kit.stack.env;
  const answer = await fetch(`${API_URL}/auth/v1/admin/users/${id}`, {
    method: "DELETE",
    headers: { apikey: SECRET_KEY, authorization: `Bearer ${SECRET_KEY}` },
  });
  expect(answer.status).toBe(200);
}
