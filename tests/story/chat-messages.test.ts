import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listing } from "../../sdk/src/chat/room/listed.ts";
import type { ChatAlarm, Room } from "../../sdk/src/index.ts";
import { approved, listen, lyingAbout, restarted, type Talker, talker, texts } from "./chat-kit.ts";
import { refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let people: { ada: Talker; ben: Talker; cem: Talker };
type Fate = "passes" | "is lost" | "loses its answer";
/** What ada's requests to the server meet: nothing, unless a test says so. */
let fate: (url: string) => Fate | Promise<Fate> = () => "passes";
/** Functions of the database that ada's client has called, and with what. */
let called: string[] = [];
let given: string[] = [];

const throughFate: typeof fetch = async (input, init) => {
  const url = String(input instanceof Request ? input.url : input);
  if (url.includes("/rpc/")) {
    called.push(url.slice(url.lastIndexOf("/") + 1));
    given.push(String(init?.body));
  }
  const what = await fate(url);
  if (what === "is lost") throw new TypeError("fetch failed");
  const answer = await fetch(input, init);
  if (what === "loses its answer") throw new TypeError("fetch failed");
  return answer;
};

/** Once for the next request of that name. */
function once(name: string, what: Fate | (() => Promise<Fate>)): void {
  fate = (url) => {
    if (!url.endsWith(`/rpc/${name}`)) return "passes";
    fate = () => "passes";
    return typeof what === "string" ? what : what();
  };
}

beforeAll(async () => {
  kit = await startSdkKit();
  const [ada, ben, cem] = await Promise.all([
    talker(kit, "ada", { fetch: throughFate }),
    talker(kit, "ben"),
    talker(kit, "cem"),
  ]);
  people = { ada, ben, cem };
});
afterAll(() => kit?.stop());

async function together(name: string) {
  const { ada, ben } = people;
  const hers = await ada.trackit.rooms.create({ name, members: [ben.id] });
  return { hers, his: await ben.trackit.rooms.get(hers.id) };
}

describe("what is said", () => {
  it("is edited, deleted and reacted to by those who may", async () => {
    const { hers, his } = await together("editing");
    const { changed, said } = listen(his);
    const message = await hers.send("at six");
    await said.take();
    await hers.edit(message, "at seven");
    expect(await changed.take()).toMatchObject({ id: message.id, text: "at seven", edited: true });
    await his.react(message, "👍");
    expect((await changed.take()).reactions).toEqual([{ emoji: "👍", userIds: [people.ben.id], own: true }]);
    await his.react(message, "👍", { on: false });
    expect((await changed.take()).reactions).toEqual([]);
    await expect(his.edit(message, "never")).rejects.toMatchObject(refusal("ACCESS_DENIED"));
    await hers.delete(message);
    expect(await changed.take()).toMatchObject({ status: "deleted", text: "", content: null });
    const [kept] = await kit.sql`select body from messages where room_id = ${hers.id} and id = ${message.id}`;
    expect(kept?.body).toBeNull();
    const again = await restarted(kit, people.ben);
    people.ben = again;
    expect(await texts(await again.trackit.rooms.get(hers.id))).toEqual(["[deleted]"]);
  });

  it("may be data of the app's own, and is found by its words on the device", async () => {
    const { hers, his } = await together("data");
    await hers.send({ type: "poll", data: { question: "Six or seven?", votes: [1, 2] } });
    await hers.send("First run at SIX");
    await people.ben.trackit.rooms.get(his.id);
    const [text, poll] = await his.history().toArray();
    expect(poll?.content).toEqual({
      kind: "structured",
      type: "poll",
      data: { question: "Six or seven?", votes: [1, 2] },
    });
    expect((await his.search("six run")).map(({ id }) => id)).toEqual([text?.id]);
    await expect(hers.send("")).rejects.toMatchObject(refusal("USAGE_INVALID"));
    await expect(hers.send("x".repeat(40_000))).rejects.toMatchObject(refusal("USAGE_INVALID"));
  });

  it("comes once and in order to ben, who was away for 60 messages", async () => {
    const { hers, his } = await together("away");
    const wanted = Array.from({ length: 60 }, (_, at) => `run ${at}`);
    await Promise.all(wanted.map((text) => hers.send(text)));
    const { said } = listen(his);
    expect((await said.takeMany(60)).map(({ text }) => text)).toEqual(wanted);
    const page = await his.history().page({ limit: 3 });
    expect(page.rows.map(({ text }) => text)).toEqual(["run 59", "run 58", "run 57"]);
    const next = await his.history().page({ limit: 2, after: page.next });
    expect(next.rows.map(({ text }) => text)).toEqual(["run 56", "run 55"]);
    expect(await texts(his)).toEqual(wanted);
  });

  it("is sent once when the server's answer is lost, and when the request is", async () => {
    const { hers, his } = await together("lost");
    once("send_messages", "loses its answer");
    await hers.send("answer lost");
    once("send_messages", "is lost");
    await hers.send("request lost");
    once("change_room", "loses its answer");
    await hers.add(people.cem.username);
    await hers.send("change lost");
    await people.ben.trackit.rooms.get(his.id);
    expect(await texts(his)).toEqual(["answer lost", "request lost", "change lost"]);
  });

  it("waits over a restart, and is sent by the next session", async () => {
    const { hers, his } = await together("restart");
    fate = (url) => (url.includes("/rpc/send_messages") ? "is lost" : "passes");
    const { said } = listen(hers);
    const waiting = hers.send("before the restart").catch((error: unknown) => error);
    expect(await said.take()).toMatchObject({ status: "pending" });
    people.ada = await restarted(kit, people.ada, { fetch: throughFate });
    expect(await waiting).toMatchObject(refusal("NETWORK_ABORTED"));
    fate = () => "passes";
    const heard = listen(his);
    const again = await people.ada.trackit.rooms.get(hers.id);
    expect(await heard.said.take()).toMatchObject({ text: "before the restart" });
    await again.send("after it");
    expect(await heard.said.take()).toMatchObject({ text: "after it", gap: 0 });
  });

  it("is held when somebody came in after it was written, until its author says so", async () => {
    const { hers, his } = await together("held");
    await hers.send("first");
    await people.ben.trackit.rooms.get(his.id);
    const { changed } = listen(hers);
    await hers.add(people.cem.username);
    // Ben's device has not heard of cem when ben writes.
    const held = his.send("not for cem").catch((error: unknown) => error);
    expect(await held).toMatchObject(refusal("CONFLICT_AUDIENCE", { details: { userIds: [people.cem.id] } }));
    const [message] = await his.history().toArray({ max: 1 });
    expect(message).toMatchObject({ status: "held", text: "not for cem" });
    expect(await his.release(message ?? "")).toMatchObject({ status: "sent" });
    expect(changed.all.filter(({ status }) => status === "held")).toEqual([]);
    expect(await texts(his)).toEqual(["first", "not for cem"]);
  });

  it("is refused as content when it does not verify, and the room goes on", async () => {
    const { hers, his } = await together("forged");
    await hers.send("true");
    await people.ben.trackit.rooms.get(his.id);
    const heard = listen(his);
    await hers.send("as well");
    await heard.said.take();
    // The server puts ada's last message in once more, with its body changed.
    await kit.sql`
      with forged as (
        select room_id, epoch, class, sender_id, device_id, device_seq + 7 as device_seq, signature,
          overlay(header placing ${Buffer.alloc(8, 1)} from 76) as header, set_byte(body, 100, get_byte(body, 100) # 1) as body
        from messages where room_id = ${hers.id} order by seq desc limit 1
      ), hashed as (
        select f.*, private.tagged_hash('message', f.header || sha256(f.body)) as hash from forged f
      ), room as (
        update rooms r set last_seq = last_seq + 1, transcript = private.next_transcript(transcript, h.hash)
        from hashed h where r.id = h.room_id returning r.last_seq
      )
      insert into messages (room_id, id, seq, epoch, class, sender_id, device_id, device_seq, hash, body_hash, header, body, signature)
      select room_id, gen_random_uuid(), room.last_seq, epoch, class, sender_id, device_id, device_seq, hash, sha256(body),
        header, body, signature
      from hashed, room`;
    const forged = await heard.said.take();
    expect(forged).toMatchObject({ status: "unreadable", text: "", content: null });
    expect(forged.problem?.cause).toMatch(/could not be verified/);
    const last = await his.send("we go on");
    expect(last.status).toBe("sent");
  });
});

describe("a send", () => {
  const { lasts } = listing;
  const HOUR = 3_600_000;
  beforeAll(() => {
    listing.lasts = HOUR; // However slow the machine is.
  });
  afterAll(() => {
    listing.lasts = lasts;
  });

  /** Calls for a room of ada's while she says something in it, by herself. */
  async function callsFor({ id }: Room, work: () => Promise<unknown>): Promise<string[]> {
    const before = called.length;
    await work();
    const isFor = (_: string, at: number) => at >= before && given[at]?.includes(id);
    return called.filter(isFor).filter((name) => /^(heads|room_rows|room_wraps|\w+_messages)$/.test(name));
  }

  it("is one call, edits and reactions too, and asks where the room stands once that is half a minute ago", async () => {
    const { hers, his } = await together("one");
    const say = () => hers.send("one call");
    expect(await callsFor(hers, say)).toEqual(["send_messages"]);
    await his.send("nobody has told ada of this");
    const message = await say();
    expect(await callsFor(hers, () => hers.react(message, "👍"))).toEqual(["send_messages"]);
    listing.lasts = 0;
    expect(await callsFor(hers, say)).toEqual(["heads", "send_messages"]);
    listing.lasts = HOUR;
    await people.ben.trackit.rooms.get(his.id);
    const wanted = ["one call", "nobody has told ada of this", "one call", "one call"];
    expect([await texts(hers), await texts(his)]).toEqual([wanted, wanted]);
  });

  it("for members of yesterday is refused, and goes by itself to who is there: cem, who has left, has no key", async () => {
    const { ada, ben, cem } = people;
    const hers = await ada.trackit.rooms.create({ name: "gone", members: [ben.id, cem.id] });
    await hers.send("with cem");
    await (await cem.trackit.rooms.get(hers.id)).leave();
    expect(await callsFor(hers, () => hers.send("without cem"))).toEqual([
      "send_messages",
      "room_rows",
      "send_messages",
    ]);
    const keys = await kit.sql`
      select r.epoch::int, r.user_id from epoch_recipients r where r.room_id = ${hers.id} and r.user_id = ${cem.id}`;
    expect(keys.map(({ epoch }) => epoch)).toEqual([1]);
    const [last] =
      await kit.sql`select epoch::int, device_seq::int from messages where room_id = ${hers.id} order by seq desc limit 1`;
    expect(last).toMatchObject({ epoch: 2, device_seq: 2 });
    expect(await texts(await ben.trackit.rooms.get(hers.id))).toEqual(["with cem", "without cem"]);
  });

  it("goes to ben's laptop as well, which nobody has told ada of", async () => {
    const { hers } = await together("laptop");
    await hers.send("before the laptop");
    const laptop = await approved(kit, people.ben);
    const { id } = await laptop.devices.me();
    await hers.send("for the laptop");
    const keys =
      await kit.sql`select epoch::int from epoch_recipients where room_id = ${hers.id} and device_id = ${id}`;
    expect(keys.map(({ epoch }) => epoch)).toEqual([2]);
    expect((await texts(await laptop.rooms.get(hers.id))).at(-1)).toBe("for the laptop");
    await laptop.close();
  });

  it("between which and the one before cem was added waits for ada's word; then he reads that, and nothing before", async () => {
    const { hers, his } = await together("added");
    await hers.setRole(people.ben.id, "admin");
    await hers.send("before cem");
    await people.ben.trackit.rooms.get(his.id);
    await his.add(people.cem.id);
    await expect(hers.send("and now?")).rejects.toMatchObject(refusal("CONFLICT_AUDIENCE"));
    const stored = () => kit.sql`select 1 from messages where room_id = ${hers.id} and class = 1`;
    expect(await stored()).toHaveLength(1);
    const [held] = await hers.history().toArray({ max: 1 });
    await hers.release(held ?? "");
    expect(await texts(await people.cem.trackit.rooms.get(hers.id))).toEqual(["[unreadable]", "and now?"]);
  });

  it("whose answer is lost just before cem leaves is there once: it stands in the epoch that it was written for", async () => {
    const { ada, ben, cem } = people;
    const hers = await ada.trackit.rooms.create({ name: "lost", members: [ben.id, cem.id] });
    const his = await cem.trackit.rooms.get(hers.id);
    once("send_messages", async () => {
      once("send_messages", async () => {
        await his.leave();
        return "passes";
      });
      return "loses its answer";
    });
    expect(await callsFor(hers, () => hers.send("once"))).toEqual([
      "send_messages",
      "send_messages",
      "room_rows",
    ]);
    await hers.send("and on");
    const rows =
      await kit.sql`select epoch::int, device_seq::int from messages where room_id = ${hers.id} order by seq`;
    expect(rows.map(({ epoch, device_seq }) => [epoch, device_seq])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(await texts(await ben.trackit.rooms.get(hers.id))).toEqual(["once", "and on"]);
  });
});

describe("who gives up", () => {
  it("is told at once, while the server does not answer, and what was not posted does not happen", async () => {
    const { hers } = await together("given up");
    for (const verb of ["rooms.get", "room.rename"]) {
      const given = new AbortController();
      let answer = (): void => {};
      const reached = new Promise<void>((begun) => {
        once("heads", () => {
          begun();
          return new Promise((resolve) => {
            answer = () => resolve("passes");
          });
        });
      });
      const { signal } = given;
      const work =
        verb === "room.rename"
          ? hers.rename("never", { signal })
          : people.ada.trackit.rooms.get(hers.id, { signal });
      await reached;
      given.abort();
      await expect(work).rejects.toMatchObject(refusal("NETWORK_ABORTED"));
      answer();
    }
    await hers.send("goes on");
    expect([hers.name, await texts(hers)]).toEqual(["given up", ["goes on"]]);
  });
});

describe("an epoch that is due", () => {
  /** A group that cem has just left: whoever sends next begins another epoch. */
  async function left(name: string) {
    const { ada, ben, cem } = people;
    const hers = await ada.trackit.rooms.create({ name, members: [ben.id, cem.id] });
    const his = await ben.trackit.rooms.get(hers.id);
    await hers.send("before");
    await (await cem.trackit.rooms.get(hers.id)).leave();
    await ada.trackit.rooms.get(hers.id);
    [called, given] = [[], []];
    return { hers, his };
  }

  async function epochs(room: string): Promise<number> {
    const [row] = await kit.sql<
      { epochs: number }[]
    >`select count(*)::int as epochs from room_epochs where room_id = ${room}`;
    return row?.epochs ?? 0;
  }

  const posts = () => called.filter((name) => name === "change_room" || name === "send_messages");

  it("goes in one call with the messages, unseen by who sends them", async () => {
    const { hers, his } = await left("one call");
    await Promise.all(["one", "two", "three"].map((text) => hers.send(text)));
    expect(posts()[0]).toBe("send_messages");
    expect(posts()).not.toContain("change_room");
    expect(await epochs(hers.id)).toBe(2);
    await people.ben.trackit.rooms.get(his.id);
    expect(await texts(his)).toEqual(["before", "one", "two", "three"]);
  });

  it("is begun by one of two who send at once, and the other's message is sealed anew for it", async () => {
    const { hers, his } = await left("race");
    let sealed: string | undefined;
    once("send_messages", async () => {
      [sealed] = await outbox(people.ada);
      await his.send("quicker");
      return "passes";
    });
    await hers.send("slower");
    expect(posts()).toEqual(["send_messages", "send_messages"]);
    expect(await epochs(hers.id)).toBe(2);
    const messages = await hers.history().toArray();
    expect(messages.map(({ text, gap }) => [text, gap])).toEqual([
      ["slower", 0],
      ["quicker", 0],
      ["before", 0],
    ]);
    const [stored] =
      await kit.sql`select id from messages where room_id = ${hers.id} order by seq desc limit 1`;
    expect(stored?.id).toBe(sealed);
    await people.ben.trackit.rooms.get(his.id);
    expect(await texts(his)).toEqual(["before", "quicker", "slower"]);
    expect([hers.alarm, his.alarm]).toEqual([null, null]);
  });

  /** Ids of what waits to be sent. */
  async function outbox({ keystore }: Talker): Promise<string[]> {
    return (await keystore.list("outbox/")).map(([name]) => name.slice(name.lastIndexOf("/") + 1));
  }

  it("stands once where the answer is lost, or the request is", async () => {
    const { hers, his } = await left("lost");
    once("send_messages", "loses its answer");
    await hers.send("answer lost");
    expect(await epochs(hers.id)).toBe(2);
    const other = await left("lost as well");
    once("send_messages", "is lost");
    await other.hers.send("request lost");
    expect(await epochs(other.hers.id)).toBe(2);
    expect(posts()).toEqual(["send_messages", "send_messages"]);
    await people.ben.trackit.rooms.get(his.id);
    expect(await texts(his)).toEqual(["before", "answer lost"]);
    expect(hers.alarm).toBeNull();
  });

  it("is begun anew by a session that cannot know what became of it", async () => {
    const { hers, his } = await left("restart");
    fate = (url) => (url.includes("/rpc/send_messages") ? "is lost" : "passes");
    const { said } = listen(hers);
    const waiting = hers.send("before the restart").catch((error: unknown) => error);
    expect(await said.take()).toMatchObject({ status: "pending" });
    await expect.poll(() => posts().length).toBeGreaterThan(0);
    people.ada = await restarted(kit, people.ada, { fetch: throughFate });
    expect(await waiting).toMatchObject(refusal("NETWORK_ABORTED"));
    fate = () => "passes";
    const again = await people.ada.trackit.rooms.get(hers.id);
    await again.send("after it");
    await people.ben.trackit.rooms.get(his.id);
    expect(await texts(his)).toEqual(["before", "before the restart", "after it"]);
    expect((await his.history().toArray()).map(({ gap }) => gap)).toEqual([0, 0, 0]);
    expect(again.alarm).toBeNull();
  });
});

describe("a server that lies", () => {
  it("takes the last rows back: ada is told, and sends nothing more into that room", async () => {
    const { hers } = await together("shorter");
    await hers.send("first");
    await hers.send("second");
    await kit.sql`delete from messages where room_id = ${hers.id} and seq = (select last_seq from rooms where id = ${hers.id})`;
    await kit.sql`update rooms set last_seq = last_seq - 1 where id = ${hers.id}`;
    const alarms: ChatAlarm[] = [];
    hers.on("alarm", (alarm) => alarms.push(alarm));
    await expect(hers.send("third")).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
    expect(alarms).toMatchObject([{ kind: "history", roomId: hers.id }]);
    people.ada = await restarted(kit, people.ada, { fetch: throughFate });
    const again = await people.ada.trackit.rooms.get(hers.id);
    await expect(again.send("fourth")).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
  });

  it("shows ben another history than ada's: whoever sees the difference first sends nothing more", async () => {
    const { hers, his } = await together("forked");
    await hers.send("first");
    const [before] = await kit.sql`select last_seq, transcript from rooms where id = ${hers.id}`;
    await hers.send("second");
    await kit.sql`delete from messages where room_id = ${hers.id} and seq > ${before?.last_seq}`;
    await kit.sql`update rooms set ${kit.sql(before ?? {}, "last_seq", "transcript")} where id = ${hers.id}`;
    await people.ben.trackit.rooms.get(his.id);
    await his.send("what ada cannot have seen");
    const alarms: ChatAlarm[] = [];
    hers.on("alarm", (alarm) => alarms.push(alarm));
    await expect(hers.send("third")).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
    expect(alarms).toMatchObject([{ kind: "history", roomId: hers.id }]);
  });

  it("is told from a member who lies about what they have seen: ada is warned, and may go on", async () => {
    const { hers, his } = await together("slander");
    await hers.send("first");
    await lyingAbout(people.ben, his.id, "I have seen something else");
    await people.ada.trackit.rooms.get(hers.id);
    expect(hers.alarm).toMatchObject({ kind: "history", userId: people.ben.id });
    await expect(hers.send("second")).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
    await hers.goOn();
    await hers.send("third");
    people.ada = await restarted(kit, people.ada, { fetch: throughFate });
    const again = await people.ada.trackit.rooms.get(hers.id);
    expect(again.alarm).toBeNull();
    expect(await texts(again)).toEqual(["first", "I have seen something else", "third", "second"]);
  });

  it("answers a search for ben with cem: ada brings nobody in", async () => {
    const { ada, ben, cem } = people;
    const [taken] = await kit.sql`select username from profiles where id = ${ben.id}`;
    await kit.sql`update profiles set username = username || '-x' where id = ${ben.id}`;
    await kit.sql`update profiles set username = ${taken?.username} where id = ${cem.id}`;
    const fooled = ada.trackit.rooms.create({ members: [ben.username] });
    await expect(fooled).rejects.toMatchObject(refusal("CRYPTO_IDENTITY", { details: { userId: cem.id } }));
    await kit.sql`update profiles set username = ${cem.username} where id = ${cem.id}`;
    await kit.sql`update profiles set username = ${taken?.username} where id = ${ben.id}`;
  });

  it("is suspected when ben begins anew, until ada accepts what he says is his", async () => {
    const { ada, ben } = people;
    await ada.trackit.rooms.direct(ben.id);
    await ben.trackit.devices.startOver({ confirm: true });
    await expect(ada.trackit.rooms.direct(ben.username)).rejects.toMatchObject(refusal("CRYPTO_IDENTITY"));
    const number = await ben.trackit.devices.safetyNumber(ada.username);
    expect(await ada.trackit.devices.safetyNumber(ben.username)).toBe(number);
    await ada.trackit.devices.accept(ben.username);
    const room = await ada.trackit.rooms.direct(ben.username);
    await room.send("is it you?");
    expect(await texts(await ben.trackit.rooms.direct(ada.username))).toEqual(["is it you?"]);
  });
});
