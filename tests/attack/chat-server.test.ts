/** A server that lies to devices: what it shows instead of the truth is never content, and is found out where it can be. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Message } from "../../sdk/src/index.ts";
import type { Talker } from "../story/chat-kit.ts";
import { Inbox } from "../story/realtime-wait.ts";
import { refusal, type SdkKit, startSdkKit } from "../story/sdk-kit.ts";
import { forgeMessage, said } from "../support/chat/forge.ts";
import { type LyingProxy, lyingProxy } from "../support/chat/lying-proxy.ts";
import { alarmOf, Insider, read, readTexts, restartedBy, roomOf, talkerBy } from "../support/chat/people.ts";
import { allRows, putRow, showView } from "../support/chat/rows.ts";

let kit: SdkKit;
let proxy: LyingProxy;
let ada: Talker;
let ben: Talker;
let cem: Talker;
beforeAll(async () => {
  kit = await startSdkKit();
  proxy = await lyingProxy(kit.stack.env.API_URL);
  [ada, ben, cem] = (await Promise.all(
    ["ada", "ben", "cem"].map((name) => talkerBy(kit, proxy.url, name)),
  )) as [Talker, Talker, Talker];
});
afterEach(() => proxy.honest());
afterAll(async () => {
  await kit?.stop();
  await proxy?.close();
});

describe("the history of a room", () => {
  it("two_views_fork: ben is shown another than ada; with his next word she knows, and neither sends on", async () => {
    const room = await roomOf(ada, ben);
    const dropped = await room.send("not for ben");
    const view = showView(proxy, kit.sql, {
      to: ben.id,
      room: room.id,
      change: (rows) => rows.filter(({ seq }) => seq !== dropped.seq),
    });
    const his = await ben.trackit.rooms.get(room.id);
    expect([await readTexts(ben.trackit, room.id), his.alarm]).toEqual([["first"], null]);
    // Whoever has read less than others is no liar yet ...
    await his.send("anybody there?");
    expect(await readTexts(ada.trackit, room.id)).toEqual(["first", "not for ben", "anybody there?"]);
    expect([await alarmOf(ada, room.id), view.told()]).toEqual([null, true]);
    // ... but whose own words stand elsewhere than here has read something else.
    await his.send("what do you say?");
    expect(await alarmOf(ada, room.id)).toMatchObject({ kind: "history", roomId: room.id, userId: ben.id });
    await expect(room.send("more")).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
    // The truth, when it comes, is another history than the one that he has verified.
    view.stop();
    expect(await alarmOf(ben, room.id)).toMatchObject({ kind: "history", userId: null });
    await expect(his.send("more")).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
  });

  it("tail_drop_seen_on_next: the last message is kept from ben until cem, who has read it, says something", async () => {
    const room = await roomOf(ada, ben, cem);
    const last = await room.send("the tail");
    expect(await readTexts(cem.trackit, room.id)).toEqual(["first", "the tail"]);
    showView(proxy, kit.sql, {
      to: ben.id,
      room: room.id,
      change: (rows) => rows.filter(({ seq }) => seq !== last.seq),
    });
    // Until then nothing can be known.
    expect([await readTexts(ben.trackit, room.id), await alarmOf(ben, room.id)]).toEqual([["first"], null]);
    await (await cem.trackit.rooms.get(room.id)).send("I have read it");
    expect(await readTexts(ben.trackit, room.id)).toEqual(["first", "I have read it"]);
    expect(await alarmOf(ben, room.id)).toMatchObject({ kind: "history", userId: cem.id });
    expect(await alarmOf(ada, room.id)).toBeNull();
  });

  it("is taken back by some rows: they stay on ada's device, and she is told", async () => {
    const room = await roomOf(ada, ben);
    await room.send("second");
    showView(proxy, kit.sql, { to: ada.id, room: room.id, change: (rows) => rows.slice(0, -1) });
    expect(await readTexts(ada.trackit, room.id)).toEqual(["first", "second"]);
    expect(await alarmOf(ada, room.id)).toMatchObject({ kind: "history", userId: null });
    await expect(room.send("third")).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
  });

  it("is shown in another order: what comes too early is no content, and the difference shows", async () => {
    const room = await roomOf(ada, ben);
    await room.send("second");
    await room.send("third");
    const swapped = await allRows(kit.sql, room.id);
    [swapped[swapped.length - 1], swapped[swapped.length - 2]] = swapped.slice(-2) as [never, never];
    showView(proxy, kit.sql, { to: ben.id, room: room.id, change: () => swapped });
    // What is missing before the third message is shown as a gap; the second comes after its successor and counts no more.
    const shown = await read(ben.trackit, room.id);
    expect(shown.map(({ text, status, gap }) => [text, status, gap])).toEqual([
      ["first", "sent", 0],
      ["third", "sent", 1],
      ["", "unreadable", 0],
    ]);
    expect(await alarmOf(ben, room.id)).toMatchObject({ kind: "history" });
  });

  it("lost_ack_retry: an answer that is lost makes no second message; one that lies is found out", async () => {
    const room = await roomOf(ada, ben);
    const lost = proxy.answers("send_messages", ada.id, () => {
      lost.stop();
      return undefined;
    });
    await room.send("once");
    expect(lost.times).toBe(1);
    expect(await readTexts(ben.trackit, room.id)).toEqual(["first", "once"]);
    const kept = proxy.answers("send_messages", ada.id, async (answer) => {
      await kit.sql`delete from messages where room_id = ${room.id} and seq = (select last_seq from rooms where id = ${room.id})`;
      await kit.sql`update rooms set last_seq = last_seq - 1 where id = ${room.id}`;
      return answer;
    });
    await room.send("never kept");
    expect(kept.times).toBe(1);
    expect(await alarmOf(ada, room.id)).toMatchObject({ kind: "history", userId: null });
  });
});

describe("a row of a room", () => {
  it("tombstone_without_delete: what the server takes away is withheld, what its author takes away is deleted", async () => {
    const room = await ada.trackit.rooms.create({ members: [cem.id] });
    const [taken, deleted] = [await room.send("taken"), await room.send("to be deleted")];
    await room.delete(deleted);
    await kit.sql`update messages set body = null where room_id = ${room.id} and id = ${taken.id}`;
    await room.send("and so on");
    expect(await readTexts(cem.trackit, room.id)).toEqual(["[withheld]", "[deleted]", "and so on"]);
    const [first] = await read(cem.trackit, room.id);
    expect(first).toMatchObject({ text: "", content: null, from: { userId: ada.id } });
  });

  it("high_s: the other signature that fits as well is none, and changes nobody's history", async () => {
    const room = await ada.trackit.rooms.create({ members: [cem.id] });
    const sent = await room.send("signed");
    const [row] =
      await kit.sql`select signature from messages where room_id = ${room.id} and id = ${sent.id}`;
    const twin = otherSignature(Buffer.from(row?.signature as Uint8Array));
    await kit.sql`update messages set signature = ${twin} where room_id = ${room.id} and id = ${sent.id}`;
    await room.send("next");
    const shown = await read(cem.trackit, room.id);
    expect(shown.map(({ status, text }) => [status, text])).toEqual([
      ["unreadable", ""],
      ["sent", "next"],
    ]);
    expect(await alarmOf(cem, room.id)).toBeNull();
  });

  it("suite_downgrade_column: no column and no changed byte brings in a suite that the room has not", async () => {
    const room = await roomOf(ada, ben);
    await kit.sql`update rooms set minimum_suite = 0, protocol = 0 where id = ${room.id}`;
    const genuine = (await allRows(kit.sql, room.id)).at(-1);
    for (const suite of [0, 2]) {
      const bytes = Buffer.from(genuine?.bytes ?? "", "base64url");
      bytes[1] = suite;
      await putRow(kit.sql, room.id, { kind: "message", bytes, by: ada.id });
    }
    expect(await readTexts(ben.trackit, room.id)).toEqual(["first", "[unreadable]", "[unreadable]"]);
    await room.send("we go on");
    expect((await readTexts(ben.trackit, room.id)).at(-1)).toBe("we go on");
    const suites = await kit.sql`select distinct get_byte(header, 1) as suite from messages
      where room_id = ${room.id} and seq > ${genuine?.seq ?? 0} + 2`;
    expect(suites).toMatchObject([{ suite: 1 }]);
  });

  it("key_substitution: a message is its signer's, whatever columns and header say of whom it is from", async () => {
    const room = await roomOf(ada, ben, cem);
    const cems = await cem.trackit.devices.me();
    const genuine = (await allRows(kit.sql, room.id)).at(-1);
    const bytes = Buffer.from(genuine?.bytes ?? "", "base64url");
    Buffer.from(cems.id.replaceAll("-", ""), "hex").copy(bytes, 59);
    await putRow(kit.sql, room.id, { kind: "message", bytes, by: cem.id });
    await kit.sql`update messages set sender_id = ${cem.id} where room_id = ${room.id} and seq = ${genuine?.seq ?? 0}`;
    const shown = await read(ben.trackit, room.id);
    expect(shown.map(({ text, from }) => [text, from.userId])).toEqual([
      ["first", ada.id],
      ["", cem.id],
    ]);
    // Whoever reads it for the first time, with the false columns, sees who has signed it.
    const again = await restartedBy(kit, proxy.url, ben);
    expect((await read(again.trackit, room.id)).map(({ status, from }) => [status, from.userId])).toEqual([
      ["sent", ada.id],
      ["unreadable", cem.id],
    ]);
    ben = again;
  });

  it("is changed in any byte: it is no content, and the room goes on", async () => {
    const room = await roomOf(ada, ben);
    const genuine = Buffer.from((await allRows(kit.sql, room.id)).at(-1)?.bytes ?? "", "base64url");
    // Of the header, the body's salt, commitment and text, and the signature.
    const places = [0, 2, 3, 20, 27, 75, 83, 99, 131, 171, 211, 230, 260, 290, genuine.length - 1];
    for (const at of places) {
      const bytes = Buffer.from(genuine);
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      await putRow(kit.sql, room.id, { kind: "message", bytes, by: ada.id });
    }
    await putRow(kit.sql, room.id, { kind: "message", bytes: genuine, by: ada.id });
    await room.send("we go on");
    const shown = await read(ben.trackit, room.id);
    // A class that is none is shown like content; the row that was there before is no second message.
    expect(shown.map(({ content, text }) => (content ? text : "")).filter(Boolean)).toEqual([
      "first",
      "we go on",
    ]);
    expect(shown.filter(({ status }) => status === "unreadable").length).toBeGreaterThan(10);
  });

  it("is told to ben as it is not: judged like what is read, it is no content, and the room's head gives it away", async () => {
    const room = await roomOf(ada, ben);
    const his = await ben.trackit.rooms.get(room.id);
    const heard = new Inbox<Message>();
    const stop = his.on("message", heard.put);
    await room.send("by broadcast");
    expect(await heard.take()).toMatchObject({ text: "by broadcast", status: "sent" });
    let told = 0;
    const undo = proxy.retells(ben.id, (frame) =>
      frame.replace(/(?<="bytes":"[\w-]{400})[\w-]{8}/, () => {
        told += 1;
        return "AAAAAAAA";
      }),
    );
    await room.send("changed on its way");
    expect(await heard.take()).toMatchObject({ status: "unreadable", text: "", content: null });
    expect(told).toBeGreaterThan(0);
    undo();
    expect(await alarmOf(ben, room.id)).toMatchObject({ kind: "history", userId: null });
    await expect(his.send("and now?")).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
    stop();
    // The next session is told the truth, and takes it for another history than it has seen.
    ben = await restartedBy(kit, proxy.url, ben);
    expect(await alarmOf(ben, room.id)).toMatchObject({ kind: "history" });
  });

  it("same_seq_two_hashes: two messages under one number are trusted by nobody, and the room goes on", async () => {
    const room = await roomOf(ada, ben, cem);
    const insider = await Insider.open(cem);
    const inside = await insider.room(room.id);
    const [one, other] = [
      await forgeMessage(inside, said("I agree")),
      await forgeMessage(inside, said("I do not")),
    ];
    await putRow(kit.sql, room.id, { kind: "message", bytes: one.bytes, by: cem.id });
    expect(await readTexts(ben.trackit, room.id)).toEqual(["first", "I agree"]);
    await putRow(kit.sql, room.id, { kind: "message", bytes: other.bytes, by: cem.id });
    const shown = await read(ben.trackit, room.id);
    expect(shown.map(({ status, content }) => [status, content === null])).toEqual([
      ["sent", false],
      ["unreadable", true],
      ["unreadable", true],
    ]);
    expect(shown[1]?.problem?.cause).toMatch(/two messages under one number/);
    await room.send("be that as it may");
    expect((await readTexts(ben.trackit, room.id)).at(-1)).toBe("be that as it may");
    await insider.close();
  });
});

describe("a wrap", () => {
  it("bad_wrap_for_one: that is withheld from cem, or another's, closes an epoch to him alone, and he begins the next", async () => {
    const other = await ada.trackit.rooms.create({ members: [cem.id] });
    for (const lie of ["withheld", "another's"]) {
      const room = await ada.trackit.rooms.create({ members: [ben.id, cem.id] });
      await room.send("first");
      const [wrong] = await kit.sql`select wrap from epoch_recipients where room_id = ${other.id} limit 1`;
      const wrap = Buffer.from(wrong?.wrap as Uint8Array).toString("base64url");
      const told = proxy.answers<{ epoch: number }[]>("room_wraps", cem.id, (wraps) =>
        lie === "withheld" ? [] : wraps.map(({ epoch }) => ({ epoch, wrap })),
      );
      expect([lie, await readTexts(cem.trackit, room.id)]).toEqual([lie, ["[unreadable]"]]);
      expect(await readTexts(ben.trackit, room.id)).toEqual(["first"]);
      expect(told.times).toBeGreaterThan(0);
      proxy.honest();
      await (await cem.trackit.rooms.get(room.id)).send("from here on");
      await room.send("second");
      expect((await readTexts(cem.trackit, room.id)).slice(1)).toEqual(["from here on", "second"]);
      expect(await readTexts(ben.trackit, room.id)).toEqual(["first", "from here on", "second"]);
      expect(await alarmOf(cem, room.id)).toBeNull();
    }
  });
});

/** The s of a signature put on the other side of the curve's order. */
function otherSignature(signature: Buffer): Buffer {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const s = BigInt(`0x${signature.subarray(32).toString("hex")}`);
  return Buffer.concat([
    signature.subarray(0, 32),
    Buffer.from((order - s).toString(16).padStart(64, "0"), "hex"),
  ]);
}
