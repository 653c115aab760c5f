/** A server that lies about people: who somebody is, which devices they have, who is in a room, and who was let in. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { toUuid } from "../../sdk/src/chat/ids.ts";
import type { WireHead, WireLog } from "../../sdk/src/chat/wire.ts";
import { type Bytes, equal, fromHex, toBase64url } from "../../sdk/src/crypto/bytes/index.ts";
import { NO_HEAD } from "../../sdk/src/crypto/codec.ts";
import { createRsaAes, startGroup, startRoom } from "../../sdk/src/crypto/group/index.ts";
import { decodeInviteLink, makeJoin } from "../../sdk/src/crypto/invite/index.ts";
import { startRoomLog } from "../../sdk/src/crypto/room-log/index.ts";
import type { ChatAlarm, Room } from "../../sdk/src/index.ts";
import type { Talker } from "../story/chat-kit.ts";
import { Inbox } from "../story/realtime-wait.ts";
import { refusal, type SdkKit, startSdkKit } from "../story/sdk-kit.ts";
import { copiedKeystore } from "../support/chat/clone.ts";
import { forgeCommit, forgeEntry, forgeMessage, said } from "../support/chat/forge.ts";
import { type LyingProxy, lyingProxy } from "../support/chat/lying-proxy.ts";
import {
  deviceOf,
  Insider,
  read,
  readTexts,
  restartedBy,
  sessionOf,
  talkerBy,
  usernames,
} from "../support/chat/people.ts";
import { allRows, historyOf, putRow, type WireRow } from "../support/chat/rows.ts";

let kit: SdkKit;
let proxy: LyingProxy;
let ada: Talker;
let ben: Talker;
let cem: Talker;
let eve: Talker;
/** Somebody to whom things happen that others go on without: keys take their time to be made. */
let dora: Talker;
const doras = copiedKeystore("dora");
beforeAll(async () => {
  kit = await startSdkKit();
  proxy = await lyingProxy(kit.stack.env.API_URL);
  dora = await talkerBy(kit, proxy.url, "dora", doras.keystore);
  [ada, ben, cem, eve] = (await Promise.all(
    ["ada", "ben", "cem", "eve"].map((name) => talkerBy(kit, proxy.url, name)),
  )) as [Talker, Talker, Talker, Talker];
});
afterEach(() => proxy.honest());
afterAll(async () => {
  await kit?.stop();
  await proxy?.close();
});

async function roomOf(...others: Talker[]) {
  const room = await ada.trackit.rooms.create({ members: others.map(({ id }) => id) });
  await room.send("first");
  for (const { trackit } of others) expect(await readTexts(trackit, room.id)).toEqual(["first"]);
  return room;
}

const alarmOf = async ({ trackit }: Talker, id: string): Promise<ChatAlarm | null> =>
  (await trackit.rooms.get(id)).alarm;

/** Whose devices an epoch of a room was wrapped for; the last one by default. */
async function wrappedFor(room: string, epoch?: number): Promise<string[]> {
  const rows = await kit.sql`
    select device_id from epoch_recipients where room_id = ${room}
      and epoch = ${epoch ?? kit.sql`(select epoch from rooms where id = ${room})`}`;
  return rows.map(({ device_id }) => String(device_id));
}

const rowsOf = async (userId: string): Promise<number> => {
  const [row] = await kit.sql`select rows from identities where user_id = ${userId} and retired_at is null`;
  return Number(row?.rows);
};

/** Shows somebody a device log that ends with that row, wherever its length is told. */
function hideRows(to: string, whose: string, rows: number): { times: number } {
  const told = proxy.answers<WireLog[]>("read_device_logs", to, (logs, { args }) => {
    const asked = args.asked as { user_id: string; after?: number }[];
    return logs.map((log) => {
      const after = asked.find(({ user_id }) => user_id === log.user_id)?.after ?? 0;
      return log.user_id === whose
        ? { ...log, rows, entries: log.entries.slice(0, Math.max(0, rows - after)) }
        : log;
    });
  });
  proxy.answers<Partial<WireHead>[]>("heads", to, (heads) => heads.map(withRows(whose, rows)));
  return told;
}

const withRows = (whose: string, rows: number) => (head: Partial<WireHead>) => ({
  ...head,
  members:
    head.members?.map((one) => (one.user_id === whose ? { ...one, log_rows: rows } : one)) ?? head.members,
});

describe("who somebody is", () => {
  it("search_returns_another: a search for ben that is answered with eve brings nobody anywhere", async () => {
    const alarms = new Inbox<ChatAlarm>();
    const stop = ada.trackit.devices.on("alarm", alarms.put);
    const room = await roomOf();
    const before = (await ada.trackit.rooms.list().toArray()).length;
    const lie = proxy.answers<object>("lookup_profile", ada.id, (found) => ({ ...found, id: eve.id }));
    const fooled = refusal("CRYPTO_IDENTITY", { details: { userId: eve.id } });
    await expect(ada.trackit.rooms.direct(ben.username)).rejects.toMatchObject(fooled);
    await expect(ada.trackit.rooms.create({ members: [ben.username] })).rejects.toMatchObject(fooled);
    await expect(room.add(ben.username)).rejects.toMatchObject(fooled);
    expect(await alarms.take()).toMatchObject({ kind: "identity", userId: eve.id });
    expect([lie.times, (await ada.trackit.rooms.list().toArray()).length]).toEqual([3, before]);
    proxy.honest();
    expect((await ada.trackit.rooms.direct(ben.username)).name).toBe(ben.username);
    stop();
  });

  it("search_returns_another: ada removes whom she means and gives them a role, whoever the server says they are", async () => {
    const room = await roomOf(ben, eve);
    const lie = proxy.answers<object>("lookup_profile", ada.id, (found) => ({ ...found, id: eve.id }));
    await room.setRole(ben.username, "admin");
    const roles = () => room.members.map(({ userId, role }) => [userId, role]);
    expect(roles()).toEqual([
      [ada.id, "owner"],
      [ben.id, "admin"],
      [eve.id, "member"],
    ]);
    await expect(room.setRole(cem.username, "owner")).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    await room.remove(ben.username.toUpperCase());
    expect(roles()).toEqual([
      [ada.id, "owner"],
      [eve.id, "member"],
    ]);
    expect(lie.times).toBe(0);
  });

  it("name_swap: members have the names that their devices have signed, or none, and never each other's", async () => {
    const room = await roomOf(ben, cem);
    const names = { [ben.id]: cem.username, [cem.id]: ben.username };
    const lie = proxy.answers<WireLog[]>("read_device_logs", ada.id, (logs) => {
      const openings = logs.map((log) => (names[log.user_id] ? log.openings : {}));
      return logs.map((log) => {
        const other = openings.find((one) => one !== log.openings && Object.keys(one).length > 0);
        return names[log.user_id] ? { ...log, openings: other ?? {} } : log;
      });
    });
    for (const id of [ben.id, cem.id])
      await kit.sql`update profiles set username = ${`${id.slice(0, 8)}-x`} where id = ${id}`;
    for (const [id, name] of Object.entries(names))
      await kit.sql`update profiles set username = ${name} where id = ${id}`;
    // Whoever is in the middle of a session knows them; the next session is told the lie.
    expect(usernames(room)).toEqual([ada.username, ben.username, cem.username]);
    ada = await restartedBy(kit, proxy.url, ada);
    const again = await ada.trackit.rooms.get(room.id);
    for (const { userId, username } of again.members)
      expect([
        null,
        { [ada.id]: ada.username, [ben.id]: ben.username, [cem.id]: cem.username }[userId],
      ]).toContain(username);
    expect(lie.times).toBeGreaterThan(0);
    for (const { id } of [ben, cem])
      await kit.sql`update profiles set username = ${`${id.slice(0, 8)}-x`} where id = ${id}`;
    for (const { id, username } of [ben, cem])
      await kit.sql`update profiles set username = ${username} where id = ${id}`;
    proxy.honest();
    ada = await restartedBy(kit, proxy.url, ada);
    expect(usernames(await ada.trackit.rooms.get(room.id))).toEqual([
      ada.username,
      ben.username,
      cem.username,
    ]);
  });

  it("head_goes_back: a list of devices that ends earlier than it did is no list, now and after a restart", async () => {
    const room = await ada.trackit.rooms.create({ members: [dora.id] });
    await dora.trackit.recovery.create();
    expect(await ada.trackit.devices.safetyNumber(dora.id)).toMatch(/^\d{60}$/);
    const rows = await rowsOf(dora.id);
    expect(rows).toBe(2);
    hideRows(ada.id, dora.id, 1);
    const went = refusal("CRYPTO_HISTORY", { details: { userId: dora.id } });
    await expect(ada.trackit.devices.safetyNumber(dora.id)).rejects.toMatchObject(went);
    ada = await restartedBy(kit, proxy.url, ada);
    await expect(ada.trackit.devices.safetyNumber(dora.id)).rejects.toMatchObject(went);
    // What was found to be older is not gone on with by the next call.
    for (const _ of [1, 2]) await expect(ada.trackit.rooms.get(room.id)).rejects.toMatchObject(went);
    proxy.honest();
    expect(await ada.trackit.devices.safetyNumber(dora.id)).toMatch(/^\d{60}$/);
    await (await ada.trackit.rooms.get(room.id)).send("the same as before");
    expect(await readTexts(dora.trackit, room.id)).toEqual(["the same as before"]);
  });

  it("is not forgotten because the server shows nothing of it: nobody begins anew on its word", async () => {
    const identities = () => kit.sql`select root from identities where user_id = ${ada.id}`;
    const before = await identities();
    const lie = proxy.answers<WireLog[]>("read_device_logs", ada.id, (logs) =>
      logs.filter(({ user_id }) => user_id !== ada.id),
    );
    ada = await restartedBy(kit, proxy.url, ada);
    const forgotten = refusal("CRYPTO_HISTORY", { details: { userId: ada.id } });
    await expect(ada.trackit.devices.me()).rejects.toMatchObject(forgotten);
    await expect(ada.trackit.rooms.create({ name: "never" })).rejects.toMatchObject(forgotten);
    expect([await identities(), lie.times > 0]).toEqual([before, true]);
    proxy.honest();
    expect(await ada.trackit.devices.me()).toMatchObject({ here: true });
  });

  it("root_change_holds_outbox: what was written for the gus of before waits until ada says that it is for this one", async () => {
    const gus = await talkerBy(kit, proxy.url, "gus");
    const room = await roomOf(ben, gus);
    await room.setRole(ben.id, "admin");
    const lost = proxy.asks("send_messages", ada.id, () => null);
    const written = room.send("for gus").catch((error: unknown) => error);
    await expect.poll(() => lost.times).toBeGreaterThan(0);
    await gus.trackit.devices.startOver({ confirm: true });
    await ben.trackit.devices.accept(gus.id);
    await (await ben.trackit.rooms.get(room.id)).add(gus.id);
    lost.stop();
    expect(await written).toMatchObject(refusal("CONFLICT_AUDIENCE", { details: { userIds: [gus.id] } }));
    expect(await readTexts(ben.trackit, room.id)).toEqual(["first"]);
    const [held] = await room.history().toArray({ max: 1 });
    expect(held).toMatchObject({ status: "held", text: "for gus" });
    await room.release(held ?? "");
    expect((await readTexts(gus.trackit, room.id)).at(-1)).toBe("for gus");
  });
});

describe("somebody's devices", () => {
  /** Rooms of ada and ben, the second one with cem, in which ben's laptop has spoken; but for the first. */
  let rooms: Room[];
  let laptop: Awaited<ReturnType<typeof deviceOf>>;
  /** What it has signed in the last one and not sent. */
  let late: Uint8Array;
  let thief: Insider;
  /** Rows of ben's list before the laptop's end. */
  let before: number;
  let revoked: Promise<void> | null = null;
  const revoke = (): Promise<void> => {
    revoked ??= ben.trackit.devices.revoke(laptop.device);
    return revoked;
  };
  const room = (at: number): Room => rooms[at] as Room;

  beforeAll(async () => {
    rooms = [await roomOf(ben), await roomOf(ben, cem), await roomOf(ben), await roomOf(ben)];
    laptop = await deviceOf(kit, proxy.url, ben);
    for (const { id } of rooms.slice(1)) {
      await (await laptop.trackit.rooms.get(id)).send("from the laptop");
      expect(await readTexts(ada.trackit, id)).toEqual(["first", "from the laptop"]);
    }
    thief = await Insider.open(laptop);
    late = (await forgeMessage(await thief.room(room(3).id), said("late"))).bytes;
    before = await rowsOf(ben.id);
  });
  afterAll(() => thief?.close());

  it("own_new_device_first_send: ben's new laptop is in nobody's epoch until it begins one, with its first word", async () => {
    const { id } = room(0);
    // Also where two parts of an app open it at once.
    const both = await Promise.all([readTexts(laptop.trackit, id), readTexts(laptop.trackit, id)]);
    expect(both).toEqual([["first"], ["first"]]);
    expect(await wrappedFor(id)).not.toContain(laptop.device);
    await (await laptop.trackit.rooms.get(id)).send("from the laptop");
    expect(await wrappedFor(id)).toContain(laptop.device);
    expect(await readTexts(ada.trackit, id)).toEqual(["first", "from the laptop"]);
  });

  it("hidden_revoke: ben's laptop was revoked and ada is not told; the next word of anybody who knows tells her", async () => {
    const { id } = room(1);
    const hidden = hideRows(ada.id, ben.id, before);
    await revoke();
    // She cannot know yet.
    await room(1).send("and the thief reads on");
    await (await cem.trackit.rooms.get(id)).send("without the laptop");
    expect(await wrappedFor(id)).not.toContain(laptop.device);
    expect(await alarmOf(ada, id)).toMatchObject({ kind: "history", userId: cem.id });
    expect(hidden.times).toBeGreaterThan(0);
    await expect(room(1).send("never said")).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
    expect((await readTexts(cem.trackit, id)).at(-1)).toBe("without the laptop");
  });

  it("hidden_revoke: a header that names a newer list is enough for ada to begin an epoch without the laptop", async () => {
    const { id } = room(2);
    // Heads are told as they were; the log itself is given to whoever asks for more of it.
    proxy.answers<Partial<WireHead>[]>("heads", ada.id, (heads) => heads.map(withRows(ben.id, before)));
    await revoke();
    const insider = await Insider.open(ben);
    const { bytes } = await forgeMessage(await insider.room(id), said("I have lost my laptop"));
    await insider.ask("send_messages", { room: id, messages: [toBase64url(bytes)] });
    expect((await readTexts(ada.trackit, id)).at(-1)).toBe("I have lost my laptop");
    const [{ epoch } = {}] = await kit.sql`select epoch from rooms where id = ${id}`;
    await room(2).send("then without it");
    expect(await alarmOf(ada, id)).toBeNull();
    expect(await wrappedFor(id, Number(epoch) + 1)).toHaveLength(2);
    expect(await wrappedFor(id)).not.toContain(laptop.device);
    await insider.close();
  });

  it("stolen_device_backdates: what a laptop signs after its end does not count, wherever the server puts it", async () => {
    const { id } = room(3);
    await revoke();
    // The server lets the thief's word in before ada's commit, which has not seen it.
    const hers = await Insider.open(ada);
    const { change } = await forgeCommit(await hers.room(id));
    await putRow(kit.sql, id, { kind: "message", bytes: late, by: ben.id });
    expect((await readTexts(ada.trackit, id)).at(-1)).toBe("late");
    await hers.ask("change_room", { room: id, change });
    await room(3).send("without the laptop");
    const shown = await read(ada.trackit, id);
    expect(shown.map(({ status, text }) => (status === "sent" ? text : `[${status}]`))).toEqual([
      "first",
      "from the laptop",
      "[unreadable]",
      "without the laptop",
    ]);
    expect(shown[2]?.problem?.cause).toMatch(/after its end/);
    // And after it, where the epoch is over.
    await putRow(kit.sql, id, { kind: "message", bytes: late, by: ben.id });
    await room(3).send("still without it");
    expect((await readTexts(ada.trackit, id)).filter((text) => !text.startsWith("["))).toEqual([
      "first",
      "from the laptop",
      "without the laptop",
      "still without it",
    ]);
    await hers.close();
  });

  it("cloned_profile: of two with the same keys the one hears of the other, and says nothing more", async () => {
    const room = await ada.trackit.rooms.create({ members: [dora.id] });
    await (await dora.trackit.rooms.get(room.id)).send("from dora");
    const copy = await sessionOf(kit, proxy.url, dora, doras.copy());
    await (await copy.rooms.get(room.id)).send("from dora as well");
    // To others it is dora's own device, and signed as such.
    expect(await readTexts(ada.trackit, room.id)).toEqual(["from dora", "from dora as well"]);
    const hers = await dora.trackit.rooms.get(room.id);
    expect(hers.alarm).toMatchObject({ kind: "copy", userId: dora.id });
    await expect(hers.send("who is that?")).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
    await expect(hers.goOn()).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
  });
});

describe("who is in a room", () => {
  it("removed_member_reads_nothing_new: the server gives cem every row and every wrap, and he reads no word", async () => {
    const room = await roomOf(ben, cem);
    await room.remove(cem.id);
    const secret = await room.send("without cem");
    await expect(cem.trackit.rooms.get(room.id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    const [head] =
      await kit.sql`select * from private.heads_of((select r from rooms r where id = ${room.id})) h`;
    expect(head).toBeTruthy();
    // As if he were a member to the database, with ben's wraps in place of his own.
    await kit.sql`update room_members set left_at = null where room_id = ${room.id} and user_id = ${cem.id}`;
    const bens = (await ben.trackit.devices.me()).id;
    await kit.sql`
      insert into epoch_recipients (room_id, epoch, user_id, device_id, wrap)
      select room_id, epoch, ${cem.id}, ${(await cem.trackit.devices.me()).id}, wrap from epoch_recipients
      where room_id = ${room.id} and device_id = ${bens} on conflict do nothing`;
    cem = await restartedBy(kit, proxy.url, cem);
    const shown = await read(cem.trackit, room.id);
    expect(shown.map(({ status, text }) => [status, text])).toEqual([
      ["sent", "first"],
      ["unreadable", ""],
    ]);
    expect(shown[1]?.id).toBe(secret.id);
    expect((await cem.trackit.rooms.get(room.id)).role).toBeNull();
    // What he says all the same is no message to anybody.
    const insider = await Insider.open(cem);
    const word = await forgeMessage(await insider.room(room.id), said("I am still here")).catch(() => null);
    if (word) await putRow(kit.sql, room.id, { kind: "message", bytes: word.bytes, by: cem.id });
    expect((await readTexts(ben.trackit, room.id)).filter((text) => !text.startsWith("["))).toEqual([
      "first",
      "without cem",
    ]);
    await insider.close();
  });

  it("remover_killed_between_steps: cem is removed with the epoch that goes with it, or not at all", async () => {
    const room = await roomOf(ben, cem);
    const lost = proxy.asks("change_room", ada.id, () => null);
    await expect(room.remove(cem.id)).rejects.toMatchObject(refusal("NETWORK_OFFLINE"));
    lost.stop();
    expect((await ben.trackit.rooms.get(room.id)).members.map(({ userId }) => userId)).toContain(cem.id);
    // A server that takes the entry and leaves the commit out keeps him no longer: whoever is next makes up for it.
    const half = proxy.asks<{ change: { entries: string[] } }>(
      "change_room",
      ada.id,
      ({ change, ...args }) => {
        half.stop();
        return { ...args, change: { entries: change.entries } };
      },
    );
    await room.remove(cem.id);
    expect(half.times).toBe(1);
    const cems = (await cem.trackit.devices.me()).id;
    expect(await wrappedFor(room.id)).toContain(cems);
    await (await ben.trackit.rooms.get(room.id)).send("without cem");
    expect(await wrappedFor(room.id)).not.toContain(cems);
    expect(await readTexts(ada.trackit, room.id)).toEqual(["first", "without cem"]);
  });

  it("dm_third_member: nobody comes into the room of ada and ben, by an entry of ben's nor by the server's word", async () => {
    const room = await ada.trackit.rooms.direct(ben.id);
    await room.send("between us");
    const insider = await Insider.open(ben);
    const inside = await insider.room(room.id);
    const eves = await insider.core.directory.present(eve.id, "a lie");
    if (!eves) throw new Error("eve's devices are wanted");
    const add = { op: "add", user: eves.user, userRoot: eves.root, userHead: eves.head, role: 1 } as const;
    const entry = await forgeEntry(inside, { ...add, invite: new Uint8Array(16) });
    await expect(
      insider.ask("change_room", { room: room.id, change: { entries: [toBase64url(entry)] } }),
    ).rejects.toMatchObject(refusal("ACCESS_DENIED"));
    await putRow(kit.sql, room.id, { kind: "entry", bytes: entry, by: ben.id });
    await kit.sql`
      insert into room_members (room_id, user_id, root, role, since) select ${room.id}, user_id, root, 1, 2 from identities
      where user_id = ${eve.id} and retired_at is null`;
    await room.send("and still between us");
    expect((await ada.trackit.rooms.get(room.id)).members.map(({ userId }) => userId)).toEqual([
      ada.id,
      ben.id,
    ]);
    expect(await wrappedFor(room.id)).not.toContain((await eve.trackit.devices.me()).id);
    expect((await readTexts(eve.trackit, room.id)).filter((text) => !text.startsWith("["))).toEqual([]);
    expect((await readTexts(ben.trackit, room.id)).slice(-2)).toEqual(["between us", "and still between us"]);
    await insider.close();
  });

  it("dm_created_twice: a second beginning of the same room is none, and both go on in the first", async () => {
    const [hers, theirs] = await Promise.all([
      ada.trackit.rooms.direct(dora.id),
      dora.trackit.rooms.direct(ada.id),
    ]);
    expect(hers.id).toBe(theirs.id);
    await hers.send("one");
    const insider = await Insider.open(dora);
    const inside = await insider.room(hers.id);
    const { log } = inside.group.room;
    const adas = await insider.core.directory.present(ada.id, "a lie");
    if (!adas) throw new Error("ada's devices are wanted");
    const peer = { peer: adas.user, peerRoot: adas.root, peerHead: adas.head };
    const again = { op: "create", kind: "direct", protocol: 1, suite: 1, history: "none", ...peer } as const;
    const bytes = await forgeEntry(inside, again, startRoomLog(inside.room));
    await putRow(kit.sql, hers.id, { kind: "entry", bytes, by: dora.id });
    await hers.send("two");
    expect(await readTexts(dora.trackit, hers.id)).toEqual(["one", "two"]);
    expect([log.members.size, (await dora.trackit.rooms.get(hers.id)).members.length]).toEqual([2, 2]);
    await insider.close();
  });

  it("invite_server_joins_itself: who knows everything about an invite but its secret is not let in", async () => {
    const room = await roomOf();
    const link = decodeInviteLink(await room.invite({ uses: 5 }));
    const insider = await Insider.open(eve);
    const { suite, directory, me } = insider.core;
    const log = directory.logs(me.user, me.root);
    if (!log) throw new Error("eve's devices are wanted");
    const guess = { ...link, secret: suite.random(32) };
    const request = await makeJoin(suite, guess, { log, device: me.signer, logSeq: 2, time: Date.now() });
    await insider.ask("request_join", { request: toBase64url(request) });
    // Signed by eve and all; and an entry that lets her in, signed by nobody who may.
    await ada.trackit.rooms.get(room.id);
    await expect.poll(() => kit.sql`select 1 from join_requests where room_id = ${room.id}`).toEqual([]);
    const [created] = await allRows(kit.sql, room.id);
    const forged = Buffer.from(created?.bytes ?? "", "base64url");
    await putRow(kit.sql, room.id, { kind: "entry", bytes: forged, by: ada.id });
    await room.send("who is there?");
    expect((await ada.trackit.rooms.get(room.id)).members.map(({ userId }) => userId)).toEqual([ada.id]);
    expect(equal(link.secret, guess.secret)).toBe(false);
    await insider.close();
  });

  it("a link leads into the room that it was made for, and not into one that the server has eve begin under its id", async () => {
    const room = await roomOf();
    const text = await room.invite();
    const link = decodeInviteLink(text);
    const insider = await Insider.open(eve);
    const { rows, wrap } = await twinRoom(insider, link.room);
    const { head, rows: shown } = historyOf(room.id, rows);
    const seats = await kit.sql`
      select user_id, root, rows from identities where user_id in ${kit.sql([eve.id, cem.id])} and retired_at is null`;
    const members = seats.map(({ root, rows: log_rows, user_id }) => ({
      user_id,
      root: toBase64url(new Uint8Array(root)),
      log_rows: Number(log_rows),
    }));
    const standing = { id: room.id, topic_rev: 1, stamp: "twin", members, ...head };
    proxy.answers("heads", cem.id, () => [standing]);
    proxy.answers("room_rows", cem.id, (_, { args }) => shown.filter(({ seq }) => seq > Number(args.after)));
    proxy.answers("room_wraps", cem.id, () => [{ epoch: 1, wrap }]);
    await expect(cem.trackit.rooms.join(text)).rejects.toMatchObject(refusal("CRYPTO_IDENTITY"));
    await insider.close();
  });

  it("invite_overused: an invite for one is one's, though the server counts nothing and asks again", async () => {
    const room = await roomOf();
    const link = await room.invite({ uses: 1 });
    const stop = room.on("room", () => {});
    await ben.trackit.rooms.join(link, { signal: AbortSignal.timeout(60_000) });
    await kit.sql`update room_invites set used = 0, uses = 100 where room_id = ${room.id}`;
    const joining = cem.trackit.rooms.join(link, { signal: AbortSignal.timeout(60_000) });
    const late = joining.catch((error: unknown) => error);
    const asks = () => kit.sql`select 1 from join_requests where room_id = ${room.id}`;
    await expect.poll(asks).toHaveLength(1);
    // ada has no use for the invite any more; what is left of it she takes away when she looks at the room.
    await ada.trackit.rooms.get(room.id);
    await expect.poll(asks).toEqual([]);
    expect(await late).toMatchObject(refusal("ACCESS_NOT_FOUND"));
    const members = (await ada.trackit.rooms.get(room.id)).members.map(({ userId }) => userId);
    expect(members).toEqual([ada.id, ben.id]);
    stop();
  });

  it("grant_of_none_epoch: what was said before cem came stays closed, whatever the server says of the room", async () => {
    const room = await roomOf(ben);
    await room.add(cem.id);
    await kit.sql`update rooms set history = 'shared' where id = ${room.id}`;
    const insider = await Insider.open(ben);
    await giveAll(insider, room.id, cem.id);
    const [granted] =
      await kit.sql`select grantor from room_grants where room_id = ${room.id} and recipient = ${cem.id}`;
    expect(granted?.grantor).toBe(ben.id);
    cem = await restartedBy(kit, proxy.url, cem);
    expect(await readTexts(cem.trackit, room.id)).toEqual(["[unreadable]"]);
    await room.send("for cem as well");
    expect(await readTexts(cem.trackit, room.id)).toEqual(["[unreadable]", "for cem as well"]);
    await insider.close();
  });

  it("owner_deletes_account: the room goes on without them, and the admin is its owner", async () => {
    const made = await dora.trackit.rooms.create({ members: [ada.id, ben.id] });
    await made.setRole(ada.id, "admin");
    await made.send("I am going");
    const lost = (await dora.trackit.devices.me()).id;
    expect(await wrappedFor(made.id)).toContain(lost);
    const { API_URL, SECRET_KEY } = kit.stack.env;
    const gone = await fetch(`${API_URL}/auth/v1/admin/users/${dora.id}`, {
      method: "DELETE",
      headers: { apikey: SECRET_KEY, authorization: `Bearer ${SECRET_KEY}` },
    });
    expect(gone.status).toBe(200);
    await expect(dora.trackit.rooms.get(made.id)).rejects.toMatchObject({ name: "TrackItError" });
    const bens = await ben.trackit.rooms.get(made.id);
    await bens.send("without dora");
    expect(await wrappedFor(made.id)).not.toContain(lost);
    const hers = await ada.trackit.rooms.get(made.id);
    expect([hers.role, await readTexts(ada.trackit, made.id)]).toEqual([
      "owner",
      ["I am going", "without dora"],
    ]);
    await hers.remove(ben.id);
    await expect(bens.send("after that")).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
  });
});

/** The first rows of another room under the same id, in which somebody has cem as a member, and his wrap. */
async function twinRoom({ core, id }: Insider, room: Bytes): Promise<{ rows: WireRow[]; wrap: string }> {
  const { directory, me, suite } = core;
  const cems = await directory.present(cem.id, "a lie");
  if (!cems) throw new Error("cem's devices are wanted");
  const nobody = { peer: new Uint8Array(16), peerRoot: new Uint8Array(32), peerHead: NO_HEAD };
  const create = { op: "create", kind: "group", protocol: 1, suite: 1, history: "none", ...nobody } as const;
  const who = { user: cems.user, userRoot: cems.root, userHead: cems.head };
  const add = { op: "add", ...who, role: 1, invite: new Uint8Array(16) } as const;
  const cipher = createRsaAes(suite, { ...me, newSecret: () => me.newSecret() });
  const given = { devices: directory.logs, time: Date.now() };
  const step = await cipher.change(startGroup(await startRoom(suite, room)), [create, add], given);
  const row = (kind: WireRow["kind"], bytes: Uint8Array): WireRow => {
    return { seq: 0, kind, by: id, at: new Date().toISOString(), bytes: toBase64url(bytes) };
  };
  const device = (await cem.trackit.devices.me()).id;
  const wrap = step.wraps.find((one) => toUuid(one.device) === device)?.wrap;
  if (!wrap) throw new Error("a wrap for cem is wanted");
  const rows = [...step.entries.map((entry) => row("entry", entry)), row("commit", step.commit)];
  return { rows, wrap: toBase64url(wrap) };
}

/** Everything that a member can read, for another's devices, whether the room's policy lets them or not. */
async function giveAll(insider: Insider, room: string, to: string): Promise<void> {
  const { giveHistory } = await import("../../sdk/src/chat/room/grants.ts");
  const log = await insider.core.directory.present(to, "a lie");
  if (!log) throw new Error(`granting to ${to}: no devices; wanted some`);
  await giveHistory(await insider.room(room), log.user, fromHex(Buffer.from(log.root).toString("hex")));
}
