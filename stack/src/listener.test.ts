import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import { listenLocally } from "./listener.ts";
import type { Log } from "./part.ts";

function notes() {
  const written: string[] = [];
  const note = (event: string) => void written.push(event);
  const log: Log = { debug: note, info: note, warn: note, error: note };
  return { log, written };
}

describe("listenLocally()", () => {
  it("answers on the port that it names, and closes", async () => {
    const { log } = notes();
    const { port, close } = await listenLocally(
      createServer((_, res) => res.end("here")),
      0,
      log,
      "web",
    );
    expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe("here");
    await close();
    await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow();
  });

  it("refuses a port that is taken (EADDRINUSE)", async () => {
    const { log } = notes();
    const first = await listenLocally(createServer(), 0, log, "web");
    await expect(listenLocally(createServer(), first.port, log, "web")).rejects.toMatchObject({
      code: "EADDRINUSE",
    });
    await first.close();
  });

  it("outlives what goes wrong while it accepts, and logs it", async () => {
    const { log, written } = notes();
    const server = createServer((_, res) => res.end("here"));
    const { port, close } = await listenLocally(server, 0, log, "web");
    server.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }));
    server.emit("error", Object.assign(new Error("accept EMFILE"), { code: "EMFILE" }));
    expect(written).toEqual(["web.server_error", "web.server_error"]);
    expect((await fetch(`http://127.0.0.1:${port}`)).status).toBe(200);
    await close();
  });
});
