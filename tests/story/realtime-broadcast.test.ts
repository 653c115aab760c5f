import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Live, releases } from "./realtime-kit.ts";
import { Inbox, joined } from "./realtime-wait.ts";

let live: Live;
beforeAll(async () => {
  live = await Live.start();
});
afterAll(() => live?.stop());

interface Said {
  event: string;
  payload: unknown;
}

describe.each(releases)("supabase-js %s", (release) => {
  describe.each(["1.0.0", "2.0.0"] as const)("serializer %s", (vsn) => {
    const name = (text: string) => `${text}-${release}-${vsn}`;

    it("ben hears what ada broadcasts, and ada does not", async () => {
      const heard = new Inbox<Said>();
      const echo = new Inbox<Said>();
      const ben = (await live.client({ release, vsn })).channel(name("public"));
      await joined(ben.on("broadcast", { event: "shout" }, (message) => heard.put(message as never)));
      const ada = (await live.client({ release, vsn })).channel(name("public"));
      await joined(ada.on("broadcast", { event: "shout" }, (message) => echo.put(message as never)));
      expect(await ada.send({ type: "broadcast", event: "shout", payload: { text: "olá" } })).toBe("ok");
      expect(await heard.take()).toMatchObject({ event: "shout", payload: { text: "olá" } });
      expect(echo.all).toEqual([]);
    });
  });
});
