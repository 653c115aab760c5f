import net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPeople, type Person } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

/** Bytes that no HTTP client would send. */
let stack: TestStack;
let people: Record<"ada" | "eve", Person>;

beforeAll(async () => {
  stack = await openStack();
  people = await createPeople(stack, "ada", "eve");
  await stack.db.query("insert into public.goals (owner_id, title) values ($1, 'Run')", [people.ada.id]);
});
afterAll(() => stack?.close());

describe("headers", () => {
  it("given twice do not take the later for the truer", async () => {
    const headers = { apikey: stack.env.PUBLISHABLE_KEY };
    const twice = await sendRaw([
      "GET /rest/v1/goals?select=title HTTP/1.1",
      "host: x",
      `apikey: ${headers.apikey}`,
      `authorization: Bearer ${people.eve.token}`,
      `authorization: Bearer ${people.ada.token}`,
      "connection: close",
    ]);
    expect(twice).toMatch(/^HTTP\/1\.1 (200|400|401)/);
    expect(twice).not.toContain("Run");
    const keys = await sendRaw([
      "GET /rest/v1/goals?select=title HTTP/1.1",
      "host: x",
      "apikey: wrong",
      `apikey: ${stack.env.SECRET_KEY}`,
      "connection: close",
    ]);
    expect(keys).not.toContain("Run");
  });

  it("of two lengths, with a second request inside the body, are refused (400)", async () => {
    const inner = `GET /rest/v1/goals?select=title HTTP/1.1\r\nhost: x\r\napikey: ${stack.env.SECRET_KEY}\r\n\r\n`;
    const smuggled = await sendRaw(
      [
        "POST /auth/v1/recover HTTP/1.1",
        "host: x",
        `apikey: ${stack.env.PUBLISHABLE_KEY}`,
        "content-type: application/json",
        `content-length: ${inner.length + 5}`,
        "transfer-encoding: chunked",
        "connection: close",
      ],
      `0\r\n\r\n${inner}`,
    );
    expect(smuggled).toMatch(/^HTTP\/1\.1 400/);
    expect(smuggled).not.toContain("Run");
  });
});

describe("rubbish", () => {
  const key = () => `apikey: ${stack.env.PUBLISHABLE_KEY}`;
  it.each<[string, () => string[], string?]>([
    ["half an escape in the path", () => ["GET /rest/v1/goals%E0%A4%A HTTP/1.1", "host: x", key()]],
    [
      "half an escape in the query",
      () => ["GET /rest/v1/goals?title=eq.%E0%A4%A HTTP/1.1", "host: x", key()],
    ],
    ["a percent sign alone", () => ["GET /auth/v1/admin/users/% HTTP/1.1", "host: x", key()]],
    ["bytes above 127 in the path", () => ["GET /rest/v1/g\u00f6als?\u00e9=eq.1 HTTP/1.1", "host: x", key()]],
    [
      "a length that is no number",
      () => ["POST /rest/v1/goals HTTP/1.1", "host: x", key(), "content-length: abc"],
    ],
    ["a negative length", () => ["POST /rest/v1/goals HTTP/1.1", "host: x", key(), "content-length: -1"]],
    [
      "a chunk that is none",
      () => ["POST /rest/v1/goals HTTP/1.1", "host: x", key(), "transfer-encoding: chunked"],
      "zz\r\n",
    ],
    ["no host", () => ["GET /rest/v1/goals HTTP/1.1", key()]],
    ["a host that is no name", () => ["GET /rest/v1/goals HTTP/1.1", "host: [::::", key()]],
    ["another protocol", () => ["\x16\x03\x01\x02\x00\x01"]],
    ["a newer version", () => ["GET /rest/v1/goals HTTP/9.9", "host: x", key()]],
    [
      "an upgrade that nobody offers",
      () => ["GET /rest/v1/goals HTTP/1.1", "host: x", key(), "connection: upgrade", "upgrade: websocket"],
    ],
    [
      "a header of control characters",
      () => ["GET /rest/v1/goals HTTP/1.1", "host: x", key(), "x-odd: a\u0001b"],
    ],
  ])("such as %s is answered with 4xx and ends no more than its connection", async (_, head, body) => {
    const lines = head();
    const closing = lines.some((line) => line.startsWith("connection:"))
      ? lines
      : [...lines, "connection: close"];
    const answer = await sendRaw(closing, body);
    expect(answer).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
    expect((await stack.send({ path: "/health" })).status).toBe(200);
  });
});

/** Sends bytes as they are, and reads until the other side closes. */
function sendRaw(head: string[], body = ""): Promise<string> {
  const { hostname, port } = new URL(stack.env.API_URL);
  return new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname, () =>
      socket.write(`${head.join("\r\n")}\r\n\r\n${body}`),
    );
    const chunks: Buffer[] = [];
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(chunks).toString("utf8")));
  });
}
