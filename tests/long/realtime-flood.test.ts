import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, it } from "vitest";
import WebSocket from "ws";
import { Bystanders } from "../story/realtime-attacker.ts";
import { Live } from "../story/realtime-kit.ts";
import { addressOf, Wire } from "../story/realtime-wire.ts";
import { heldMiB } from "../support/memory.ts";

let live: Live;
beforeAll(async () => {
  live = await Live.start({ realtime: { max_concurrent_users: 50, max_events_per_second: 100_000 } });
});
afterAll(() => live?.stop());

const attempt = async (): Promise<number | "open"> => {
  const ws = new WebSocket(addressOf(live, `apikey=${live.stack.env.PUBLISHABLE_KEY}`));
  ws.on("error", () => {});
  const refused = once(ws, "unexpected-response").then(([, response]) => {
    (response as IncomingMessage).resume();
    return (response as IncomingMessage).statusCode ?? 0;
  });
  return Promise.race([refused, once(ws, "open").then(() => "open" as const)]);
};

it("10,000 connections beyond the limit are refused, and two others miss nothing", async () => {
  const bystanders = await Bystanders.start(live);
  const held: Wire[] = [];
  for (let at = 2; at < 50; at++) held.push(await Wire.open(live));
  const before = heldMiB();
  const statuses = new Set<number | "open">();
  for (let at = 0; at < 10_000; at += 100) {
    for (const status of await Promise.all(Array.from({ length: 100 }, attempt))) statuses.add(status);
  }
  expect([...statuses]).toEqual([429]);
  const [said, heard] = await bystanders.stop();
  expect(heard).toEqual(said);
  expect(heldMiB() - before).toBeLessThan(64);
  for (const one of held) one.close();
});

it("100,000 joins of ten clients end those ten, and two others miss nothing", async () => {
  const bystanders = await Bystanders.start(live);
  const before = heldMiB();
  for (let client = 0; client < 10; client++) {
    const eve = await Wire.open(live);
    for (let at = 0; at < 10_000; at++) eve.send(`realtime:${at}`, "phx_join");
    expect(await eve.closed).toBeGreaterThan(0);
  }
  const [said, heard] = await bystanders.stop();
  expect(heard).toEqual(said);
  expect(heldMiB() - before).toBeLessThan(64);
});
