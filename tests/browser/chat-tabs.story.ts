import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import type { ChatAlarm, Message, Room } from "../../sdk/src/index.ts";
import { eventually, type House } from "./house.ts";
import { openSdk, signIn } from "./sdk.story.ts";

declare global {
  interface Window {
    room: Room;
    /** Every message that the page was told of, as often as it was. */
    said: Pick<Message, "id" | "text">[];
    alarms: ChatAlarm[];
  }
}

/** A tab that follows a room, and keeps what it is told. */
async function follow(page: Page, id: string): Promise<void> {
  await page.evaluate(async (room) => {
    Object.assign(window, { said: [], alarms: [], room: await window.trackit.rooms.get(room) });
    window.room.on("message", ({ id: message, text }) => window.said.push({ id: message, text }));
    window.room.on("alarm", (alarm) => window.alarms.push(alarm));
    window.trackit.devices.on("alarm", (alarm) => window.alarms.push(alarm));
  }, id);
}

/** What stands in the room by this page, oldest first. */
const standing = (page: Page) =>
  page.evaluate(async () => {
    const all = await window.room.history().toArray();
    return all.reverse().map(({ gap, id, status, text }) => ({ gap, id, status, text }));
  });

const say = (page: Page, ...texts: string[]) =>
  page.evaluate(async (all) => {
    await Promise.all(all.map((text) => window.room.send(text)));
  }, texts);

/** Two tabs of one profile are one device: one keystore, in IndexedDB, and Web Locks between them. */
export function chatTabsStory(house: () => House): void {
  test("two of ada's tabs send, edit, read and change who is there; each message is there once, and nobody is warned", async () => {
    const [ada, ben, cem] = [
      await house().person("tabs-of-ada"),
      await house().person("tabs-ben"),
      await house().person("tabs-cem"),
    ];
    const [mine, hisVisit, cems] = [await house().visit(), await house().visit(), await house().visit()];
    const [his, other] = [await openSdk(house(), hisVisit.page), await openSdk(house(), cems.page)];
    for (const [page, person] of [
      [his, ben],
      [other, cem],
    ] as const) {
      await signIn(page, person, "device");
      await page.evaluate(() => window.trackit.devices.me());
    }
    await cems.close();
    const left = await openSdk(house(), mine.page);
    await signIn(left, ada, "device");
    const room = await left.evaluate(
      async (member) => (await window.trackit.rooms.create({ name: "Tabs", members: [member] })).id,
      ben.username,
    );
    const right = await openSdk(house(), await mine.tab());
    await Promise.all([left, right, his].map((page) => follow(page, room)));
    const [one, two] = await Promise.all(
      [left, right].map((page) => page.evaluate(async () => (await window.trackit.devices.me()).id)),
    );
    expect(one).toBe(two);

    const wanted = ["left 1", "left 2", "left 3", "right 1", "right 2", "right 3"];
    await Promise.all([say(left, ...wanted.slice(0, 3)), say(right, ...wanted.slice(3))]);
    await left.evaluate(async () => {
      const all = await window.room.history().toArray();
      const first = all.find(({ text }) => text === "left 1");
      if (first) await window.room.edit(first, "left one");
    });
    await Promise.all([
      left.evaluate(() => window.room.markRead()),
      right.evaluate(async (member) => {
        await window.room.add(member);
        await window.room.markRead();
      }, cem.username),
    ]);
    // What is written before a tab has seen who came in would be held.
    await eventually(() => left.evaluate(() => window.room.members.length)).toBe(3);
    wanted.splice(0, 1, "left one");

    // Without a line the left tab writes, and is closed: the right one sends that when the line is back.
    await mine.page.context().setOffline(true);
    await left.evaluate(() => {
      window.room.send("before I close").catch(() => {});
    });
    await eventually(() => standing(left).then((all) => all.at(-1)?.status)).toBe("pending");
    const told = await left.evaluate(() => ({ said: window.said, alarms: window.alarms }));
    await left.close();
    await mine.page.context().setOffline(false);
    await say(right, "after it was closed");
    wanted.push("after it was closed", "before I close");

    for (const page of [right, his]) {
      await eventually(async () => (await standing(page)).map(({ text }) => text).sort()).toEqual(
        wanted.sort(),
      );
      const all = await standing(page);
      expect(all.map(({ status }) => status)).toEqual(all.map(() => "sent"));
      expect(Math.max(...all.map(({ gap }) => gap))).toBe(0);
      const { alarms, said } = await page.evaluate(() => ({ said: window.said, alarms: window.alarms }));
      expect(new Set(said.map(({ id }) => id)).size).toBe(said.length);
      expect(said).toHaveLength(wanted.length);
      expect([alarms, await page.evaluate(() => window.room.alarm)]).toEqual([[], null]);
    }
    expect(new Set(told.said.map(({ id }) => id)).size).toBe(told.said.length);
    expect(told.alarms).toEqual([]);
    expect([...mine.faults, ...hisVisit.faults]).toEqual([]);
    await Promise.all([mine.close(), hisVisit.close()]);
  });

  test("who signs out and wipes leaves nothing of theirs in the browser, and everything of the other's", async () => {
    const [ada, ben] = [await house().person("wipes-ada"), await house().person("stays-ben")];
    const visit = await house().visit();
    const page = await openSdk(house(), visit.page);
    const use = (note: string) =>
      page.evaluate(async (text) => {
        await (await window.trackit.rooms.self()).send(text);
        return (await window.trackit.devices.me()).id;
      }, note);
    await signIn(page, ben, "device");
    const device = await use("ben's note");
    await page.evaluate(() => window.trackit.auth.signOut());
    await signIn(page, ada, "device");
    await use("ada's note");
    // A tab that is open beside it holds on to nothing either.
    const beside = await openSdk(house(), await visit.tab());
    await beside.evaluate(() => window.trackit.devices.me());
    await page.evaluate(() => window.trackit.auth.signOut({ local: "wipe" }));
    await signIn(page, ada, "device");
    const refused = await page.evaluate(() =>
      window.trackit.rooms.self().then(
        () => null,
        (error: { code: string }) => error.code,
      ),
    );
    expect(refused).toBe("CRYPTO_DEVICE");
    await page.evaluate(() => window.trackit.auth.signOut());
    await signIn(page, ben, "device");
    expect(await page.evaluate(async () => (await window.trackit.devices.me()).id)).toBe(device);
    const notes = await page.evaluate(async () => {
      const self = await window.trackit.rooms.self();
      return (await self.history().toArray()).map(({ text }) => text);
    });
    expect(notes).toEqual(["ben's note"]);
    expect(visit.faults).toEqual([]);
    await visit.close();
  });
}
