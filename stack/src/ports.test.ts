import { createServer, type Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type DeepPartial, merge } from "./config/merge.ts";
import { defaults, type ProjectConfig } from "./config/schema.ts";
import { choosePorts, type Ports } from "./ports.ts";
import { PortTakenError, reservePort } from "./process/port.ts";

const configured = (over: DeepPartial<ProjectConfig>) => merge<ProjectConfig>(defaults, over);

const opened: (Server | Ports)[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) await ("release" in one ? one.release() : one.close());
});

async function choose(...given: Parameters<typeof choosePorts>): Promise<Ports> {
  const ports = await choosePorts(...given);
  opened.push(ports);
  return ports;
}

function listen(port: number): Promise<number> {
  const server = createServer();
  opened.push(server);
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}

async function freePort(): Promise<number> {
  const { port, release } = await reservePort(0, "a test");
  await release();
  return port;
}

describe("choosePorts()", () => {
  it("keeps each port from others until its part opens it", async () => {
    const ports = await choose(defaults, ["api", "db"], 0);
    await expect(listen(ports.of("api"))).rejects.toThrow("EADDRINUSE");
    expect(await ports.open("api", listen)).toBe(ports.of("api"));
    await expect(listen(ports.of("db"))).rejects.toThrow("EADDRINUSE");
    await ports.release();
    expect(await listen(ports.of("db"))).toBe(ports.of("db"));
  });

  it("a part that comes too late says who was faster", async () => {
    const ports = await choose(defaults, ["smtp"], 0);
    const late = ports.open("smtp", async (port) => {
      await listen(port);
      return listen(port);
    });
    await expect(late).rejects.toThrow(PortTakenError);
    await expect(late).rejects.toThrow(`for SMTP: it is held by process ${process.pid}`);
  });

  it("of several, one is taken: none is kept", async () => {
    const taken = await listen(0);
    const free = await freePort();
    const config = configured({ api: { port: free }, db: { port: taken } });
    await expect(choosePorts(config, ["api", "db"])).rejects.toThrow(
      `cannot open port ${taken} for Postgres`,
    );
    expect(await listen(free)).toBe(free);
  });

  it("two parts of one port in config.toml: says which", async () => {
    const config = configured({ db: { port: 54321 } });
    await expect(choosePorts(config, ["api", "db"])).rejects.toThrow(
      "config.toml gives port 54321 to the API and to Postgres, want one each",
    );
  });

  it("a port of a part that is not opened does not matter", async () => {
    const taken = await listen(0);
    const free = await freePort();
    const config = configured({ api: { port: free }, auth: { site_url: `http://127.0.0.1:${taken}` } });
    expect((await choose(config, ["api"])).of("api")).toBe(free);
  });
});
