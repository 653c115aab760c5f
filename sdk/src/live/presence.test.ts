import { describe, expect, it } from "vitest";
import { LiveWorld } from "../../../tests/support/live-world.ts";
import type { ChannelHandlers } from "../transport/realtime.ts";
import { Others } from "./presence.ts";

/** ada's device on a live topic, in a world whose time the test lets pass. */
async function device() {
  const world = new LiveWorld(() => 0.5);
  const said: string[] = [];
  let channel: ChannelHandlers | null = null;
  let own = "";
  const others = new Others({
    around: world.around,
    topic: async () => "live:ada:1",
    open: (_topic, key, handlers) => {
      own = key;
      channel = handlers;
      queueMicrotask(handlers.joined);
      return {
        leave: () => {},
        track: async (payload) => {
          said.push(JSON.stringify(payload));
          return true;
        },
      };
    },
    failed: () => {},
  });
  const here = { payload: { page: 0 }, shown: () => {}, changed: () => {} };
  others.enter("me", here);
  await world.settle();
  const say = async (page: number): Promise<void> => {
    here.payload = { page };
    others.update();
    await world.settle();
  };
  return { world, others, said, say, own, hear: (states: object) => channel?.presence?.(states as never) };
}

const page = (at: number): string => `{"here":{"me":{"page":${at}}}}`;

describe("presence", () => {
  it("is told five times within half a minute, and then the last that was said, for certain", async () => {
    const { world, others, said, say } = await device();
    for (let at = 1; at <= 20; at++) await say(at);
    expect(said).toEqual([0, 1, 2, 3, 4].map(page));
    await world.pass(31_000);
    expect(said.slice(5)).toEqual([page(20)]);
    others.stop();
    world.engine.stop();
  });

  it("shows what others say now, once, and neither oneself nor rubbish", async () => {
    const { world, others, own, hear } = await device();
    hear({
      [own]: [{ phx_ref: "0", here: { me: { page: 0 } } }],
      other: [
        { phx_ref: "1", here: { tab: { page: 1 } } },
        { phx_ref: "2", here: { tab: { page: 2 } } },
      ],
      rubbish: [{ phx_ref: "3", here: "x" }, { phx_ref: "4" }],
      empty: [],
    });
    expect(others.list()).toEqual([{ id: "tab", payload: { page: 2 } }]);
    others.stop();
    world.engine.stop();
  });
});
