import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { closeServer, createServer, listen } from "./server.ts";

describe("the gateway's server", () => {
  it("outlives a connection that could not be accepted, and logs it", async () => {
    const failures: string[] = [];
    const silent = () => {};
    const server = createServer({
      debug: silent,
      info: silent,
      warn: silent,
      error: (event) => void failures.push(event),
    });
    server.on("request", (_, res) => res.end("here"));
    await listen(server, "127.0.0.1", 0);
    server.emit("error", new Error("accept EMFILE"));
    expect(failures).toEqual(["gateway.server_error"]);
    const { port } = server.address() as AddressInfo;
    expect((await fetch(`http://127.0.0.1:${port}`)).status).toBe(200);
    await closeServer(server);
  });
});
