import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TrackIt } from "../../sdk/src/index.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import type { Keystore } from "../../sdk/src/store/keys/types.ts";
import { type Talker, talker, texts } from "../story/chat-kit.ts";
import { PASSWORD, refusal, type SdkKit, startSdkKit } from "../story/sdk-kit.ts";

let kit: SdkKit;
let [cem]: Talker[] = [];
beforeAll(async () => {
  kit = await startSdkKit();
  cem = await talker(kit, "cem");
});
afterAll(() => kit?.stop());

/** What one browser keeps, by project and user, and a page in it. */
function browser() {
  const kept = new Map<string, Keystore>();
  const line = { isDown: false };
  const keystore = async (name: string): Promise<Keystore> => {
    const own = kept.get(name) ?? memoryKeystore(name);
    kept.set(name, own);
    return own;
  };
  const throughLine: typeof fetch = async (input, init) => {
    if (line.isDown) throw new TypeError("fetch failed");
    return fetch(input, init);
  };
  const page = kit.trackit({ fetch: throughLine, chat: { keystore } });
  const of = (id: string) => [...kept].find(([name]) => name.endsWith(`:${id}`))?.[1];
  return { page, line, of };
}

const signIn = (page: TrackIt, { email }: { email: string }) =>
  page.auth.signIn({ email, password: PASSWORD });

describe("two people who use one browser", () => {
  it("see nothing of each other, and what ada wrote without a line is sent when she is back, by her", async () => {
    const [ada, ben] = [await kit.register("ada"), await kit.register("ben")];
    const { line, of, page } = browser();
    await signIn(page, ben);
    const bens = await page.rooms.create({ name: "Ben's" });
    await bens.send("only mine");
    const { id: device } = await page.devices.me();
    await page.auth.signOut();

    await signIn(page, ada);
    expect(await page.rooms.list().toArray()).toEqual([]);
    await expect(page.rooms.get(bens.id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    const both = await page.rooms.create({ name: "Both", members: [ben.username, cem?.username ?? ""] });
    line.isDown = true;
    const sent = both.send("written by ada");
    sent.catch(() => {});
    await expect.poll(() => of(ada.id)?.list("outbox/"), { timeout: 60_000 }).toHaveLength(1);
    await page.auth.signOut().catch(() => {});
    line.isDown = false;

    // Ben is in that room as well: what ada wrote goes out neither in his name nor in hers.
    await signIn(page, ben);
    await expect(sent).rejects.toMatchObject({ name: "TrackItError" });
    const his = await page.rooms.get(both.id);
    await his.send("written by ben");
    expect(await texts(his)).toEqual(["written by ben"]);
    expect((await page.devices.me()).id).toBe(device);
    expect(await of(ben.id)?.list("outbox/")).toEqual([]);
    await page.auth.signOut();
    await signIn(page, ada);
    const hers = await page.rooms.get(both.id);
    await expect.poll(() => texts(hers), { timeout: 60_000 }).toEqual(["written by ben", "written by ada"]);
  });

  it("are told where an app gives them one keystore", async () => {
    const [ada, ben] = [await kit.register("ada"), await kit.register("ben")];
    const page = kit.trackit({ chat: { keystore: memoryKeystore("one") } });
    await signIn(page, ada);
    await page.devices.me();
    await page.auth.signOut();
    await signIn(page, ben);
    await expect(page.devices.me()).rejects.toMatchObject(refusal("USAGE_INVALID", { field: "keystore" }));
    await page.auth.signOut();
    await signIn(page, ada);
    expect(await page.devices.me()).toMatchObject({ here: true });
  });
});

describe("who signs out and wipes", () => {
  it("leaves no key, draft or pin here, their device is ended, and nobody else loses anything", async () => {
    const [ada, ben] = [await kit.register("ada"), await kit.register("ben")];
    const { of, page } = browser();
    await signIn(page, ben);
    const { id: device } = await page.devices.me();
    await (await page.rooms.self()).send("note to self");
    await page.auth.signOut();
    await signIn(page, ada);
    const room = await page.rooms.create({ name: "Hers", members: [cem?.username ?? ""] });
    await room.send("before");
    const wiped = of(ada.id);
    // Also for a client that has not used chat since it started.
    const later = kit.trackit({ chat: { keystore: async () => wiped ?? memoryKeystore() } });
    await page.close();
    await signIn(later, ada);
    await later.auth.signOut({ local: "wipe" });
    expect(await wiped?.device()).toBeNull();
    expect(await wiped?.list("")).toEqual([]);
    expect(await wiped?.secrets("")).toEqual([]);
    const ended = await kit.sql`select 1 from devices where user_id = ${ada.id} and revoked_seq is null`;
    expect(ended).toHaveLength(0);
    expect(await of(ben.id)?.device()).not.toBeNull();

    const again = kit.trackit({ chat: { keystore: async () => of(ben.id) ?? memoryKeystore() } });
    await signIn(again, ben);
    expect((await again.devices.me()).id).toBe(device);
    expect(await texts(await again.rooms.self())).toEqual(["note to self"]);
    // What ada lost is lost; the account is not.
    const back = kit.trackit({ chat: { keystore: memoryKeystore("back") } });
    await signIn(back, ada);
    await expect(back.rooms.get(room.id)).rejects.toMatchObject(refusal("CRYPTO_DEVICE"));
    await back.devices.startOver({ confirm: true });
    await (await back.rooms.create({ name: "anew" })).send("here I am");
  });

  it("is wiped without a line as well; what waited to be sent is never sent", async () => {
    const ada = await kit.register("ada");
    const { line, of, page } = browser();
    await signIn(page, ada);
    const room = await page.rooms.create({ name: "Hers", members: [cem?.username ?? ""] });
    line.isDown = true;
    const sent = room.send("never");
    sent.catch(() => {});
    await expect.poll(() => of(ada.id)?.list("outbox/"), { timeout: 60_000 }).toHaveLength(1);
    await page.auth.signOut({ local: "wipe" }).catch(() => {});
    await expect(sent).rejects.toMatchObject({ name: "TrackItError" });
    await expect(room.send("nor this")).rejects.toMatchObject({ name: "TrackItError" });
    expect(await of(ada.id)?.list("")).toEqual([]);
    expect(await of(ada.id)?.device()).toBeNull();
    line.isDown = false;
    expect(await texts(await (cem as Talker).trackit.rooms.get(room.id))).toEqual([]);
  });
});
