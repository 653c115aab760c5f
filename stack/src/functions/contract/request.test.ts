import { rm } from "node:fs/promises";
import http from "node:http";
import path from "node:path";
import { importJWK, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { type Fixture, openFixture } from "./fixture.ts";

const echo = `
import { greeting } from "../_shared/greeting.ts";
Deno.serve(async (request) => {
  console.log("asked by", "somebody");
  return Response.json({
    greeting, url: request.url, method: request.method, body: await request.text(),
    headers: Object.fromEntries(request.headers),
  }, { status: 201, headers: { "x-own": "kept", "connection": "x-hop", "x-hop": "dropped" } });
});`;

const stream = `
Deno.serve((request) => {
  const shout = new TransformStream({
    transform(chunk, controller) { controller.enqueue(new TextEncoder().encode(new TextDecoder().decode(chunk).toUpperCase())); },
  });
  return new Response(request.body.pipeThrough(shout), { headers: { "content-type": "text/event-stream" } });
});`;

const page = `Deno.serve(() => new Response("<script>1</script>", { headers: { "content-type": "text/html; charset=utf-8" } }));`;

const leave = `
Deno.serve((request) => {
  console.log("has come");
  request.signal.addEventListener("abort", () => console.log("has left"));
  return new Promise(() => {});
});`;

const odd = `
const answers = {
  cookies: () => new Response("x", { headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"]] }),
  zipped: () => new Response(new Blob(["hello"]).stream().pipeThrough(new CompressionStream("gzip")), { headers: { "content-encoding": "gzip" } }),
  none: () => new Response(null, { status: 204 }),
  kept: () => new Response(null, { status: 304, headers: { etag: "1" } }),
  late: () => new Response("x", { status: 599, headers: { "x-latin": "\u00ff" } }),
  moved: () => Response.redirect("http://127.0.0.1:9/elsewhere", 307),
  long: () => new Response("x", { headers: { "x-long": "y".repeat(40_000) } }),
};
Deno.serve((request) => answers[new URL(request.url).pathname.split("/")[2]]());`;

const socket = `
Deno.serve((request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = ({ data }) => data === "end" ? socket.close(4001, "over") : socket.send(new URL(request.url).pathname + " heard " + data);
  return response;
});`;

const cors = `Deno.serve((request) => new Response(null, { status: 204, headers: { "access-control-allow-origin": "https://own.example", "x-asked": request.method } }));`;

let fixture: Fixture;

beforeAll(async () => {
  fixture = await openFixture({
    sources: { echo, stream, page, cors, leave, odd, socket, first: echo, closed: echo, disabled: echo },
    files: { "functions/_shared/greeting.ts": `export const greeting: string = "hi";` },
    config: { closed: { verify_jwt: true }, disabled: { enabled: false } },
    bodyLimit: 100_000,
  });
});
afterAll(() => fixture.close());

describe("a request", () => {
  it("reaches an unmodified Deno.serve() with method, path, query, body and headers", async () => {
    const answer = await fixture.call("echo/a/b?c=d%20e", {
      method: "POST",
      body: "hello",
      headers: { "x-mine": "1" },
    });
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({
      greeting: "hi",
      method: "POST",
      url: "http://127.0.0.1:9/echo/a/b?c=d%20e",
      body: "hello",
      headers: { "x-mine": "1", "content-length": "5" },
    });
  });

  it("carries the gateway's word of its caller, never the caller's own", async () => {
    const claimed = {
      "x-forwarded-for": "8.8.8.8",
      "x-forwarded-host": "evil.example",
      "cf-connecting-ip": "8.8.8.8",
    };
    const answer = await fixture.call("echo", {
      headers: { ...claimed, forwarded: "for=8.8.8.8", "x-real-ip": "8.8.8.8" },
    });
    const { headers } = (await answer.json()) as { headers: Record<string, string> };
    expect(headers["x-forwarded-for"]).toBe("127.0.0.1");
    expect(headers["x-forwarded-host"]).toBe(new URL(fixture.origin).host);
    expect(headers["x-forwarded-proto"]).toBe("http");
    expect(
      Object.values(headers).filter((value) => value.includes("8.8.8.8") || value.includes("evil")),
    ).toEqual([]);
  });

  it("has one id in header, answer and log", async () => {
    const answer = await fixture.call("echo", { headers: { "x-request-id": "ada-asks-0001" } });
    expect(answer.headers.get("x-request-id")).toBe("ada-asks-0001");
    expect(((await answer.json()) as { headers: Record<string, string> }).headers["x-request-id"]).toBe(
      "ada-asks-0001",
    );
    const lines = await fixture.log(
      ({ event, requestId }) => event === "request" && requestId === "ada-asks-0001",
    );
    const own = lines.find(({ event, requestId }) => event === "log" && requestId === "ada-asks-0001");
    expect(own).toMatchObject({ function: "echo", level: "info", message: "asked by somebody" });
  });

  it("is answered with the function's headers, those of the connection left out", async () => {
    const answer = await fixture.call("echo");
    expect(answer.headers.get("x-own")).toBe("kept");
    expect(answer.headers.get("x-hop")).toBe(null);
  });

  it("streams both ways at once", async () => {
    const heard: string[] = [];
    const answer = await new Promise<http.IncomingMessage>((resolve, reject) => {
      const request = http.request(`${fixture.origin}/functions/v1/stream`, { method: "POST" }, resolve);
      request.on("error", reject);
      request.write("one");
      const next = ["two", "three"];
      request.on("response", (response) => {
        response.on("data", (chunk: Buffer) => {
          heard.push(chunk.toString());
          const word = next.shift();
          if (word) request.write(word);
          else request.end();
        });
      });
    });
    await new Promise((resolve) => answer.on("end", resolve));
    expect(answer.headers["content-type"]).toBe("text/event-stream");
    expect(heard).toEqual(["ONE", "TWO", "THREE"]);
  });

  it("that comes with fifty others to a function that does not run yet starts one process", async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => fixture.call("first")));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 50 }, () => 201));
    const lines = await fixture.log((line) => line.function === "first" && line.event === "request");
    expect(
      lines.filter((line) => line.function === "first" && line.event === "function.started").length,
    ).toBe(1);
  });

  it("whose caller leaves is told to its function", async () => {
    const leaving = new AbortController();
    const answer = fixture.call("leave", { signal: leaving.signal });
    answer.catch(() => {});
    await fixture.log(({ message }) => message === "has come");
    leaving.abort();
    await fixture.log(({ message }) => message === "has left");
    await expect(answer).rejects.toThrow();
  });

  it("without a known, enabled function is a 404 with a code", async () => {
    for (const name of ["missing", "disabled", "", "__proto__", "constructor"]) {
      const answer = await fixture.call(name);
      expect([name, answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        name,
        404,
        "NOT_FOUND",
      ]);
    }
  });

  it("that is too long is refused, declared or not (413), and the function answers the next", async () => {
    const declared = await fixture.call("echo", { method: "POST", body: "x".repeat(100_001) });
    const undeclared = await fixture.call("echo", {
      method: "POST",
      body: slowly("x".repeat(60_000), 3),
      duplex: "half",
    });
    for (const answer of [declared, undeclared]) {
      expect(answer.status).toBe(413);
      expect(await answer.json()).toMatchObject({ code: "BODY_TOO_LARGE" });
    }
    const answer = await fixture.call("echo", { method: "POST", body: "x".repeat(100_000) });
    expect(((await answer.json()) as { body: string }).body.length).toBe(100_000);
  });
});

describe("an answer", () => {
  it("is no page: markup of a GET is plain text, as on the hosted platform", async () => {
    const got = await fixture.call("page");
    expect(got.headers.get("content-type")).toBe("text/plain");
    expect(got.headers.get("x-content-type-options")).toBe("nosniff");
    const posted = await fixture.call("page", { method: "POST" });
    expect(posted.headers.get("content-type")).toBe("text/html; charset=utf-8");
  });

  it("comes through as it is: cookies, compressed, empty, unchanged, moved, of any status", async () => {
    const call = (name: string) => fixture.call(`odd/${name}`, { redirect: "manual" });
    expect((await call("cookies")).headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect(await (await call("zipped")).text()).toBe("hello");
    const plain = await Promise.all(["none", "kept", "late", "moved"].map(call));
    expect(plain.map(({ status }) => status)).toEqual([204, 304, 599, 307]);
    expect(plain[3]?.headers.get("location")).toBe("http://127.0.0.1:9/elsewhere");
  });

  it("that node will not read is a 502, and the stack goes on", async () => {
    expect((await fixture.call("odd/long")).status).toBe(502);
    expect((await fixture.call("odd/none")).status).toBe(204);
  });

  it("to HEAD has no body", async () => {
    const answer = await fixture.call("page", { method: "HEAD" });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
  });

  it("has the function's own CORS headers, a preflight's too", async () => {
    const asking = { origin: "https://app.example", "access-control-request-method": "POST" };
    for (const method of ["OPTIONS", "POST"]) {
      const answer = await fixture.call("cors", { method, headers: asking });
      expect(answer.headers.get("access-control-allow-origin")).toBe("https://own.example");
      expect(answer.headers.get("x-asked")).toBe(method);
    }
  });
});

describe("a WebSocket", () => {
  const open = (name: string) =>
    new WebSocket(`${fixture.origin.replace("http", "ws")}/functions/v1/${name}`);

  it("is joined with the function's, both ways, and ends with it", async () => {
    const ada = open("socket/room");
    const heard: string[] = [];
    const closed = new Promise<number>((resolve) => ada.on("close", resolve));
    ada.on("open", () => ada.send("one"));
    ada.on("message", (data) => {
      heard.push(String(data));
      ada.send(heard.length < 2 ? "two" : "end");
    });
    expect(await closed).toBe(4001);
    expect(heard).toEqual(["/socket/room heard one", "/socket/room heard two"]);
  });

  it("to no function, or without the token that one wants, is refused, and whoever leaves at once breaks nothing", async () => {
    const statusOf = (name: string) =>
      new Promise((resolve) =>
        open(name)
          .on("unexpected-response", (_request, response) => resolve(response.statusCode))
          .on("error", () => {}),
      );
    expect(await statusOf("missing")).toBe(404);
    expect(await statusOf("closed")).toBe(401);
    open("socket")
      .on("error", () => {})
      .terminate();
    expect((await fixture.call("page")).status).toBe(200);
  });

  it("that comes while functions cannot be looked for is cut off, and breaks nothing", async () => {
    const folder = path.join(fixture.folder, "supabase", "functions");
    await rm(folder, { recursive: true, force: true });
    await fixture.write("supabase/functions", "no folder");
    const ended = new Promise((resolve) => open("added").on("error", resolve));
    expect(String(await ended)).toContain("socket hang up");
    await rm(folder);
    expect((await fixture.call("page")).status).toBe(200);
  });
});

describe("verify_jwt", () => {
  const codeFor = async (authorization?: string) => {
    const answer = await fixture.call(
      "closed",
      authorization === undefined ? {} : { headers: { authorization } },
    );
    return `${answer.status} ${((await answer.json()) as { code?: string }).code ?? "answered"}`;
  };

  it("lets a legacy key and a user's token in", async () => {
    expect(await codeFor(`Bearer ${fixture.keys.anonKey}`)).toBe("201 answered");
    expect(await codeFor(`Bearer ${await tokenOf(fixture)}`)).toBe("201 answered");
  });

  it("refuses none, another scheme, a key that is no token, and a token that has expired (401)", async () => {
    expect(await codeFor()).toBe("401 MISSING_AUTHORIZATION");
    expect(await codeFor("Basic YTpi")).toBe("401 INVALID_JWT");
    expect(await codeFor(`Bearer ${fixture.keys.secretKey}`)).toBe("401 INVALID_JWT");
    expect(await codeFor(`Bearer ${await tokenOf(fixture, "-1 h")}`)).toBe("401 INVALID_JWT");
  });
});

async function tokenOf({ keys }: Fixture, expires = "1 h"): Promise<string> {
  return new SignJWT({ role: "authenticated" })
    .setProtectedHeader({ alg: "ES256", kid: keys.signingKey.kid })
    .setIssuer("http://127.0.0.1:9/auth/v1")
    .setAudience("authenticated")
    .setSubject(crypto.randomUUID())
    .setExpirationTime(expires)
    .sign(await importJWK(keys.signingKey.privateJwk, "ES256"));
}

function slowly(chunk: string, times: number): ReadableStream<Uint8Array> {
  let left = times;
  return new ReadableStream({
    pull(controller) {
      if (left-- > 0) controller.enqueue(new TextEncoder().encode(chunk));
      else controller.close();
    },
  });
}
