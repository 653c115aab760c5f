import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromUuid } from "../../sdk/src/chat/ids.ts";
import { hashes } from "../../sdk/src/chat/room/checkpoint.ts";
import { draftName, encodeDraft } from "../../sdk/src/chat/room/drafts.ts";
import { type Bytes, toHex } from "../../sdk/src/crypto/bytes/index.ts";
import { uuid7 } from "../../sdk/src/ids/uuid7.ts";
import type { ChatAlarm, Message, Room } from "../../sdk/src/index.ts";
import { approved, lyingAbout, restarted, type Talker, talker, texts } from "../story/chat-kit.ts";
import { refusal, type SdkKit, startSdkKit } from "../story/sdk-kit.ts";

/** More than two blocks of 200 rows: the first ones are not at hand after a restart. */
const MANY = 450;

let kit: SdkKit;
let [ada, ben]: Talker[] = [];
/** Calls of ben's client, with what they asked for. */
let asked: { name: string; body: Record<string, unknown> }[] = [];

const counting: typeof fetch = async (input, init) => {
  const url = String(input instanceof Request ? input.url : input);
  const body = typeof init?.body === "string" ? JSON.parse(init.body) : {};
  if (url.includes("/rpc/")) asked.push({ name: url.slice(url.lastIndexOf("/") + 1), body });
  return fetch(input, init);
};
const reads = () => asked.filter(({ name }) => name === "room_rows").map(({ body }) => body.after);

beforeAll(async () => {
  kit = await startSdkKit();
  [ada, ben] = await Promise.all([talker(kit, "ada"), talker(kit, "ben", { fetch: counting })]);
});
afterAll(() => kit?.stop());

/** A room of both with many messages, which ben has read; then his device begins anew. */
async function long(name: string, count = MANY) {
  const hers = await who(ada).trackit.rooms.create({ name, members: [who(ben).id] });
  const said = Array.from({ length: count }, (_, at) => `${name} ${at}`);
  await Promise.all(said.map((text) => hers.send(text)));
  await who(ben).trackit.rooms.get(hers.id);
  return { hers, said, his: await again(hers.id) };
}

/** The one room with so many; each test says something more in it. */
let made: Awaited<ReturnType<typeof long>> | null = null;
async function longRoom() {
  made ??= await long("many");
  return { hers: made.hers, said: made.said, his: await again(made.hers.id) };
}

async function again(room: string): Promise<Room> {
  ben = await restarted(kit, who(ben), { fetch: counting });
  asked = [];
  return ben.trackit.rooms.get(room);
}

const who = (one: Talker | undefined): Talker => {
  if (!one) throw new Error("somebody is wanted");
  return one;
};

const foldOf = (room: string) => `fold/${toHex(fromUuid(room))}`;

describe("a room that was read before", () => {
  it("goes on from there, and shows what was before when it is asked for", async () => {
    const { hers, his, said } = await longRoom();
    expect(reads()).toEqual([]);
    const [last] = await his.history().toArray({ max: 1 });
    expect(last?.text).toBe(said.at(-1));
    expect(reads()).toEqual([]);
    await hers.send("after it");
    await ben?.trackit.rooms.get(hers.id);
    expect(reads()).toHaveLength(1);
    expect(await texts(his)).toEqual([...said, "after it"]);
    const before = reads().length;
    expect(await texts(his)).toHaveLength(MANY + 1);
    expect(reads()).toHaveLength(before);
    expect(his.alarm).toBeNull();
  });

  it("knows what was done to a message of long ago, and does more to it", async () => {
    const { hers, said } = await longRoom();
    const all = (await hers.history().toArray()).reverse();
    const [first, second, third] = all as [Message, Message, Message];
    await hers.edit(first, "said otherwise");
    await hers.delete(second);
    let his = await again(hers.id);
    await his.react(third, "👍");
    his = await again(hers.id);
    const read = (await his.history().toArray()).reverse();
    expect(read.slice(0, 3)).toMatchObject([
      { text: "said otherwise", edited: true, id: first.id },
      { status: "deleted", content: null },
      { text: said[2], reactions: [{ emoji: "👍", own: true }] },
    ]);
    expect(read.map(({ gap, seq, at }) => [gap, seq, at])).toEqual(
      all.map(({ gap, seq, at }) => [gap, seq, at]),
    );
    his = await again(hers.id);
    const answer = await his.send("to the first", { replyTo: first.id });
    expect(answer.replyTo).toBe(first.id);
    expect((await (await again(hers.id)).search("otherwise")).map(({ id }) => id)).toEqual([first.id]);
  });

  it("takes a message that was written long before it was sent, and not one that lies about then", async () => {
    const most = hashes.most;
    hashes.most = 3;
    try {
      const { hers } = await long("written before", 30);
      await lyingAbout(who(ada), hers.id, "a true one", ({ history, place }) => {
        return { seq: place.seq - 20, hash: history[history.length - 21] as Bytes };
      });
      let his = await again(hers.id);
      expect((await his.history().toArray({ max: 1 }))[0]).toMatchObject({
        text: "a true one",
        status: "sent",
      });
      expect([his.alarm, reads().length]).toEqual([null, 2]);
      const other = await long("lies about it", 30);
      await lyingAbout(who(ada), other.hers.id, "a lie", ({ history, place }) => {
        return { seq: place.seq - 20, hash: history[history.length - 20] as Bytes };
      });
      his = await again(other.hers.id);
      expect(his.alarm).toMatchObject({ kind: "history", userId: who(ada).id });
    } finally {
      hashes.most = most;
    }
  });

  it("has the keys of all that this device could read, for who comes in", async () => {
    const { trackit } = who(ada);
    const input = { name: "for all", members: [who(ben).id], historyPolicy: "shared" } as const;
    const made = await trackit.rooms.create(input);
    await made.send("in the first epoch");
    await made.remove(who(ben).id);
    await made.send("in the second");
    ada = await restarted(kit, who(ada));
    const hers = await ada.trackit.rooms.get(made.id);
    await hers.add(who(ben).id);
    const his = await who(ben).trackit.rooms.get(made.id);
    await expect.poll(() => texts(his)).toEqual(["in the first epoch", "in the second"]);
  });

  it("has the keys of the vault's older epochs as well: names of devices are still known", async () => {
    const { trackit } = who(ada);
    const { id } = await trackit.devices.me();
    await trackit.devices.rename(id, "the first");
    // The self room's epoch moves on; the name stays sealed in the one before.
    await (await approved(kit, who(ada))).close();
    await (await trackit.rooms.self()).send("in another epoch");
    for (let sessions = 0; sessions < 2; sessions++) {
      ada = await restarted(kit, who(ada));
      const named = (await ada.trackit.devices.list()).find((device) => device.id === id);
      expect(named?.name).toBe("the first");
      await ada.trackit.rooms.self();
    }
  });

  it("is read from its first row where what was kept is damaged, or of another version or device", async () => {
    const { hers, said } = await long("damaged", 5);
    const { keystore } = who(ben);
    const name = foldOf(hers.id);
    const kept = await keystore.get(name);
    const text = new TextDecoder().decode(kept ?? undefined);
    const other = text.replace('"version",1', '"version",2');
    expect(other).not.toBe(text);
    for (const value of ["rubbish", '["o"]', other, text.slice(0, -1)]) {
      await who(ben).trackit.close(); // Or it keeps the room once more when it ends.
      await keystore.batch([{ record: name, value: new TextEncoder().encode(value) }]);
      const his = await again(hers.id);
      expect(reads()).toEqual([0]);
      expect(await texts(his)).toEqual(said);
      expect(his.alarm).toBeNull();
    }
    await again(hers.id);
    expect(reads()).toEqual([]);
  });
});

describe("the list of rooms", () => {
  it("opens no room that nothing has come in since, and knows its name and what was said last", async () => {
    const { trackit } = who(ada);
    const rooms: Room[] = [];
    for (const name of ["still", "moved", "unsent"])
      rooms.push(await trackit.rooms.create({ name, members: [who(ben).id] }));
    const [still, moved, unsent] = rooms as [Room, Room, Room];
    for (const room of rooms) await room.send(`hello, ${room.name}`);
    await who(ben).trackit.rooms.list().toArray();
    const alarms: ChatAlarm[] = [];
    const list = async () => {
      ben = await restarted(kit, who(ben), { fetch: counting });
      ben.trackit.devices.on("alarm", (alarm) => alarms.push(alarm));
      await ben.trackit.devices.me();
      asked = [];
      const found = await ben.trackit.rooms.list().toArray();
      return rooms.map(({ id }) => found.find((one) => one.id === id));
    };
    const askedOf = ({ id }: Room) => asked.some(({ body }) => JSON.stringify(body).includes(id));
    const wanted = [still, moved, unsent].map(({ name }) => ({ name, last: { text: `hello, ${name}` } }));
    expect(await list()).toMatchObject(wanted);
    expect(askedOf(still) || askedOf(moved) || askedOf(unsent)).toBe(false);
    // One moves, in another something waits to be sent.
    await moved.send("moved on");
    const kept = encodeDraft({
      ...{ id: uuid7(), audience: [], at: Date.now(), status: "failed", error: null, released: true },
      payload: { kind: "text", reply: new Uint8Array(32), text: "not sent yet" },
      sealed: null,
    });
    const record = draftName(fromUuid(unsent.id), "0");
    await who(ben).keystore.batch([{ record, value: kept }]);
    expect(await list()).toMatchObject([wanted[0], { name: "moved", last: { text: "moved on" } }, wanted[2]]);
    expect(asked.filter(({ name }) => name === "heads").map(({ body }) => body.rooms)).toEqual(
      expect.arrayContaining([[moved.id], [unsent.id]]),
    );
    expect(askedOf(still)).toBe(false);
    await who(ben).keystore.batch([{ record, value: null }]);
    // Another history with as many rows is not hidden by what was kept.
    await kit.sql`update rooms set transcript = sha256(transcript) where id = ${still.id}`;
    await list();
    const told = () => alarms.filter(({ roomId }) => roomId === still.id);
    await expect.poll(told).toMatchObject([{ kind: "history", userId: null }]);
  });
});

describe("a server that lies about what was read before", () => {
  it("shows an old row otherwise: it is not shown, and nothing more is sent", async () => {
    const { hers, his } = await longRoom();
    const alarms: ChatAlarm[] = [];
    his.on("alarm", (alarm) => alarms.push(alarm));
    const [row] = await kit.sql`select header from messages where room_id = ${hers.id} order by seq limit 1`;
    await kit.sql`
      update messages set header = overlay(header placing ${Buffer.alloc(8, 1)} from 212)
      where room_id = ${hers.id} and seq = (select min(seq) from messages where room_id = ${hers.id})`;
    await expect(his.history().toArray()).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
    expect(alarms).toMatchObject([{ kind: "history", roomId: hers.id }]);
    await expect(his.send("no more")).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
    await kit.sql`
      update messages set header = ${row?.header} where room_id = ${hers.id}
        and seq = (select min(seq) from messages where room_id = ${hers.id})`;
    const honest = await again(hers.id);
    expect(reads()[0]).toBe(0);
    expect(honest.alarm).toBeNull();
    await honest.send("once more");
  });

  it("takes back rows, or gives others: ben is told, and what was kept does not hide it", async () => {
    const { hers } = await long("fewer", 5);
    await kit.sql`delete from messages where room_id = ${hers.id} and seq = (select last_seq from rooms where id = ${hers.id})`;
    await kit.sql`update rooms set last_seq = last_seq - 1 where id = ${hers.id}`;
    expect((await again(hers.id)).alarm).toMatchObject({ kind: "history", userId: null });
    expect((await again(hers.id)).alarm).toMatchObject({ kind: "history", userId: null });
    const other = await long("other", 5);
    await kit.sql`update rooms set transcript = sha256(transcript) where id = ${other.hers.id}`;
    expect((await again(other.hers.id)).alarm).toMatchObject({ kind: "history", userId: null });
  });

  it("shows less than another of ben's devices has verified: he is told before he sends", async () => {
    const { his } = await long("ahead", 5);
    const { keystore } = who(ben);
    const pin = `room/${toHex(fromUuid(his.id))}`;
    const from = await keystore.pin(pin);
    // As the device that approved this one hands it over, or a backup.
    const to = { seq: (from?.seq ?? 0) + 3, hash: new Uint8Array(32).fill(5) };
    expect(await keystore.batch([{ pin, from, to }])).toBe(true);
    await expect(his.send("into a room that was cut")).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
    expect(his.alarm).toMatchObject({ kind: "history", userId: null });
  });
});
