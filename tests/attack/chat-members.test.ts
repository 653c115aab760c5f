/** Members with real tokens and keys who keep no rule: what they post is void for everybody, and nobody is held up. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toUuid } from "../../sdk/src/chat/ids.ts";
import { type Bytes, concat, fromHex, toBase64url } from "../../sdk/src/crypto/bytes/index.ts";
import { directRoomId, startRoomLog } from "../../sdk/src/crypto/room-log/index.ts";
import type { TrackItError } from "../../sdk/src/errors.ts";
import type { Room } from "../../sdk/src/index.ts";
import type { Talker } from "../story/chat-kit.ts";
import { refusal, type SdkKit, startSdkKit } from "../story/sdk-kit.ts";
import { changeOf, forgeCommit, forgeEntry, forgeMessage, said } from "../support/chat/forge.ts";
import {
  modulus,
  newDevice,
  ownRows,
  secondDevice,
  spki,
  withRow,
  wrapOf,
} from "../support/chat/forge-device.ts";
import { Insider, read, readTexts, talkerBy } from "../support/chat/people.ts";

let kit: SdkKit;
let ada: Talker;
let ben: Talker;
let cem: Talker;
/** cem's token and keys, in the hands of whoever keeps no rule. */
let foe: Insider;
beforeAll(async () => {
  kit = await startSdkKit();
  [ada, ben, cem] = (await Promise.all(
    ["ada", "ben", "cem"].map((name) => talkerBy(kit, kit.stack.env.API_URL, name)),
  )) as [Talker, Talker, Talker];
  foe = await Insider.open(cem);
});
afterAll(async () => {
  await foe?.close();
  await kit?.stop();
});

/** A room of the three, in which ada has said something that everybody has read. */
async function roomOfThree(): Promise<Room> {
  const room = await ada.trackit.rooms.create({ members: [ben.id, cem.id] });
  await room.send("first");
  expect(await readTexts(ben.trackit, room.id)).toEqual(["first"]);
  return room;
}

const change = (room: string, what: Record<string, unknown>) =>
  foe.ask("change_room", { room, change: what });
const post = (room: string, ...messages: Uint8Array[]) =>
  foe.ask("send_messages", { room, messages: messages.map((bytes) => toBase64url(bytes)) });

async function standing(room: string): Promise<{ epoch: number; lastSeq: number }> {
  const [row] = await kit.sql`select epoch, last_seq from rooms where id = ${room}`;
  return { epoch: Number(row?.epoch), lastSeq: Number(row?.last_seq) };
}

async function wrappedFor(room: string): Promise<string[]> {
  const { epoch } = await standing(room);
  const rows =
    await kit.sql`select device_id from epoch_recipients where room_id = ${room} and epoch = ${epoch}`;
  return rows.map(({ device_id }) => String(device_id));
}

/** ada and ben go on, and read each other. */
async function goesOn(room: Room): Promise<void> {
  const mark = `we go on ${Math.random()}`;
  const his = await ben.trackit.rooms.get(room.id);
  await room.send(mark);
  expect((await readTexts(ben.trackit, room.id)).at(-1)).toBe(mark);
  await his.send(`${mark}, so do I`);
  expect((await readTexts(ada.trackit, room.id)).at(-1)).toBe(`${mark}, so do I`);
}

describe("commits of a member", () => {
  it("void_commit_does_not_brick: a commit that nobody has signed burns a number, and the next send begins the next", async () => {
    const room = await roomOfThree();
    const wrong = await forgeCommit(await foe.room(room.id), { signature: () => foe.core.suite.random(64) });
    await change(room.id, wrong.change);
    const { epoch } = await standing(room.id);
    await goesOn(room);
    expect((await standing(room.id)).epoch).toBe(epoch + 1);
    // Over and over.
    for (let more = 0; more < 3; more++) {
      const again = await forgeCommit(await foe.room(room.id), {
        signature: (honest) => honest.fill(7, 0, 8),
      });
      await change(room.id, again.change);
    }
    await goesOn(room);
    expect(await readTexts(ada.trackit, room.id)).toHaveLength(5);
  });

  it("void_commit_does_not_brick: one that leaves ben out, signed by cem, takes nothing from ben, and is cem's by name", async () => {
    const room = await roomOfThree();
    const bens = (await ben.trackit.devices.me()).id;
    const inside = await foe.room(room.id);
    const without = await forgeCommit(inside, {
      commit: (honest) => ({ ...honest, list: honest.list.filter(({ device }) => toUuid(device) !== bens) }),
    });
    without.wraps.delete(bens);
    await change(room.id, changeOf(inside, without.bytes, without.list, without.wraps));
    expect(await wrappedFor(room.id)).not.toContain(bens);
    await expect(ben.trackit.rooms.get(room.id).then((his) => his.send("am I out?"))).rejects.toMatchObject(
      refusal("CRYPTO_HISTORY"),
    );
    // Signed for this place by a member's device: either it was shown something else, or it lies. Its name is told.
    const his = await ben.trackit.rooms.get(room.id);
    expect(his.alarm).toMatchObject({ kind: "history", userId: cem.id });
    await his.goOn();
    await his.send("I am not");
    expect(await wrappedFor(room.id)).toContain(bens);
  });

  it("stale_head_commit: an epoch for a device that was revoked is none, once the room knows of its end", async () => {
    const room = await roomOfThree();
    const laptop = await secondDevice(foe);
    await goesOn(room);
    expect(await wrappedFor(room.id)).toContain(laptop.id);
    const before = await forgeCommit(await foe.room(room.id));
    const row = before.list.find(({ device }) => toUuid(device) === laptop.id);
    const wrap = before.wraps.get(laptop.id);
    if (!row || !wrap) throw new Error("cem's second device is wanted in the list");
    await foe.ask("append_device_entry", { entry: toBase64url(await laptop.revoke()), opening: null });
    // Whoever has not read of it is told so; an honest device then reads, and begins another.
    await expect(change(room.id, before.change)).rejects.toMatchObject(refusal("CONFLICT_STALE_HEADS"));
    await goesOn(room);
    expect(await wrappedFor(room.id)).not.toContain(laptop.id);
    // The database counts rows: it takes a commit that names the list of before, and the device in it.
    const inside = await foe.room(room.id);
    const back = await forgeCommit(inside, {
      commit: (honest) => ({ ...honest, list: withRow(honest.list, row) }),
    });
    await change(room.id, changeOf(inside, back.bytes, back.list, back.wraps.set(laptop.id, wrap)));
    expect(await wrappedFor(room.id)).toContain(laptop.id);
    for (const { trackit } of [ada, ben]) {
      const one = await trackit.rooms.get(room.id);
      expect(one.alarm).toMatchObject({ kind: "history", userId: cem.id });
      await one.goOn();
    }
    await goesOn(room);
    expect(await wrappedFor(room.id)).not.toContain(laptop.id);
  });

  it("bad_wrap_for_one, secret_length_31_33_64: ben's wrap does not open, or holds anything but 32 bytes: he begins the next", async () => {
    const room = await roomOfThree();
    const log = (await foe.core.directory.present(ben.id, "a lie"))?.keys.values().next().value;
    const wrapKey = log?.wrapKey as Bytes;
    const isBens = ({ wrap }: { wrap: Bytes }) => Buffer.from(wrap).equals(wrapKey);
    const spoiled = [
      (honest: Bytes) => honest.map((byte, at) => (at === 200 ? byte ^ 1 : byte)) as Bytes,
      ...[31, 33, 64].map(
        (length) => (_: Bytes, label: Bytes) => wrapOf(foe.core.suite, wrapKey, length, label),
      ),
      (_: Bytes, label: Bytes) => wrapOf(foe.core.suite, wrapKey, 32, label), // of another secret than everybody's
    ];
    for (const [at, spoil] of spoiled.entries()) {
      const bad = await forgeCommit(await foe.room(room.id), {
        wrap: (honest, target) => (isBens(target) ? spoil(honest, target.label) : honest),
      });
      await change(room.id, bad.change);
      const { epoch } = await standing(room.id);
      // The others read on in that epoch.
      await room.send(`not for ben ${at}`);
      expect((await standing(room.id)).epoch).toBe(epoch);
      const shown = await read(ben.trackit, room.id);
      expect(shown.at(-1)).toMatchObject({ status: "unreadable", content: null, from: { userId: ada.id } });
      if (at > 1) continue; // A device repairs three times an hour at most.
      await (await ben.trackit.rooms.get(room.id)).send(`and now? ${at}`);
      expect((await standing(room.id)).epoch).toBe(epoch + 1);
      await room.send(`for ben as well ${at}`);
      expect((await readTexts(ben.trackit, room.id)).slice(-2)).toEqual([
        `and now? ${at}`,
        `for ben as well ${at}`,
      ]);
    }
    const texts = await readTexts(ben.trackit, room.id);
    expect(texts.filter((text) => text.startsWith("not for ben"))).toEqual([]);
  });
});

describe("device rows of a member", () => {
  it("void_device_row_does_not_block: rubbish in cem's own list of devices keeps nobody from writing to him", async () => {
    const room = await roomOfThree();
    const signed = await newDevice(foe);
    const rubbish = [signed.fill(0, -128), signed.fill(9, -128, -64)];
    for (const [more, bytes] of rubbish.entries()) {
      const entry = Buffer.from(bytes);
      entry.writeBigUInt64BE(BigInt(await ownRows(foe)) + 1n, 49);
      await foe.ask("append_device_entry", { entry: toBase64url(entry), opening: null });
      expect(more).toBeLessThan(2);
    }
    await goesOn(room);
    expect(await wrappedFor(room.id)).toHaveLength(3);
    const his = await cem.trackit.rooms.get(room.id);
    await his.send("and I am here still");
    expect((await readTexts(ada.trackit, room.id)).at(-1)).toBe("and I am here still");
    expect(await cem.trackit.devices.list()).toHaveLength(1);
  });

  it("weak_keys: a device of cem's with a key that a runtime would take, and that protects nothing, is none", async () => {
    const room = await roomOfThree();
    const good = foe.core.suite.random(384);
    good[0] = 0xff;
    good[383] = 1;
    const even = good.map((byte, at) => (at === 383 ? 2 : byte)) as Bytes;
    const small = good.map((byte, at) => (at === 0 ? 0x7f : byte)) as Bytes;
    const keys: [what: string, wrapKey: Bytes][] = [
      ["e = 1", spki(good, "0203000001")],
      ["e = 3", spki(good, "0203000003")],
      ["an even n", spki(even)],
      ["an n of 3,071 bits", spki(small)],
      ["another algorithm", concat(new Uint8Array(33), good, fromHex("0203010001"))],
    ];
    for (const [what, wrapKey] of keys) {
      const entry = await newDevice(foe, wrapKey);
      await foe.ask("append_device_entry", { entry: toBase64url(entry), opening: null });
      expect([what, (await cem.trackit.devices.list()).length]).toEqual([what, 1]);
    }
    await goesOn(room);
    expect(await wrappedFor(room.id)).toHaveLength(3);
    // The same, with a key that is in order, is a device.
    await foe.ask("append_device_entry", {
      entry: toBase64url(await newDevice(foe, spki(good))),
      opening: null,
    });
    expect(await cem.trackit.devices.list()).toHaveLength(2);
    await goesOn(room);
    expect(await wrappedFor(room.id)).toHaveLength(4);
  });

  it("device_id_collision: ben's own key in cem's list makes no device of cem's, and takes none from ben", async () => {
    const room = await roomOfThree();
    const bens = await foe.core.directory.present(ben.id, "a lie");
    const key = bens?.keys.values().next().value;
    const before = (await cem.trackit.devices.list()).length;
    const stolen = await newDevice(foe, spki(modulus(foe.core.suite)), key?.signingKey);
    await foe.ask("append_device_entry", { entry: toBase64url(stolen), opening: null });
    expect(await cem.trackit.devices.list()).toHaveLength(before);
    await goesOn(room);
    expect(await wrappedFor(room.id)).toContain((await ben.trackit.devices.me()).id);
  });
});

describe("messages and entries of a member", () => {
  it("edit_by_other_user: what cem says of ada's words changes nothing of them; what ada says does", async () => {
    const room = await roomOfThree();
    const [first] = await read(ada.trackit, room.id);
    const inside = await foe.room(room.id);
    const target = [...inside.thread.entries].at(-1)?.hash;
    if (!target || !first) throw new Error("ada's message is wanted");
    const edit = await forgeMessage(inside, {
      kind: "edit",
      target: fromHex(target),
      counter: 9,
      content: said("I owe cem money") as never,
    });
    await post(room.id, edit.bytes);
    const gone = await forgeMessage(
      await foe.room(room.id),
      { kind: "delete", target: fromHex(target) },
      { seq: 2, prev: edit.hash },
    );
    await post(room.id, gone.bytes);
    await foe.ask("withdraw_messages", { room: room.id, ids: [first.id] });
    for (const { trackit } of [ada, ben])
      expect(await read(trackit, room.id)).toMatchObject([{ text: "first", edited: false, status: "sent" }]);
    await room.edit(first, "first, and mine");
    expect(await read(ben.trackit, room.id)).toMatchObject([{ text: "first, and mine", edited: true }]);
  });

  it("same_seq_two_hashes: the database takes one message under a number, and no id of somebody else's", async () => {
    const room = await roomOfThree();
    const inside = await foe.room(room.id);
    const [one, other] = [await forgeMessage(inside, said("yes")), await forgeMessage(inside, said("no"))];
    await post(room.id, one.bytes);
    await expect(post(room.id, other.bytes)).rejects.toMatchObject(refusal("CONFLICT_DEVICE_SEQ"));
    await post(room.id, one.bytes); // The same again is the same.
    const [, last] = await read(ada.trackit, room.id);
    const id = fromHex((last?.id ?? "").replaceAll("-", ""));
    const taken = await forgeMessage(inside, said("in its place"), { seq: 2, prev: one.hash, id });
    await expect(post(room.id, taken.bytes)).rejects.toMatchObject(refusal("CONFLICT_ID"));
    expect(await readTexts(ben.trackit, room.id)).toEqual(["first", "yes"]);
  });

  it("key_substitution: cem's token posts nothing under a device of ben's, nor in another epoch than the room's", async () => {
    const room = await roomOfThree();
    const inside = await foe.room(room.id);
    const bens = fromHex((await ben.trackit.devices.me()).id.replaceAll("-", ""));
    const { bytes } = await forgeMessage(inside, said("I am ben"));
    bytes.set(bens, 59);
    await expect(post(room.id, bytes)).rejects.toMatchObject(refusal("ACCESS_DENIED"));
    const later = await forgeMessage(inside, said("from the future"), { epoch: 99 });
    await expect(post(room.id, later.bytes)).rejects.toMatchObject(refusal("CONFLICT_EPOCH"));
    expect(await readTexts(ada.trackit, room.id)).toEqual(["first"]);
    await post(room.id, (await forgeMessage(inside, said("I am cem"))).bytes);
    expect(await readTexts(ada.trackit, room.id)).toEqual(["first", "I am cem"]);
  });

  it("entries that fill a room's log come to an end, after which the next of whoever is honest brings an epoch", async () => {
    const room = await roomOfThree();
    const [rule] = await kit.sql`
      select pg_get_functiondef('private.require_few_entries(public.rooms)'::regprocedure) as sql`;
    expect(rule?.sql).toContain("> 500");
    await kit.sql.unsafe(String(rule?.sql).replace("> 500", "> 1"));
    const { epoch } = await standing(room.id);
    await room.rename("one");
    expect((await standing(room.id)).epoch).toBe(epoch);
    const more = await forgeEntry(await foe.room(room.id), { op: "evict", user: foe.core.me.user });
    await expect(change(room.id, { entries: [toBase64url(more)] })).rejects.toMatchObject(
      refusal("LIMIT_SIZE"),
    );
    await room.rename("two");
    expect((await standing(room.id)).epoch).toBe(epoch + 1);
    await room.rename("three");
    await kit.sql.unsafe(String(rule?.sql));
    expect((await ben.trackit.rooms.get(room.id)).name).toBe("three");
    await goesOn(room);
  });

  it("a message that nobody has signed is a row that cannot be read, and the room goes on", async () => {
    const room = await roomOfThree();
    const inside = await foe.room(room.id);
    const { bytes, hash } = await forgeMessage(inside, said("x"));
    const unsigned = Uint8Array.from(bytes).fill(1, -64);
    await post(room.id, unsigned);
    expect(await readTexts(ada.trackit, room.id)).toEqual(["first", "[unreadable]"]);
    await goesOn(room);
    expect(hash).toHaveLength(32);
  });

  it("an entry that is not cem's to make is refused; one that he may make and does not sign is void", async () => {
    const room = await roomOfThree();
    const inside = await foe.room(room.id);
    const benId = fromHex(ben.id.replaceAll("-", ""));
    const remove = await forgeEntry(inside, { op: "remove", user: benId });
    await expect(change(room.id, { entries: [toBase64url(remove)] })).rejects.toMatchObject(
      refusal("ACCESS_DENIED"),
    );
    const leave = (await forgeEntry(inside, { op: "leave" })).fill(3, -64);
    await change(room.id, { entries: [toBase64url(leave)] });
    await goesOn(room);
    // To the database he has left, and gets no wrap's use any more; to everybody who reads signatures he is there.
    expect((await ada.trackit.rooms.get(room.id)).members).toHaveLength(3);
    expect((await standing(room.id)).lastSeq).toBeGreaterThan(5);
  });
});

describe("somebody who is in no room", () => {
  it("is told of nobody's direct room by asking for its id, whether it is there or not", async () => {
    const { suite } = foe.core;
    const [adas, bens] = [
      await foe.core.directory.present(ada.id, "a lie"),
      await foe.core.directory.present(ben.id, "a lie"),
    ];
    if (!adas || !bens) throw new Error("the lists of ada and ben are wanted");
    const id = await directRoomId(suite, adas, bens);
    const inside = await foe.room((await roomOfThree()).id);
    const ask = async (kind: "group" | "direct") => {
      const peer = { peer: adas.user, peerRoot: adas.root, peerHead: adas.head };
      const create = { op: "create", kind, protocol: 1, suite: 1, history: "none" } as const;
      const entry = await forgeEntry(
        inside,
        { ...create, ...(kind === "direct" ? peer : noPeer) },
        startRoomLog(id),
      );
      const asked = foe.ask("create_room", { entry: toBase64url(entry), change: { commit: "AA" } });
      return asked.then(
        () => "made",
        (error: TrackItError) => `${error.code} ${error.message}`,
      );
    };
    const before = [await ask("group"), await ask("direct")];
    const room = await ada.trackit.rooms.direct(ben.id);
    expect(room.id).toBe(toUuid(id));
    expect([await ask("group"), await ask("direct")]).toEqual(before);
    expect(before.map((answer) => answer.split(" ")[0])).toEqual(["USAGE_INVALID", "USAGE_INVALID"]);
    await room.send("and we talk");
    expect(await readTexts(ben.trackit, room.id)).toEqual(["and we talk"]);
  });
});

const noPeer = {
  peer: new Uint8Array(16),
  peerRoot: new Uint8Array(32),
  peerHead: { seq: 0, hash: new Uint8Array(32) },
};
