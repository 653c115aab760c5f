import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocketServer } from "ws";
import { LazyWebSocket } from "./websocket.ts";

const servers: WebSocketServer[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server that answers each message with itself. */
async function echo(): Promise<string> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  servers.push(server);
  server.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  await once(server, "listening");
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const event = (socket: LazyWebSocket, name: "onopen" | "onclose" | "onerror" | "onmessage") =>
  new Promise<Event>((resolve) => {
    socket[name] = resolve;
  });

describe("the WebSocket for Node 20", () => {
  it("opens, sends, receives text and bytes, and closes, as a native one does", async () => {
    const socket = new LazyWebSocket(await echo());
    expect(socket.readyState).toBe(LazyWebSocket.CONNECTING);
    expect(() => socket.send("early")).toThrow("not open");
    await event(socket, "onopen");
    expect(socket.readyState).toBe(LazyWebSocket.OPEN);
    socket.send("hello");
    expect(Reflect.get(await event(socket, "onmessage"), "data")).toBe("hello");
    socket.send(new Uint8Array([1, 2]).buffer);
    expect(Reflect.get(await event(socket, "onmessage"), "data")).toEqual(new Uint8Array([1, 2]).buffer);
    socket.close(1000, "done");
    expect(Reflect.get(await event(socket, "onclose"), "code")).toBe(1000);
    expect(socket.readyState).toBe(LazyWebSocket.CLOSED);
  });

  it("tells an error and a close where nobody listens", async () => {
    const socket = new LazyWebSocket("ws://127.0.0.1:1");
    const closed = event(socket, "onclose");
    await event(socket, "onerror");
    await closed;
    expect(socket.readyState).toBe(LazyWebSocket.CLOSED);
  });

  it("closed before it was open, never connects", async () => {
    const socket = new LazyWebSocket(await echo());
    const closed = event(socket, "onclose");
    socket.close();
    await closed;
    expect(servers[0]?.clients.size).toBe(0);
  });
});
