import http from "node:http";
import net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeys, type StackKeys } from "../keys/keys.ts";
import { createLog } from "../log.ts";
import { createGateway, type Gateway, PortBusyError } from "./index.ts";
import type { UpgradePart } from "./node-part.ts";

/** A part that does what the last piece of its path says. */
const worker: UpgradePart = {
  async fetch(request, context) {
    const verb = new URL(request.url).pathname.split("/").at(-1);
    if (verb === "throw") throw new Error("secret detail of ada@example.org");
    if (verb === "echo")
      return new Response(await request.arrayBuffer(), { headers: { "x-ip": context.ip } });
    if (verb === "stream") return new Response(countdown(3), { headers: { "content-type": "text/plain" } });
    if (verb === "cookies") {
      return new Response(null, {
        headers: [
          ["set-cookie", "a=1"],
          ["set-cookie", "b=2"],
        ],
      });
    }
    return Response.json({ url: request.url, id: context.requestId }, { status: 202 });
  },
  upgrade: (_req, socket) => {
    socket.end("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
  },
  close: async () => {},
};

function countdown(from: number): ReadableStream<Uint8Array> {
  let left = from;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      controller.enqueue(new TextEncoder().encode(`${left--} `));
    },
  });
}

let keys: StackKeys;
let gateway: Gateway;
let url: string;
const lines: string[] = [];
const log = createLog((line) => lines.push(line), "debug");

beforeAll(async () => {
  keys = await createKeys();
  gateway = await createGateway({ port: 0, keys, parts: { "/rest/v1": worker, "/auth/v1": worker }, log });
  url = `http://127.0.0.1:${gateway.port}`;
});
afterAll(() => gateway?.close());

const get = (path: string, init: RequestInit = {}) =>
  fetch(url + path, {
    ...init,
    headers: { apikey: keys.publishableKey, ...(init.headers as Record<string, string>) },
  });

describe("routes", () => {
  it("/health is healthy without a key", async () => {
    expect(await (await fetch(`${url}/health`)).json()).toEqual({ status: "ok" });
  });

  it("a part gets what lies below its prefix, whatever the Host header says", async () => {
    const answer = await get("/rest/v1/tasks?select=id");
    expect([answer.status, await answer.json()]).toMatchObject([
      202,
      { url: `${url}/rest/v1/tasks?select=id` },
    ]);
  });

  // fetch tidies paths up before it sends them: these go out as they stand.
  it.each([
    "/",
    "/_system",
    "/_system/info",
    "/rest/v1/../_system/info",
    "/rest/v1/../../_system/info",
    "/rest/v1/%2e%2e/_system/info",
    "/rest/v1/%2E%2e/%2e%2E/_system/info",
    "/rest/v1/..%2f_system/info",
    "/rest/v1/./tasks",
    "/rest/v1//tasks",
    "//rest/v1/tasks",
    "/rest/v1/..\\_system",
    "/rest/v1/%5c..%5c_system",
    "/REST/v1/tasks",
    "/rest/v10/tasks",
    "/rest/v1x",
    "/rest",
    "/pg",
    "/storage/v1/bucket",
    "http://evil.example/rest/v1/tasks",
  ])("%s leads nowhere: 404", async (path) => {
    const answer = await raw(
      `GET ${path} HTTP/1.1\r\nhost: x\r\napikey: ${keys.secretKey}\r\nconnection: close\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).toContain("no Route matched");
  });

  it("a prefix that is none is refused at start", async () => {
    await expect(createGateway({ port: 0, keys, parts: { "rest/": worker }, log })).rejects.toThrow(
      /wanted one like/,
    );
  });
});

describe("answers of parts", () => {
  it("stream, and carry several cookies", async () => {
    expect(await (await get("/rest/v1/stream")).text()).toBe("3 2 1 ");
    expect((await get("/rest/v1/cookies")).headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  });

  it("a part that throws is a 500 that tells nothing, in the answer or in the log", async () => {
    lines.length = 0;
    const answer = await get("/rest/v1/throw", { headers: { "x-request-id": "trace-me-1" } });
    expect([answer.status, await answer.json()]).toEqual([
      500,
      { message: "Internal server error", request_id: "trace-me-1" },
    ]);
    expect(lines.join("")).toContain('"event":"request failed","requestId":"trace-me-1","error":"Error"');
    expect(lines.join("")).not.toContain("ada@example.org");
  });

  it("an upgrade is handed to the part that takes it, and refused elsewhere", async () => {
    const upgrade = (path: string) =>
      raw(`GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n`);
    expect(await upgrade("/rest/v1/socket")).toMatch(/^HTTP\/1\.1 101 /);
    expect(await upgrade("/nowhere")).toMatch(/^HTTP\/1\.1 404 /);
  });
});

describe("request ids and the access log", () => {
  it("a caller's id is kept, a strange one replaced, a missing one made", async () => {
    const idOf = async (id?: string) =>
      (await get("/rest/v1/x", id === undefined ? {} : { headers: { "x-request-id": id } })).headers.get(
        "x-request-id",
      );
    expect(await idOf("0123456789abcdef")).toBe("0123456789abcdef");
    expect(await idOf('x" injected')).toMatch(/^[0-9a-f-]{36}$/);
    expect(await idOf()).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("a line tells method, resource, status and duration, and neither query, id, key nor token", async () => {
    lines.length = 0;
    const token = "eyJhbGciOiJFUzI1NiJ9.e30.AAAA";
    await get("/auth/v1/admin/users/0a1b2c3d?email=eq.ada@example.org&apikey=sb_secret_x", {
      headers: { authorization: `Bearer ${token}` },
    });
    await eventually(() => lines.some((line) => line.includes('"event":"request"')));
    const text = lines.join("");
    expect(text).toContain('"method":"GET","path":"/auth/v1/admin","status":403');
    for (const secret of ["ada@", "0a1b2c3d", "sb_", token, keys.publishableKey])
      expect(text).not.toContain(secret);
  });
});

describe("CORS", () => {
  it("any origin may call, and read what supabase-js reads", async () => {
    const answer = await get("/rest/v1/x", { headers: { origin: "https://app.example" } });
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-expose-headers")).toContain("Content-Range");
    expect(answer.headers.get("access-control-allow-credentials")).toBe(null);
  });

  it("refusals are readable too", async () => {
    const answer = await fetch(`${url}/rest/v1/x`, { headers: { origin: "https://app.example" } });
    expect([answer.status, answer.headers.get("access-control-allow-origin")]).toEqual([401, "*"]);
  });

  it("a preflight needs no key and allows what it asks for", async () => {
    const answer = await fetch(`${url}/rest/v1/x`, {
      method: "OPTIONS",
      headers: {
        origin: "https://app.example",
        "access-control-request-method": "PATCH",
        "access-control-request-headers": "apikey,authorization,x-client-info",
      },
    });
    expect(answer.status).toBe(204);
    expect(answer.headers.get("access-control-allow-methods")).toContain("PATCH");
    expect(answer.headers.get("access-control-allow-headers")).toBe("apikey,authorization,x-client-info");
  });

  it("a closed list lets its origins in, and no other", async () => {
    const closed = await createGateway({
      port: 0,
      keys,
      parts: { "/rest/v1": worker },
      log,
      allowedOrigins: ["https://app.example"],
    });
    const allow = async (origin: string) =>
      (await fetch(`http://127.0.0.1:${closed.port}/rest/v1/x`, { headers: { origin } })).headers.get(
        "access-control-allow-origin",
      );
    expect(await allow("https://app.example")).toBe("https://app.example");
    expect(await allow("https://evil.example")).toBe(null);
    expect(await allow("null")).toBe(null);
    await closed.close();
  });
});

describe("bodies", () => {
  const MiB = 1024 * 1024;

  it("a body within the cap arrives whole", async () => {
    const body = Buffer.alloc(3 * MiB, "x");
    const answer = await get("/rest/v1/echo", { method: "POST", body });
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
  });

  it.each([true, false])(
    "a longer one is 413, and the same connection serves the next call (length told: %s)",
    async (told) => {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      const body = Buffer.alloc(11 * MiB, "x");
      const first = await send(agent, "POST", "/rest/v1/echo", body, told);
      const second = await send(agent, "POST", "/rest/v1/echo", Buffer.from("small"), true);
      agent.destroy();
      expect([first.status, JSON.parse(first.text).code]).toEqual([413, "BODY_TOO_LARGE"]);
      expect([second.status, second.text, second.reused]).toEqual([200, "small", true]);
    },
  );

  it("Auth's cap is lower", async () => {
    expect((await get("/auth/v1/echo", { method: "POST", body: Buffer.alloc(2 * MiB) })).status).toBe(413);
  });
});

describe("requests that are none", () => {
  it.each([
    ["no HTTP at all", "hello\r\n\r\n", "400"],
    ["a bad method", "G@T / HTTP/1.1\r\n\r\n", "400"],
    ["a header without a name", "GET / HTTP/1.1\r\n: x\r\n\r\n", "400"],
    [
      "two lengths",
      "POST /rest/v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
      "400",
    ],
    [
      "a length and chunks (request smuggling)",
      "POST /rest/v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      "400",
    ],
    [
      "a length that is no number",
      "POST /rest/v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: -5\r\n\r\n",
      "400",
    ],
    ["headers without end", `GET / HTTP/1.1\r\nx: ${"y".repeat(40_000)}\r\n\r\n`, "431"],
    ["a URL without end", `GET /rest/v1/${"y".repeat(40_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, "431"],
  ])("%s is answered and cut off, and the next caller is served", async (_what, text, status) => {
    expect(await raw(text)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect((await fetch(`${url}/health`)).status).toBe(200);
  });

  it("connections that never finish their headers keep nobody waiting", async () => {
    const slow = await Promise.all(
      Array.from({ length: 200 }, () => half("GET /rest/v1/x HTTP/1.1\r\nhost: x\r\nx-slow: ")),
    );
    expect((await get("/rest/v1/x")).status).toBe(202);
    for (const socket of slow) socket.destroy();
  });
});

describe("start and stop", () => {
  it("a busy port is a PortBusyError that names it", async () => {
    const attempt = createGateway({ port: gateway.port, keys, parts: {}, log });
    await expect(attempt).rejects.toThrow(PortBusyError);
    await expect(attempt).rejects.toMatchObject({ code: "PORT_BUSY", port: gateway.port });
  });

  it("close lets an answer under way finish, though connections are kept alive", async () => {
    let finish = () => {};
    let arrived = () => {};
    const reached = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const slow = {
      ...worker,
      async fetch() {
        arrived();
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return new Response("done");
      },
    };
    const other = await createGateway({ port: 0, keys, parts: { "/rest/v1": slow }, log });
    const answer = fetch(`http://127.0.0.1:${other.port}/rest/v1/x`, { headers: { apikey: keys.secretKey } });
    await reached;
    const closed = other.close();
    finish();
    expect(await (await answer).text()).toBe("done");
    await closed;
    await expect(fetch(`http://127.0.0.1:${other.port}/health`)).rejects.toThrow();
  });
});

/** Sends text as it is and gives back everything that is answered until the connection ends. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(gateway.port, "127.0.0.1", () => socket.write(text));
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk.toString();
      if (answer.startsWith("HTTP/1.1 101")) socket.end();
    });
    socket.on("close", () => resolve(answer));
    socket.on("error", (error) => (answer === "" ? reject(error) : resolve(answer)));
  });
}

const half = (text: string): Promise<net.Socket> =>
  new Promise((resolve, reject) => {
    const socket = net.connect(gateway.port, "127.0.0.1", () => socket.write(text, () => resolve(socket)));
    socket.on("error", reject);
  });

function send(agent: http.Agent, method: string, path: string, body: Buffer, told: boolean) {
  return new Promise<{ status: number; text: string; reused: boolean }>((resolve, reject) => {
    const headers = { apikey: keys.publishableKey, ...(told ? { "content-length": body.length } : {}) };
    const request = http.request(`${url}${path}`, { agent, method, headers }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text, reused: request.reusedSocket }),
      );
    });
    request.on("error", reject);
    request.end(body);
  });
}

async function eventually(check: () => boolean): Promise<void> {
  while (!check()) await new Promise((resolve) => setImmediate(resolve));
}
