/** Conversations over a line that fails, and texts as people write them. */
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Room } from "../../sdk/src/index.ts";
import { clocks } from "../../sdk/src/live/clocks.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import { type CuttingProxy, cuttingProxy } from "../support/cutting-proxy.ts";
import { listen, type Talker, talker, texts } from "./chat-kit.ts";
import { refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let line: CuttingProxy;
let people: { ada: Talker; ben: Talker; cem: Talker };
/** Calls whose next request happens and is not answered. */
const unanswered = new Set<string>();

const losing: typeof fetch = async (input, init) => {
  const answer = await fetch(input, init);
  const name = new URL(input instanceof Request ? input.url : String(input)).pathname.split("/").at(-1) ?? "";
  if (unanswered.delete(name)) throw new TypeError("fetch failed");
  return answer;
};

/** Ben's line to the server goes by a proxy that can be cut. */
async function cuttable(name: string): Promise<Talker> {
  const keystore = memoryKeystore(name);
  const person = await kit.join(name, kit.trackit({ url: line.url, chat: { keystore } }));
  await person.trackit.devices.me();
  return { ...person, keystore };
}

beforeAll(async () => {
  clocks.headCheck = 500;
  // Whoever waits before trying again waits for a moment.
  vi.spyOn(Math, "random").mockReturnValue(0.01);
  vi.spyOn(console, "error").mockImplementation(() => {});
  kit = await startSdkKit();
  line = await cuttingProxy(kit.stack.env.API_URL);
  const [ada, ben, cem] = await Promise.all([
    talker(kit, "ada", { fetch: losing }),
    cuttable("ben"),
    talker(kit, "cem"),
  ]);
  people = { ada, ben, cem };
});
afterAll(async () => {
  await kit?.stop();
  await line?.close();
});

async function together(name: string): Promise<{ hers: Room; his: Room }> {
  const { ada, ben } = people;
  const hers = await ada.trackit.rooms.create({ name, members: [ben.id] });
  return { hers, his: await ben.trackit.rooms.get(hers.id) };
}

/** How often each id stands in a room. */
const rowsOf = (room: Room) =>
  kit.sql<{ rows: number; ids: number }[]>`
    select count(*)::int as rows, count(distinct id)::int as ids from messages where room_id = ${room.id} and class = 1`;

describe("a line that fails", () => {
  it("keeps ben away for 500 messages: he hears each once, in order, and what he wrote meanwhile follows", async () => {
    const { hers, his } = await together("away");
    const [heard, hear] = [listen(his), listen(hers)];
    await hers.send("are you there?");
    await heard.said.take();
    line.set("down");
    const own = ["in the tunnel", "still in it", "out again"];
    const sending = own.map((text) => his.send(text));
    expect((await heard.said.takeMany(3)).map(({ status }) => status)).toEqual(own.map(() => "pending"));
    const missed = Array.from({ length: 500 }, (_, at) => `kilometre ${at}`);
    await Promise.all(missed.map((text) => hers.send(text)));
    expect(await texts(his)).toEqual(["are you there?", ...own]);
    line.set("open");
    expect((await heard.said.takeMany(500)).map(({ text, gap }) => [text, gap])).toEqual(
      missed.map((text) => [text, 0]),
    );
    expect((await Promise.all(sending)).map(({ status }) => status)).toEqual(own.map(() => "sent"));
    const all = ["are you there?", ...missed, ...own];
    expect((await hear.said.takeMany(all.length)).map(({ text }) => text)).toEqual(all);
    expect([await texts(his), await texts(hers)]).toEqual([all, all]);
    expect(await rowsOf(hers)).toEqual([{ rows: all.length, ids: all.length }]);
  });

  it("loses the answer at every call of a conversation once, and everything has happened once", async () => {
    const { ada, ben, cem } = people;
    const calls = "create_room change_room heads room_rows room_wraps read_device_logs send_messages".split(
      " ",
    );
    const lost: string[] = [];
    const losingEach = async <T>(work: () => Promise<T>): Promise<T> => {
      for (const name of calls) unanswered.add(name);
      const done = await work();
      lost.push(...calls.filter((name) => !unanswered.has(name)));
      unanswered.clear();
      return done;
    };
    const room = await losingEach(() =>
      ada.trackit.rooms.create({ members: [ben.id], historyPolicy: "shared" }),
    );
    const his = await ben.trackit.rooms.get(room.id);
    const { said } = listen(his);
    const first = await losingEach(() => room.send("first"));
    await losingEach(() => room.add(cem.username));
    await losingEach(() => room.send("second"));
    await losingEach(() => room.edit(first, "first, edited"));
    await losingEach(() => room.react(first, "👍"));
    await losingEach(() => room.remove(cem.username));
    await losingEach(() => room.send("third"));
    expect(lost).toEqual(expect.arrayContaining(["create_room", "change_room", "heads", "send_messages"]));
    expect((await said.takeMany(3)).map(({ text, gap }) => [text, gap])).toEqual(
      ["first", "second", "third"].map((text) => [text, 0]),
    );
    const wanted = ["first, edited", "second", "third"];
    expect([await texts(await ben.trackit.rooms.get(room.id)), await texts(room)]).toEqual([wanted, wanted]);
    expect(await rowsOf(room)).toEqual([{ rows: 3, ids: 3 }]);
    const log = await kit.sql`select op from room_log where room_id = ${room.id} order by seq`;
    expect(log.map(({ op }) => op)).toEqual([1, 2, 2, 3]);
  });

  it("loses the answer to a deletion: asked again it is deleted, and not withheld", async () => {
    const { hers, his } = await together("deleting");
    const message = await hers.send("oops");
    unanswered.add("withdraw_messages");
    await expect(hers.delete(message)).rejects.toMatchObject(refusal("NETWORK_OFFLINE"));
    await hers.delete(message);
    await people.ben.trackit.rooms.get(his.id);
    expect(await texts(his)).toEqual(["[deleted]"]);
  });

  it("loses a broadcast, the last one: ben finds the row by the room's head", async () => {
    const { hers, his } = await together("silent");
    const { said } = listen(his);
    await hers.send("heard");
    await said.take();
    await kit.sql`
      create function public.lose() returns trigger language plpgsql as $$ begin return null; end $$`;
    await kit.sql`
      create trigger lose before insert on realtime.messages for each row execute function public.lose()`;
    await hers.send("not told");
    expect(await said.take()).toMatchObject({ text: "not told", gap: 0 });
    await kit.sql`drop trigger lose on realtime.messages`;
    await kit.sql`drop function public.lose()`;
  });
});

describe("a device that is full", () => {
  it("fails a message that it cannot keep, sends it by no later one, and by the next try", async () => {
    const { ada, cem } = people;
    const room = await ada.trackit.rooms.create({ members: [cem.id] });
    const his = await cem.trackit.rooms.get(room.id);
    const { changed } = listen(his);
    const full = new Error("the disk is full");
    const batch = vi.spyOn(cem.keystore, "batch").mockRejectedValueOnce(full);
    await expect(his.send("too much")).rejects.toThrow("the disk is full");
    batch.mockRestore();
    const failed = await changed.take();
    expect(failed).toMatchObject({ text: "too much", status: "failed" });
    await his.send("something else");
    await ada.trackit.rooms.get(room.id);
    expect(await texts(room)).toEqual(["something else"]);
    expect(await his.release(failed)).toMatchObject({ text: "too much", status: "sent" });
    await ada.trackit.rooms.get(room.id);
    expect(await texts(room)).toEqual(["something else", "too much"]);
  });
});

describe("what people write", () => {
  it("arrives as it was written: emoji, right to left, markup, invisible letters, 30,000 of them", async () => {
    const { hers, his } = await together("texts 👩‍👩‍👧‍👦");
    const wanted = [
      "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪",
      "שלום, רצים! مرحبا \u2067بالعدائين\u2069 abc",
      "日本語 한국어 ไทย नमस्ते",
      "<script>alert('no page runs this')</script> & <b>bold</b> 1 < 2",
      "line one\nline two\r\n\ttabbed\u00a0and \u200bzero\u200b width",
      "'; drop table messages; -- \\ % _ {}",
      "x".repeat(30_000),
      "🏃".repeat(7_500),
    ];
    for (const text of wanted) await hers.send(text);
    await people.ben.trackit.rooms.get(his.id);
    expect(await texts(his)).toEqual(wanted);
    expect(his.name).toBe("texts 👩‍👩‍👧‍👦");
    // Two ways to write one letter are one, so that a search finds it.
    await his.send("cafe\u0301");
    expect((await his.search("CAFÉ")).map(({ text }) => text)).toEqual(["café"]);
  });

  it("may be structured, nested, with numbers and words of every script, and comes back equal", async () => {
    const { hers, his } = await together("structured");
    const data = {
      question: "Sechs oder sieben? 🕕",
      options: [{ at: 6, votes: ["ada"] }, { at: 7.5, votes: [] }, null, true, -1e-7],
      מפתח: { "": "an empty key", deep: [[[["x"]]]] },
    };
    await hers.send({ type: "poll", data });
    await people.ben.trackit.rooms.get(his.id);
    const [poll] = await his.history().toArray();
    expect(poll?.content).toEqual({ kind: "structured", type: "poll", data });
    await expect(hers.send({ type: "", data })).rejects.toMatchObject(refusal("USAGE_INVALID"));
    await expect(hers.send("\ud800")).rejects.toMatchObject(refusal("USAGE_INVALID"));
    expect(await texts(hers)).toHaveLength(1);
  });
});
