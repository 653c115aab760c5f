/** A server that lies about people: who somebody is, and which devices they have. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { WireHead, WireLog } from "../../sdk/src/chat/wire.ts";
import { toBase64url } from "../../sdk/src/crypto/bytes/index.ts";
import type { ChatAlarm, Room } from "../../sdk/src/index.ts";
import type { Talker } from "../story/chat-kit.ts";
import { Inbox } from "../story/realtime-wait.ts";
import { refusal, type SdkKit, startSdkKit } from "../story/sdk-kit.ts";
import { copiedKeystore } from "../support/chat/clone.ts";
import { forgeCommit, forgeMessage, said } from "../support/chat/forge.ts";
import { hideRows, rowsOf, withRows } from "../support/chat/lists.ts";
import { type LyingProxy, lyingProxy } from "../support/chat/lying-proxy.ts";
import {
  alarmOf,
  deviceOf,
  Insider,
  read,
  readTexts,
  restartedBy,
  roomOf,
  sessionOf,
  talkerBy,
  usernames,
} from "../support/chat/people.ts";
import { putRow, wrappedFor } from "../support/chat/rows.ts";

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

describe("who somebody is", () => {
  it("search_returns_another: a search for ben that is answered with eve brings nobody anywhere", async () => {
    const alarms = new Inbox<ChatAlarm>();
    const stop = ada.trackit.devices.on("alarm", alarms.put);
    const room = await roomOf(ada);
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
    const room = await roomOf(ada, ben, eve);
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
    const room = await roomOf(ada, ben, cem);
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
    const rows = await rowsOf(kit.sql, dora.id);
    expect(rows).toBe(2);
    hideRows(proxy, ada.id, dora.id, 1);
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

  it("head_goes_back: whoever listens is told of a list that goes back, and hears on", async () => {
    const room = await roomOf(ada, ben);
    const [alarms, heard] = [new Inbox<ChatAlarm>(), new Inbox<string>()];
    const stops = [room.on("alarm", alarms.put), room.on("message", ({ text }) => heard.put(text))];
    const more = (await rowsOf(kit.sql, ben.id)) + 1;
    proxy.answers<Partial<WireHead>[]>("heads", ada.id, (heads) => heads.map(withRows(ben.id, more)));
    proxy.answers<WireLog[]>("read_device_logs", ada.id, (logs) =>
      logs.map((log) => (log.user_id === ben.id ? { ...log, rows: 0, entries: [] } : log)),
    );
    expect(await alarms.take()).toMatchObject({ kind: "history", roomId: room.id, userId: null });
    proxy.honest();
    await (await ben.trackit.rooms.get(room.id)).send("still heard");
    expect(await heard.take()).toBe("still heard");
    await expect(room.send("not said")).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
    for (const stop of stops) stop();
  });

  it("is a member whether or not the server lists them: what ben says is read after a restart, now or later", async () => {
    const room = await roomOf(ada, ben);
    type Lie = () => { times: number };
    const unlisted = (members: (head: Partial<WireHead>) => WireHead["members"]): Lie => {
      const lie = (heads: Partial<WireHead>[]) => heads.map((one) => ({ ...one, members: members(one) }));
      return () => proxy.answers("heads", ada.id, lie);
    };
    const others = ({ user_id }: { user_id: string }) => user_id !== ben.id;
    const nameless: Lie = () =>
      proxy.answers<WireLog[]>("read_device_logs", ada.id, (all) => all.filter(others));
    const cases: [Lie, boolean][] = [
      [unlisted(({ members }) => members?.filter(others) ?? null), true],
      [unlisted(() => null), false],
      [nameless, false],
    ];
    for (const [at, [lie, isMadeUpFor]] of cases.entries()) {
      const text = `word ${at}`;
      ada = await restartedBy(kit, proxy.url, ada);
      const told = lie();
      await (await ben.trackit.rooms.get(room.id)).send(text);
      const shown = readTexts(ada.trackit, room.id);
      if (isMadeUpFor) expect((await shown).at(-1)).toBe(text);
      else await expect(shown).rejects.toMatchObject(refusal("NETWORK_SERVER"));
      expect(told.times).toBeGreaterThan(0);
      proxy.honest();
      ada = await restartedBy(kit, proxy.url, ada);
      expect((await readTexts(ada.trackit, room.id)).at(-1)).toBe(text);
    }
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
    const room = await roomOf(ada, ben, gus);
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
    rooms = [
      await roomOf(ada, ben),
      await roomOf(ada, ben, cem),
      await roomOf(ada, ben),
      await roomOf(ada, ben),
    ];
    laptop = await deviceOf(kit, proxy.url, ben);
    for (const { id } of rooms.slice(1)) {
      await (await laptop.trackit.rooms.get(id)).send("from the laptop");
      expect(await readTexts(ada.trackit, id)).toEqual(["first", "from the laptop"]);
    }
    thief = await Insider.open(laptop);
    late = (await forgeMessage(await thief.room(room(3).id), said("late"))).bytes;
    before = await rowsOf(kit.sql, ben.id);
  });
  afterAll(() => thief?.close());

  it("own_new_device_first_send: ben's new laptop is in nobody's epoch until it begins one, with its first word", async () => {
    const { id } = room(0);
    // Also where two parts of an app open it at once.
    const both = await Promise.all([readTexts(laptop.trackit, id), readTexts(laptop.trackit, id)]);
    expect(both).toEqual([["first"], ["first"]]);
    expect(await wrappedFor(kit.sql, id)).not.toContain(laptop.device);
    await (await laptop.trackit.rooms.get(id)).send("from the laptop");
    expect(await wrappedFor(kit.sql, id)).toContain(laptop.device);
    expect(await readTexts(ada.trackit, id)).toEqual(["first", "from the laptop"]);
  });

  it("hidden_revoke: ben's laptop was revoked and ada is not told; the next word of anybody who knows tells her", async () => {
    const { id } = room(1);
    const hidden = hideRows(proxy, ada.id, ben.id, before);
    await revoke();
    // She cannot know yet.
    await room(1).send("and the thief reads on");
    await (await cem.trackit.rooms.get(id)).send("without the laptop");
    expect(await wrappedFor(kit.sql, id)).not.toContain(laptop.device);
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
    expect(await wrappedFor(kit.sql, id, Number(epoch) + 1)).toHaveLength(2);
    expect(await wrappedFor(kit.sql, id)).not.toContain(laptop.device);
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
