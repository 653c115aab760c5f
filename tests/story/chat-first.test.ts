import { afterAll, beforeAll, expect, it } from "vitest";
import type { Message } from "../../sdk/src/index.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import { Inbox } from "./realtime-wait.ts";
import { type Person, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
beforeAll(async () => {
  kit = await startSdkKit();
});
afterAll(() => kit?.stop());

async function join(name: string): Promise<Person> {
  const keystore = memoryKeystore(name);
  return kit.join(name, kit.trackit({ chat: { keystore } }));
}

it("ada makes a room with ben, and they talk", async () => {
  const [ada, ben] = [await join("ada"), await join("ben")];
  await ben.trackit.devices.me();
  const room = await ada.trackit.rooms.create({ name: "Training", members: [ben.username] });
  const first = await room.send("first run at six");
  expect(first).toMatchObject({ status: "sent", text: "first run at six", from: { own: true } });

  const [listed] = await ben.trackit.rooms.list().toArray();
  expect(listed).toMatchObject({ id: room.id, name: "Training", unread: 1 });
  const bens = await ben.trackit.rooms.get(room.id);
  const heard = new Inbox<Message>();
  bens.on("message", heard.put);
  expect((await bens.history().toArray()).map(({ text, from }) => [text, from.username])).toEqual([
    ["first run at six", ada.username],
  ]);
  const back = new Inbox<Message>();
  room.on("message", back.put);
  await room.send("or seven?");
  expect((await heard.take()).text).toBe("or seven?");
  await bens.send("seven");
  expect(await heard.take()).toMatchObject({ text: "seven", status: "pending" });
  expect(await back.take()).toMatchObject({ text: "or seven?", status: "pending" });
  expect(await back.take()).toMatchObject({
    text: "seven",
    status: "sent",
    from: { username: ben.username },
  });
});
