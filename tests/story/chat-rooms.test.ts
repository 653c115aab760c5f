import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ChatAlarm, Room, RoomPresence } from "../../sdk/src/index.ts";
import { dice, seed } from "../support/random.ts";
import { listen, searchTables, type Talker, talker, texts } from "./chat-kit.ts";
import { Inbox } from "./realtime-wait.ts";
import { PASSWORD, refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let [ada, ben, cem]: Talker[] = [];
beforeAll(async () => {
  kit = await startSdkKit();
  [ada, ben, cem] = await Promise.all(["ada", "ben", "cem"].map((name) => talker(kit, name)));
});
afterAll(() => kit?.stop());

const three = () => {
  if (!ada || !ben || !cem) throw new Error("three people are wanted");
  return { ada, ben, cem };
};

describe("rooms", () => {
  it("ada makes a room with ben, and they talk", async () => {
    const { ada, ben } = three();
    const room = await ada.trackit.rooms.create({ name: "Training", members: [ben.username] });
    const first = await room.send("first run at six");
    expect(first).toMatchObject({ status: "sent", text: "first run at six", from: { own: true } });
    const [listed] = await ben.trackit.rooms.list().toArray();
    expect(listed).toMatchObject({ id: room.id, name: "Training", unread: 1, kind: "group" });
    const his = await ben.trackit.rooms.get(room.id);
    expect(his.members.map(({ username, role }) => [username, role])).toEqual([
      [ada.username, "owner"],
      [ben.username, "member"],
    ]);
    const [hears, hers] = [listen(his), listen(room)];
    // The same room once more, as another part of an app asks for it: heard twice, joined once.
    const other = listen(await ben.trackit.rooms.get(room.id));
    const asked = await room.send("or seven?");
    expect(await hears.said.take()).toMatchObject({ text: "or seven?", status: "sent", gap: 0 });
    expect(await other.said.take()).toMatchObject({ text: "or seven?" });
    const answer = await his.send("seven", {
      replyTo: (await his.history().toArray({ max: 1 }))[0]?.id ?? "",
    });
    expect(answer.replyTo).toBe(asked.id);
    expect(await hears.said.take()).toMatchObject({ text: "seven", status: "pending" });
    expect(await hears.changed.take()).toMatchObject({ text: "seven", status: "sent" });
    expect((await hers.said.takeMany(2)).map(({ text, status }) => [text, status])).toEqual([
      ["or seven?", "pending"],
      ["seven", "sent"],
    ]);
    expect(await texts(his)).toEqual(await texts(room));
    await his.markRead();
    expect((await ben.trackit.rooms.list().toArray())[0]).toMatchObject({ unread: 0 });
  });

  it("a direct room that ada and ben make at once is one, and cem cannot be brought in", async () => {
    const { ada, ben, cem } = three();
    const [hers, his] = await Promise.all([
      ada.trackit.rooms.direct(ben.username),
      ben.trackit.rooms.direct(ada.id),
    ]);
    expect(hers.id).toBe(his.id);
    expect([hers.name, his.name]).toEqual([ben.username, ada.username]);
    await hers.send("are you in?");
    const told = listen(hers);
    const receipts: unknown[] = [];
    hers.on("receipt", (receipt) => receipts.push(receipt));
    const again = await ben.trackit.rooms.direct(ada.username);
    expect(await texts(again)).toEqual(["are you in?"]);
    await again.markRead();
    await again.send("I am");
    await told.said.take();
    expect(receipts).toMatchObject([{ userId: ben.id, read: expect.any(Number) }]);
    await expect(hers.add(cem.username)).rejects.toMatchObject(refusal("ACCESS_DENIED"));
  });

  it("nothing is made for who has given up already", async () => {
    const { ada } = three();
    const signal = AbortSignal.abort();
    await expect(ada.trackit.rooms.create({ name: "never" }, { signal })).rejects.toMatchObject(
      refusal("NETWORK_ABORTED"),
    );
    const self = await ada.trackit.rooms.self();
    await expect(self.send("never", { signal })).rejects.toMatchObject(refusal("NETWORK_ABORTED"));
    expect((await ada.trackit.rooms.list().toArray()).map(({ name }) => name)).not.toContain("never");
    expect(await texts(self)).not.toContain("never");
  });

  it("notes to oneself are one room, found again", async () => {
    const { ada } = three();
    const self = await ada.trackit.rooms.self();
    await self.send("buy shoes");
    expect(await texts(await ada.trackit.rooms.self())).toEqual(["buy shoes"]);
  });

  it("cem reads what was said before where history is shared, and not where it is none", async () => {
    const { ada, ben, cem } = three();
    for (const historyPolicy of ["shared", "none"] as const) {
      const room = await ada.trackit.rooms.create({ name: historyPolicy, members: [ben.id], historyPolicy });
      await room.send("before");
      await room.add(cem.username);
      await room.send("after");
      const his = await cem.trackit.rooms.get(room.id);
      expect(his.name).toBe(historyPolicy);
      expect(await texts(his)).toEqual([historyPolicy === "shared" ? "before" : "[unreadable]", "after"]);
    }
  });

  it("ben is removed: he reads nothing new, and what is written afterwards is in another epoch", async () => {
    const { ada, ben, cem } = three();
    const room = await ada.trackit.rooms.create({ members: [ben.id, cem.id] });
    const his = await ben.trackit.rooms.get(room.id);
    await room.send("with ben");
    await his.history().toArray();
    const heard = new Inbox<Room>();
    his.on("room", heard.put);
    await room.remove(ben.username);
    expect(await heard.take("ben's room without him")).toMatchObject({ id: room.id });
    expect(his.role).toBeNull();
    await room.send("without ben");
    await expect(ben.trackit.rooms.get(room.id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    await expect(his.send("hello?")).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    const rows =
      await kit.sql`select w.user_id, w.epoch from epoch_recipients w where room_id = ${room.id} order by 2`;
    const last = Math.max(...rows.map(({ epoch }) => Number(epoch)));
    expect(
      rows
        .filter(({ epoch }) => Number(epoch) === last)
        .map(({ user_id }) => user_id)
        .sort(),
    ).toEqual([ada.id, cem.id].sort());
    expect(await texts(await cem.trackit.rooms.get(room.id))).toEqual(["with ben", "without ben"]);
  });

  it("dan, who hears nothing just when he is removed, is told once he does", async () => {
    const { ada } = three();
    let line: Promise<void> = Promise.resolve();
    const waiting: typeof fetch = async (input, init) => {
      if (String(input).endsWith("/rpc/heads")) await line;
      return fetch(input, init);
    };
    const dan = await talker(kit, "dan", { fetch: waiting });
    const room = await ada.trackit.rooms.create({ members: [dan.id] });
    const his = await dan.trackit.rooms.get(room.id);
    let clear = (): void => {};
    line = new Promise((resolve) => {
      clear = resolve;
    });
    const heard = new Inbox<Room>();
    his.on("room", heard.put);
    await room.remove(dan.username);
    expect([his.role, heard.all]).toEqual(["member", []]);
    clear();
    expect(await heard.take("dan's room without him")).toMatchObject({ id: room.id });
    expect(his.role).toBeNull();
    // Brought back he is a member as before.
    await room.add(dan.username);
    expect((await dan.trackit.rooms.get(room.id)).role).toBe("member");
    expect(his.role).toBe("member");
  });

  it("ada and ben change who is in the room at the same instant, and both changes stand", async () => {
    const { ada, ben, cem } = three();
    const room = await ada.trackit.rooms.create({ name: "crowd", members: [ben.id] });
    await room.setRole(ben.username, "admin");
    const dora = await talker(kit, "dora");
    const his = await ben.trackit.rooms.get(room.id);
    await Promise.all([room.add(cem.id), his.add(dora.id)]);
    // Whoever writes has seen who is there; else what is written would be held.
    for (const who of [ada, ben]) await who.trackit.rooms.get(room.id);
    const names = (await cem.trackit.rooms.get(room.id)).members.map(({ userId }) => userId);
    expect(names.sort()).toEqual([ada.id, ben.id, cem.id, dora.id].sort());
    await Promise.all([
      room.send("one"),
      his.send("two"),
      (await dora.trackit.rooms.get(room.id)).send("three"),
    ]);
    expect((await texts(await cem.trackit.rooms.get(room.id))).sort()).toEqual(["one", "three", "two"]);
  });

  it("ben leaves and cem goes on; ada deletes the room and nobody does", async () => {
    const { ada, ben, cem } = three();
    const room = await ada.trackit.rooms.create({ members: [ben.id, cem.id] });
    const his = await ben.trackit.rooms.get(room.id);
    await expect(his.destroy()).rejects.toMatchObject(refusal("ACCESS_DENIED"));
    await his.leave();
    const cems = await cem.trackit.rooms.get(room.id);
    await cems.send("ben is gone");
    expect(cems.members.map(({ userId }) => userId)).not.toContain(ben.id);
    await (await ada.trackit.rooms.get(room.id)).destroy();
    await expect(cems.send("still here?")).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    expect((await ada.trackit.rooms.list().toArray()).map(({ id }) => id)).not.toContain(room.id);
  });

  it("ada blocks ben, who cannot bring her into rooms any more, and reports him", async () => {
    const { ada, ben, cem } = three();
    const blocked = () => ada.trackit.rooms.blocked();
    expect(await blocked().toArray()).toEqual([]);
    await ada.trackit.rooms.block(cem.id);
    await ada.trackit.rooms.block(ben.username);
    const his = { userId: ben.id, username: ben.username, blockedAt: expect.stringMatching(/^20/) };
    const cems = { userId: cem.id, username: cem.username };
    expect(await blocked().toArray()).toMatchObject([his, cems]);
    const { next, rows } = await blocked().page({ limit: 1 });
    expect([rows, (await blocked().page({ after: next })).rows]).toMatchObject([[his], [cems]]);
    expect(await ben.trackit.rooms.blocked().toArray()).toEqual([]);
    await expect(ben.trackit.rooms.create({ members: [ada.id] })).rejects.toMatchObject(
      refusal("USAGE_REFERENCE"),
    );
    await ada.trackit.rooms.unblock(ben.username);
    expect(await blocked().toArray()).toMatchObject([cems]);
    await ada.trackit.rooms.unblock(cem.username);
    await ben.trackit.rooms.create({ members: [ada.id] });
    await ada.trackit.rooms.report(ben.username, { reason: "spam" });
    expect(await kit.sql`select reason from reports where reported_id = ${ben.id}`).toMatchObject([
      { reason: "spam" },
    ]);
  });

  it("cem comes in by ada's link, in the background, and nobody by a link that is none or used up", async () => {
    const { ada, ben, cem } = three();
    const room = await ada.trackit.rooms.create({ name: "open house", historyPolicy: "shared" });
    await room.send("welcome");
    const link = `https://app.example/join#${await room.invite()}`;
    const { said } = listen(room);
    const his = await cem.trackit.rooms.join(link, { signal: AbortSignal.timeout(90_000) });
    // What was said before comes a moment after him.
    const { changed } = listen(his);
    while ((await texts(his))[0] !== "welcome") await changed.take("the history");
    expect(his.name).toBe("open house");
    expect(await texts(his)).toEqual(["welcome"]);
    await his.send("hello");
    expect(await said.take()).toMatchObject({ text: "hello", from: { username: cem.username } });
    await expect(ben.trackit.rooms.join(link)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    await expect(ben.trackit.rooms.join(link.slice(0, -4))).rejects.toMatchObject(refusal("USAGE_INVALID"));
    const other = `${link.slice(0, -10)}AAAAAAAAA${link.slice(-1)}`;
    await expect(ben.trackit.rooms.join(other)).rejects.toMatchObject({ name: "TrackItError" });
  });

  it("ada sees that ben has the room open and types", async () => {
    const { ada, ben } = three();
    const room = await ada.trackit.rooms.create({ members: [ben.id] });
    const seen = new Inbox<RoomPresence>();
    room.on("presence", seen.put);
    const his = await ben.trackit.rooms.get(room.id);
    his.typing();
    let last = await seen.take();
    while (!last.typing.includes(ben.id)) last = await seen.take();
    his.typing(false);
    while (last.typing.length > 0) last = await seen.take();
    expect(last).toEqual({ present: [ben.id], typing: [] });
  });

  it("both see the same safety number", async () => {
    const { ada, ben } = three();
    const number = await ada.trackit.devices.safetyNumber(ben.username);
    expect(number).toMatch(/^\d{60}$/);
    expect(await ben.trackit.devices.safetyNumber(ada.username)).toBe(number);
  });
});

describe("many at once", () => {
  /** Ada's two tabs and ben, who may all change the room, as each has it open; and what they were warned of. */
  async function crowd(name: string) {
    const { ada, ben } = three();
    const tab = kit.trackit({ chat: { keystore: ada.keystore } });
    await tab.auth.signIn({ email: ada.email, password: PASSWORD });
    const first = await ada.trackit.rooms.create({ name, members: [ben.id] });
    await first.setRole(ben.id, "admin");
    const clients = [ada.trackit, tab, ben.trackit];
    const alarms: ChatAlarm[] = [];
    const rooms: Room[] = [];
    for (const trackit of clients) {
      const room = await trackit.rooms.get(first.id);
      room.on("alarm", (alarm) => alarms.push(alarm));
      rooms.push(room);
    }
    return { id: first.id, clients, rooms, alarms, tab };
  }

  it(`nobody is warned, and all read the same, whatever two tabs and another admin do (seed ${seed})`, async () => {
    const { cem } = three();
    const { alarms, clients, id, rooms, tab } = await crowd("many at once");
    const roll = dice(seed);
    const said: string[] = [];
    /** Of two who change the same thing, one may find that it is done. */
    const settled = (work: Promise<unknown>) =>
      work.catch((error: { code?: string }) => {
        if (!/^(ACCESS_|USAGE_|CONFLICT_AUDIENCE)/.test(error.code ?? "")) throw error;
      });
    const deeds = [
      async (room: Room) => {
        const text = `word ${said.push("") - 1}`;
        said[Number(text.slice(5))] = text;
        await room.send(text).catch(async (error: { code?: string }) => {
          if (error.code !== "CONFLICT_AUDIENCE") throw error;
          const held = (await room.history().toArray()).find((message) => message.text === text);
          await room.release(held ?? "");
        });
      },
      (room: Room) => settled(room.rename(`name ${roll.between(1, 9)}`)),
      (room: Room) => settled(room.add(cem.id)),
      (room: Room) => settled(room.remove(cem.id)),
    ];
    for (let round = 0; round < 8; round++) {
      const works = rooms.flatMap((room, at) => {
        const again = async () => void (await clients[at]?.rooms.get(id));
        const deed = roll.pick([...deeds, ...deeds.slice(0, 2)]);
        return [deed(room), ...(roll() < 0.3 ? [again()] : [])];
      });
      await Promise.all(works);
    }
    const [one, ...others] = await Promise.all(
      clients.map(async (trackit) => texts(await trackit.rooms.get(id))),
    );
    expect([...(one ?? [])].sort()).toEqual([...said].sort());
    for (const other of others) expect(other).toEqual(one);
    expect(alarms).toEqual([]);
    await tab.close();
  });
});

describe("the server", () => {
  it("holds no word of what was said or what rooms are called, in any table, in any encoding", async () => {
    const { ada, ben } = three();
    const marks = ["text", "name", "data", "edit", "note"].map(
      (what) => `${what}-${randomBytes(6).toString("hex")}`,
    );
    const [text = "", name = "", data = "", edit = "", note = ""] = marks;
    const room = await ada.trackit.rooms.create({ name, members: [ben.id], historyPolicy: "shared" });
    const message = await room.send(text);
    await room.send({ type: "poll", data: { question: data } });
    await room.edit(message, edit);
    await room.rename(`${name} again`);
    await (await ada.trackit.rooms.self()).send(note);
    expect(await texts(await ben.trackit.rooms.get(room.id))).toContain(edit);
    const { read, found } = await searchTables(kit.sql, marks);
    expect(read).toEqual(expect.arrayContaining(["public.messages", "public.room_log", "private.user_feed"]));
    expect(found).toEqual([]);
    // The search finds what is there: ada's name is in her profile, and in her log's opening as bytes.
    const { found: known } = await searchTables(kit.sql, [ada.username]);
    expect(known).toEqual(expect.arrayContaining(["public.profiles", "public.device_names"]));
  });
});
