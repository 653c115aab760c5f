import { afterAll, beforeAll, expect, it } from "vitest";
import type { ChatAlarm, Message, Room, TrackIt } from "../../sdk/src/index.ts";
import { type Talker, talker, texts } from "../story/chat-kit.ts";
import { Inbox } from "../story/realtime-wait.ts";
import { PASSWORD, type SdkKit, startSdkKit } from "../story/sdk-kit.ts";

let kit: SdkKit;
let people: { ada: Talker; ben: Talker; cem: Talker };
beforeAll(async () => {
  kit = await startSdkKit();
  const [ada, ben, cem] = await Promise.all([talker(kit, "ada"), talker(kit, "ben"), talker(kit, "cem")]);
  people = { ada, ben, cem };
});
afterAll(() => kit?.stop());

interface Line {
  isDown: boolean;
  /** Calls that do not come through; every one when left out. */
  only?: string;
  /** They come back refused for good. */
  isRefused?: boolean;
}

/** One more tab of ada's browser: a client of its own over the keystore that all of them have. */
async function tab(line: Line = { isDown: false }): Promise<TrackIt> {
  const { email, keystore } = people.ada;
  const throughLine: typeof fetch = async (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    if (!line.isDown || !url.endsWith(line.only ?? "")) return fetch(input, init);
    if (!line.isRefused) throw new TypeError("fetch failed");
    const refusal = {
      code: "TK604",
      message: "ACCESS_DENIED: a message is signed by a device of its sender",
    };
    return new Response(JSON.stringify(refusal), { status: 400 });
  };
  const trackit = kit.trackit({ fetch: throughLine, chat: { keystore } });
  await trackit.auth.signIn({ email, password: PASSWORD });
  return trackit;
}

/** A room in a tab, and all that the tab is told of it. */
async function watched(trackit: TrackIt, id: string) {
  const room = await trackit.rooms.get(id);
  const [said, alarms] = [new Inbox<Message>(), [] as ChatAlarm[]];
  room.on("message", said.put);
  room.on("alarm", (alarm) => alarms.push(alarm));
  trackit.devices.on("alarm", (alarm) => alarms.push(alarm));
  return { room, said, alarms };
}

/** Says something, to whoever has come in meanwhile as well. */
async function insist(room: Room, text: string): Promise<void> {
  await room.send(text).catch(async () => {
    const all = await room.history().toArray();
    await room.release(all.find((one) => one.status === "held" && one.text === text) ?? "");
  });
}

/** Numbers that ada's device has signed in a room, in the order of the rows. */
const numbers = async (room: Room) =>
  (
    await kit.sql`
      select m.device_seq::int as n from messages m join devices d on d.id = m.device_id
      where m.room_id = ${room.id} and d.user_id = ${people.ada.id} order by m.seq`
  ).map(({ n }) => n);

/** What ada's tabs keep of a room until it is sent. */
const waiting = ({ id }: Room) => people.ada.keystore.list(`outbox/${id.replaceAll("-", "")}/`);

it("two of ada's tabs send, edit, read and change who is there at once: each number once, each message once, no alarm", async () => {
  const { ada, ben, cem } = people;
  const made = await ada.trackit.rooms.create({ name: "tabs", members: [ben.id] });
  const tabs = await Promise.all([tab(), tab()]);
  const [left, right] = await Promise.all(tabs.map((one) => watched(one, made.id)));
  if (!left || !right) throw new Error("two tabs are wanted");
  const his = await watched(ben.trackit, made.id);
  const say = (room: Room, who: string) =>
    Promise.all([1, 2, 3, 4].map((number) => room.send(`${who} ${number}`)));
  const [first] = await Promise.all([say(left.room, "left"), say(right.room, "right")]);
  const [edited] = first;
  await left.room.edit(edited ?? "", "left one");
  await Promise.all([
    right.room.add(cem.id),
    insist(left.room, "left 5"),
    right.room.markRead(),
    insist(his.room, "I am here, too"),
    left.room.markRead(),
  ]);
  // Whoever writes has seen who is there; else what is written would be held.
  for (const one of tabs) await (await one.rooms.get(made.id)).send("last of this tab");
  const wanted = (await texts(await ada.trackit.rooms.get(made.id))).sort();
  for (const { room, said, alarms } of [left, right, his]) {
    await expect.poll(async () => (await texts(room)).sort(), { timeout: 60_000 }).toEqual(wanted);
    await expect
      .poll(() => new Set(said.all.map(({ id }) => id)).size, { timeout: 60_000 })
      .toBe(wanted.length);
    expect(said.all.length, "messages told, each once").toBe(new Set(said.all.map(({ id }) => id)).size);
    expect([room.alarm, alarms]).toEqual([null, []]);
  }
  const signed = await numbers(made);
  expect(signed).toEqual(signed.map((_, index) => index + 1));
  const gaps = (await his.room.history().toArray()).map(({ gap }) => gap);
  expect(Math.max(...gaps)).toBe(0);
});

it("what one tab wrote without a line, and another finds, is sent by one of them, once", async () => {
  const { ada, ben } = people;
  const made = await ada.trackit.rooms.create({ name: "offline", members: [ben.id] });
  const line = { isDown: false };
  const tabs = await Promise.all([tab(line), tab(line)]);
  const [left, right] = await Promise.all(tabs.map((one) => watched(one, made.id)));
  if (!left || !right) throw new Error("two tabs are wanted");
  line.isDown = true;
  const sends = [
    left.room.send("from the left"),
    left.room.send("and this"),
    right.room.send("from the right"),
  ];
  await expect.poll(() => waiting(made), { timeout: 60_000 }).toHaveLength(3);
  // The line is back just as a third tab finds what waits.
  const another = await tab();
  line.isDown = false;
  const [third] = await Promise.all([watched(another, made.id), ...sends]);
  for (const { room, said, alarms } of [left, right, third]) {
    await expect
      .poll(async () => (await texts(room)).sort(), { timeout: 60_000 })
      .toEqual(["and this", "from the left", "from the right"]);
    expect(said.all.length).toBe(new Set(said.all.map(({ id }) => id)).size);
    expect([room.alarm, alarms]).toEqual([null, []]);
  }
  expect(await numbers(made)).toEqual([1, 2, 3]);
  expect(await waiting(made)).toEqual([]);
});

it("what a tab wrote before it was closed goes out from another one that is open", async () => {
  const { ada, ben } = people;
  const made = await ada.trackit.rooms.create({ name: "closed", members: [ben.id] });
  const [line, other] = [{ isDown: false }, { isDown: false }];
  const [closing, staying] = [await tab(line), await tab(other)];
  const { room } = await watched(closing, made.id);
  const stays = await watched(staying, made.id);
  // The other one would send it the moment that it is there.
  line.isDown = other.isDown = true;
  const sent = room.send("before I go");
  sent.catch(() => {});
  await expect.poll(() => waiting(made), { timeout: 60_000 }).toHaveLength(1);
  await closing.close();
  await expect(sent).rejects.toMatchObject({ code: "NETWORK_ABORTED" });
  other.isDown = false;
  await stays.room.send("I am still here");
  await expect
    .poll(() => texts(stays.room), { timeout: 60_000 })
    .toEqual(expect.arrayContaining(["before I go", "I am still here"]));
  expect(stays.said.all.map(({ text }) => text).sort()).toEqual(["I am still here", "before I go"]);
  expect(await texts(await ben.trackit.rooms.get(made.id))).toHaveLength(2);
  expect(await numbers(made)).toEqual([1, 2]);
});

it("an epoch that moves while both tabs have something to say costs no number and raises no alarm", async () => {
  const { ada, ben, cem } = people;
  const made = await ada.trackit.rooms.create({ name: "moving", members: [ben.id, cem.id] });
  const all = await Promise.all((await Promise.all([tab(), tab()])).map((one) => watched(one, made.id)));
  for (const role of ["admin", "member", "admin"] as const) {
    await Promise.all([
      ...all.map(({ room }, index) => room.send(`tab ${index}, cem is ${role}`)),
      made.setRole(cem.id, role),
    ]);
  }
  const wanted = (await texts(await ben.trackit.rooms.get(made.id))).sort();
  expect(wanted).toHaveLength(6);
  for (const { room, alarms } of all) {
    await expect.poll(async () => (await texts(room)).sort(), { timeout: 60_000 }).toEqual(wanted);
    expect([room.alarm, alarms]).toEqual([null, []]);
  }
  expect(await numbers(made)).toEqual([1, 2, 3, 4, 5, 6]);
});

it("what a tab has signed and could not send is signed anew by another in the next epoch, and ada's device is no copy", async () => {
  const { ada, ben, cem } = people;
  const made = await ada.trackit.rooms.create({ name: "signed anew", members: [ben.id, cem.id] });
  const [line, other] = [{ isDown: true, only: "/rpc/send_messages" }, { isDown: false }];
  const [left, right] = await Promise.all(
    (await Promise.all([tab(line), tab(other)])).map((one) => watched(one, made.id)),
  );
  if (!left || !right) throw new Error("two tabs are wanted");
  // The other one would send it the moment that it is there.
  other.isDown = true;
  const sent = left.room.send("signed in the first epoch");
  const isSigned = async () =>
    (await waiting(made)).some(([, value]) => new TextDecoder().decode(value).includes('"epoch":1'));
  await expect.poll(isSigned, { timeout: 60_000 }).toBe(true);
  await made.setRole(cem.id, "admin");
  other.isDown = false;
  await right.room.send("in the second");
  await sent;
  for (const { room, alarms } of [left, right]) {
    await expect
      .poll(() => texts(room), { timeout: 60_000 })
      .toEqual(["signed in the first epoch", "in the second"]);
    expect([room.alarm, alarms]).toEqual([null, []]);
  }
  expect(await numbers(made)).toEqual([1, 2]);
});

it("what one tab has signed for both goes out from the other in the order of its numbers, and each counts", async () => {
  const { ada, ben } = people;
  const made = await ada.trackit.rooms.create({ name: "signed for both", members: [ben.id] });
  const [signing, sending] = [{ isDown: true, only: "/rpc/send_messages" }, { isDown: false }];
  const [left, right] = await Promise.all(
    (await Promise.all([tab(signing), tab(sending)])).map((one) => watched(one, made.id)),
  );
  if (!left || !right) throw new Error("two tabs are wanted");
  // The right one has nothing but its own at hand; the left one finds that, and signs both.
  sending.isDown = true;
  const sends = [right.room.send("from the right")];
  await expect.poll(() => waiting(made), { timeout: 60_000 }).toHaveLength(1);
  sends.push(left.room.send("from the left"));
  const signed = async () =>
    (await waiting(made)).filter(([, value]) => new TextDecoder().decode(value).includes('"epoch":1'));
  await expect.poll(signed, { timeout: 60_000 }).toHaveLength(2);
  sending.isDown = false;
  sends.push(right.room.send("and more"));
  expect((await Promise.all(sends)).map(({ status }) => status)).toEqual(["sent", "sent", "sent"]);
  expect(await numbers(made)).toEqual([1, 2, 3]);
  const his = await (await ben.trackit.rooms.get(made.id)).history().toArray();
  expect(his.map(({ status, gap }) => [status, gap])).toEqual([1, 2, 3].map(() => ["sent", 0]));
  expect([left.alarms, right.alarms]).toEqual([[], []]);
});

it("what was signed and refused is signed anew when it is released after other words, and counts", async () => {
  const { ada, ben } = people;
  const made = await ada.trackit.rooms.create({ name: "refused", members: [ben.id] });
  const [line, other] = [{ isDown: true, only: "/rpc/send_messages", isRefused: true }, { isDown: false }];
  const [left, right] = await Promise.all(
    (await Promise.all([tab(line), tab(other)])).map((one) => watched(one, made.id)),
  );
  if (!left || !right) throw new Error("two tabs are wanted");
  // The other one would send it the moment that it is there.
  other.isDown = true;
  await expect(left.room.send("refused")).rejects.toMatchObject({ code: "ACCESS_DENIED" });
  other.isDown = false;
  await right.room.send("meanwhile");
  line.isDown = false;
  const failed = (await left.room.history().toArray()).find(({ status }) => status === "failed");
  expect(await left.room.release(failed ?? "")).toMatchObject({ status: "sent", text: "refused" });
  expect(await numbers(made)).toEqual([2, 3]);
  expect(await texts(await ben.trackit.rooms.get(made.id))).toEqual(["meanwhile", "refused"]);
  expect([left.alarms, right.alarms]).toEqual([[], []]);
});
