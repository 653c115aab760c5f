import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Present, TrackIt } from "../../sdk/src/index.ts";
import { cuttingProxy } from "../support/cutting-proxy.ts";
import { Inbox } from "./realtime-wait.ts";
import { makes, PASSWORD, refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
beforeAll(async () => {
  kit = await startSdkKit();
});
afterAll(() => kit.stop());

interface Where {
  [key: string]: string;
  page: string;
}

async function ada(laptop: TrackIt) {
  const { trackit: phone, email } = await kit.join("here-ada");
  await laptop.auth.signIn({ email, password: PASSWORD });
  return { phone, laptop };
}

async function enter(trackit: TrackIt, page: string) {
  const seen = new Inbox<string[]>();
  const here = trackit.presence<Where>({ page });
  here.on("change", (others: Present<Where>[]) => seen.put(others.map(({ payload }) => payload.page).sort()));
  await here.ready;
  return { here, seen };
}

const pages = (others: Present<Where>[]): string[] => others.map(({ payload }) => payload.page).sort();

describe.each(makes)("ada's devices, one with a client from %s", (make) => {
  it("see each other come, go to other pages, and leave", async () => {
    const { phone, laptop } = await ada(kit.made(make));
    const first = await enter(laptop, "goals");
    expect(first.here.others()).toEqual([]);
    const second = await enter(phone, "tasks");
    expect(await first.seen.take()).toEqual(["tasks"]);
    await expect.poll(() => pages(second.here.others())).toEqual(["goals"]);
    second.here.update({ page: "profile" });
    expect(await first.seen.take()).toEqual(["profile"]);
    const tab = await enter(phone, "activity");
    expect(await first.seen.take()).toEqual(["activity", "profile"]);
    // A device does not meet itself.
    expect(pages(tab.here.others())).toEqual(["goals"]);
    await second.here.leave();
    expect(await first.seen.take()).toEqual(["activity"]);
    await phone.close();
    expect(await first.seen.take()).toEqual([]);
    expect(second.here.others()).toEqual([]);
  });
});

describe("presence", () => {
  it("is not seen by others' devices, and ends with the session", async () => {
    const { phone, laptop } = await ada(kit.trackit());
    const eve = await kit.join("here-eve");
    const hers = await enter(laptop, "goals");
    const { here } = await enter(eve.trackit, "goals");
    await enter(phone, "tasks");
    expect(await hers.seen.take()).toEqual(["tasks"]);
    expect(here.others()).toEqual([]);
    const ended = new Inbox<unknown>();
    phone.presence({ page: "x" }, { onError: ended.put });
    await phone.auth.signOut();
    expect(await ended.take()).toMatchObject(refusal("AUTH_REQUIRED"));
    await expect(phone.presence({ page: "x" }).ready).rejects.toMatchObject(refusal("AUTH_REQUIRED"));
  });

  it("comes back with the connection, and follows the topic when a session ends", async () => {
    const proxy = await cuttingProxy(kit.stack.env.API_URL);
    const { phone, laptop } = await ada(kit.trackit({ url: proxy.url }));
    const { seen } = await enter(phone, "tasks");
    await enter(laptop, "goals");
    expect(await seen.take()).toEqual(["goals"]);
    proxy.set("down");
    expect(await seen.take()).toEqual([]);
    proxy.set("open");
    expect(await seen.take()).toEqual(["goals"]);
    const { data } = await phone.supabase.auth.getSession();
    await kit.sql`delete from auth.sessions where user_id = ${data.session?.user.id ?? ""}
      and id <> ${String(JSON.parse(atob(data.session?.access_token.split(".")[1] ?? "")).session_id)}`;
    expect(await seen.take("the laptop's end")).toEqual([]);
    await laptop.close();
    await proxy.close();
  });

  it("says what is said often at intervals, and the last of it for certain", async () => {
    const { phone, laptop } = await ada(kit.trackit());
    const { seen } = await enter(phone, "tasks");
    const { here } = await enter(laptop, "page 0");
    for (let at = 1; at <= 4; at++) {
      expect(await seen.take()).toEqual([`page ${at - 1}`]);
      here.update({ page: `page ${at}` });
    }
    expect(await seen.take()).toEqual(["page 4"]);
    for (let at = 5; at <= 40; at++) here.update({ page: `page ${at}` });
    // The sixth within half a minute is held back; the channel stays open.
    await laptop.tasks.create({ title: "meanwhile" });
    expect(seen.all.at(-1)).toEqual(["page 4"]);
    await expect.poll(() => laptop.connection.state).toBe("online");
  });

  it("takes an object of at most 8 KiB (USAGE_INVALID)", async () => {
    const trackit = kit.trackit();
    for (const wrong of [null, [], "here", { text: "x".repeat(9000) }])
      expect(() => trackit.presence(wrong as never)).toThrow(
        expect.objectContaining(refusal("USAGE_INVALID", { field: "payload" })),
      );
  });
});
