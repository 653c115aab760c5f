/** A room of many: everybody reads, one is put out, and the others read on. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { clocks } from "../../sdk/src/live/clocks.ts";
import { makeDevice } from "../../sdk/src/store/keys/device.ts";
import { keystoreOn } from "../../sdk/src/store/keys/engine.ts";
import { memoryShelf } from "../../sdk/src/store/keys/memory.ts";
import type { Device } from "../../sdk/src/store/keys/shelf.ts";
import type { Keystore } from "../../sdk/src/store/keys/types.ts";
import { listen, type Talker, texts } from "../story/chat-kit.ts";
import { refusal, type SdkKit, startSdkKit } from "../story/sdk-kit.ts";

/** By command TRACKIT_MEMBERS=200 npx vitest run --project long tests/long/chat-crowd.test.ts */
const members = Number(process.env.TRACKIT_MEMBERS ?? 50);
const AT_ONCE = 5;

let kit: SdkKit;
let cheap: Device;
beforeAll(async () => {
  // So many clients that listen look for lost rows less often.
  clocks.headCheck = 20_000;
  [kit, cheap] = await Promise.all([startSdkKit(), makeDevice()]);
});
afterAll(() => kit?.stop());

/** Keys of one's own to sign with, and one RSA key for all: making those is what takes its time. */
function cheapKeystore(name: string): Keystore {
  let device: Promise<Device> | null = null;
  const make = async (): Promise<Device> => {
    const how = { name: "ECDSA", namedCurve: "P-256" };
    const { publicKey, privateKey } = await crypto.subtle.generateKey(how, false, ["sign", "verify"]);
    const sign = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
    return { ...cheap, sign: privateKey, public: { ...cheap.public, sign } };
  };
  const makeOnce = () => {
    device ??= make();
    return device;
  };
  const shelf = { ...memoryShelf(), device: async () => device, makeDevice: makeOnce };
  return keystoreOn(shelf, name, "memory");
}

async function person(name: string): Promise<Talker> {
  const keystore = cheapKeystore(name);
  const joined = await kit.join(name, kit.trackit({ chat: { keystore } }));
  await joined.trackit.devices.me();
  return { ...joined, keystore };
}

/** One after the other in a few lines side by side. */
async function inLines<Item, Answer>(
  items: readonly Item[],
  work: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  let next = 0;
  const line = async (): Promise<void> => {
    while (next < items.length) {
      const at = next++;
      answers[at] = await work(items[at] as Item);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  return answers;
}

it(`${members} members read the first message; one is removed, and ${members - 1} read on`, async () => {
  const crowd = await inLines(
    Array.from({ length: members - 1 }, (_, at) => `runner${at}`),
    person,
  );
  const ada = await person("ada");
  const room = await ada.trackit.rooms.create({ name: "Marathon", members: crowd.map(({ id }) => id) });
  await room.send("welcome, all of you");
  const rooms = await inLines(crowd, async ({ trackit }) => trackit.rooms.get(room.id));
  for (const one of rooms) {
    expect([one.name, one.members.length, await texts(one)]).toEqual([
      "Marathon",
      members,
      ["welcome, all of you"],
    ]);
  }
  const [out, ...stay] = crowd.map((who, at) => ({ who, room: rooms[at] as typeof room }));
  if (!out) throw new Error("at least two members are wanted");
  const heard = stay.map((one) => ({ ...one, ...listen(one.room) }));
  // Told once its channel is open, each has heard what was said before the removal.
  await room.send("any last words?");
  for (const { said } of heard) expect(await said.take()).toMatchObject({ text: "any last words?" });
  await room.remove(out.who.username);
  await room.send("without the one");
  for (const { said } of heard)
    expect(await said.take()).toMatchObject({ text: "without the one", status: "sent", gap: 0 });
  await expect(out.who.trackit.rooms.get(room.id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
  // Everybody has the same room, and the last one can answer.
  const last = stay.at(-1);
  await last?.room.send("49 of us");
  const all = ["welcome, all of you", "any last words?", "without the one", "49 of us"];
  for (const { said, room: one } of heard) {
    const { text } = await said.take();
    expect(text).toBe("49 of us");
    if (one !== last?.room) expect(await texts(one)).toEqual(all);
    expect(one.members.length).toBe(members - 1);
    expect(one.alarm).toBeNull();
  }
  const [{ count } = { count: 0 }] = await kit.sql<{ count: number }[]>`
    select count(*)::int as count from epoch_recipients r
    where room_id = ${room.id} and epoch = (select max(epoch) from room_epochs where room_id = ${room.id})`;
  expect(count).toBe(members - 1);
}, 600_000);
