import { once } from "node:events";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { Live } from "./realtime-kit.ts";
import { within } from "./realtime-wait.ts";
import { addressOf, Wire } from "./realtime-wire.ts";

let live: Live;
const open: Wire[] = [];
const wire = async () => {
  const one = await Wire.open(live);
  open.push(one);
  return one;
};
beforeAll(async () => {
  live = await Live.start({
    realtime: { max_concurrent_users: 12, max_events_per_second: 20, max_channels_per_client: 10 },
  });
});
afterEach(async () => {
  for (const one of open.splice(0)) {
    one.close();
    await one.closed;
  }
});
afterAll(() => live?.stop());

const said = { type: "broadcast", event: "e", payload: {} };

describe("limits", () => {
  it("channels of one connection", async () => {
    const ada = await wire();
    for (let at = 0; at < 10; at++)
      expect(await ada.ask(`realtime:${at}`, "phx_join")).toMatchObject({ status: "ok" });
    expect(await ada.ask("realtime:one more", "phx_join")).toEqual({
      status: "error",
      response: { reason: "ChannelRateLimitReached: Too many channels" },
    });
    // Joining one anew is none more.
    expect(await ada.ask("realtime:0", "phx_join")).toMatchObject({ status: "ok" });
  });

  it("connections", async () => {
    for (let at = 0; at < 12; at++) await wire();
    const ws = new WebSocket(addressOf(live, `apikey=${live.stack.env.PUBLISHABLE_KEY}`));
    ws.on("error", () => {});
    const [, response] = await within(once(ws, "unexpected-response"), "a refusal");
    expect(response.statusCode).toBe(429);
  });

  it("ten thousand joins from one client end that client alone", async () => {
    const [eve, ben] = [await wire(), await wire()];
    await ben.ask("realtime:calm", "phx_join", { config: { broadcast: { ack: true } } });
    for (let at = 0; at < 10_000; at++) eve.send(`realtime:${at % 3}`, "phx_join");
    await within(eve.closed, "the end of eve");
    const reasons = eve.frames.all.map((frame) => frame[4].response?.reason).filter(Boolean);
    expect(reasons).toContain("ClientJoinRateLimitReached: Too many joins per second");
    expect(await ben.ask("realtime:calm", "broadcast", said)).toMatchObject({ status: "ok" });
  });

  it("presence calls of one channel", async () => {
    const ada = await wire();
    await ada.ask("realtime:p", "phx_join");
    for (let n = 0; n < 5; n++) await ada.ask("realtime:p", "presence", { event: "track", payload: { n } });
    ada.send("realtime:p", "presence", { event: "track", payload: { n: 6 } });
    expect((await ada.next("system"))[4]).toMatchObject({
      status: "error",
      message: "Client presence rate limit exceeded",
    });
    await ada.next("phx_close");
  });

  it("a consumer that does not read is cut off alone, and what waits for it is bounded", async () => {
    const [slow, fast, ada] = [await wire(), await wire(), await wire()];
    for (const one of [slow, fast, ada]) {
      await one.ask("realtime:big", "phx_join", { config: { broadcast: { ack: true } } });
    }
    slow.pause();
    const big = { ...said, payload: { text: "x".repeat(2_000_000) } };
    // A socket's own buffers hold some of it, so more is sent than may wait.
    for (let sent = 0; sent < 20; sent++) {
      expect(await ada.ask("realtime:big", "broadcast", big)).toMatchObject({ status: "ok" });
    }
    for (let heard = 0; heard < 20; heard++) await fast.next("broadcast");
    slow.resume();
    await within(slow.closed, "the end of the slow one");
    expect(await fast.ask("phoenix", "heartbeat")).toMatchObject({ status: "ok" });
  });
});

// The last: it uses up the minute's events.
it("events of the project, over a minute", async () => {
  const ada = await wire();
  await ada.ask("realtime:flood", "phx_join");
  for (let sent = 0; sent <= 1200; sent++) ada.send("realtime:flood", "broadcast", said);
  expect((await ada.next("system"))[4]).toMatchObject({
    status: "error",
    message: "Too many messages per second",
  });
  await ada.next("phx_close");
  const client = await live.client();
  await expect(client.channel("flood").httpSend("e", {})).rejects.toThrow(
    "You have exceeded your rate limit",
  );
});
