import { describe, expect, it } from "vitest";
import type { Connection } from "../connect.ts";
import { ask } from "./post.ts";

/** A project whose function answers so; what it was asked is noted. */
function project(answer: () => Response | Promise<Response>) {
  const asked: { url: string; init: RequestInit | undefined }[] = [];
  const connection = {
    client: {
      supabaseUrl: "https://project.example",
      supabaseKey: "key",
      auth: { getSession: async () => ({ data: { session: null } }) },
    },
    send: async (url: string, init?: RequestInit) => {
      asked.push({ url, init });
      return answer();
    },
  } as unknown as Connection;
  return { connection, asked };
}
const body = { link: crypto.randomUUID(), door: "d".repeat(43) };
const problem = (status: number, said: unknown, headers = {}): (() => Response) => {
  const text = typeof said === "string" ? said : JSON.stringify(said);
  return () => new Response(text, { status, headers });
};

describe("what is asked of links", () => {
  it("stands in the body, and no part of it in the address or in a header", async () => {
    const { connection, asked } = project(problem(200, { outcome: "door", password: true }));
    expect(await ask(connection, body, "a test")).toEqual({ outcome: "door", password: true });
    const [{ url = "", init = {} } = {}] = asked;
    expect(url).toBe("https://project.example/functions/v1/share");
    expect(JSON.parse(Buffer.from(init.body as Uint8Array).toString())).toEqual(body);
    expect(JSON.stringify(init.headers)).not.toMatch(new RegExp(`${body.link}|dddd`));
  });

  it.each([
    [404, { code: "ACCESS_NOT_FOUND", message: "There is no such link" }, "ACCESS_NOT_FOUND"],
    [403, { code: "ACCESS_PASSWORD", message: "The password is not right" }, "ACCESS_PASSWORD"],
    [429, { code: "LIMIT_RATE", message: "Too many" }, "LIMIT_RATE"],
    [429, "a gateway's own words", "LIMIT_RATE"],
    [400, { code: "USAGE_INVALID", message: "wrong" }, "USAGE_INVALID"],
    [503, { code: "NETWORK_SERVER", message: "away" }, "NETWORK_SERVER"],
    [500, { code: "OF_NO_LIST", message: "?" }, "NETWORK_SERVER"],
    [502, "<html>Bad Gateway</html>", "NETWORK_SERVER"],
    [404, "null", "NETWORK_SERVER"],
  ])("and refused with %d %j is %s", async (status, said, code) => {
    const { connection } = project(problem(status, said));
    await expect(ask(connection, body, "a test")).rejects.toMatchObject({ code, status });
  });

  it("and put off says for how long", async () => {
    const said = { code: "LIMIT_RATE", message: "Too many wrong passwords" };
    const { connection } = project(problem(429, said, { "retry-after": "360" }));
    await expect(ask(connection, body, "a test")).rejects.toMatchObject({
      code: "LIMIT_RATE",
      retryAfter: 360,
    });
  });

  it.each(["", "<html>", "null", "[]", "{}", '{"outcome":"yes"}', "5"])(
    "and answered with %j is an error of the server's",
    async (text) => {
      const { connection } = project(problem(200, text));
      await expect(ask(connection, body, "a test")).rejects.toMatchObject({ code: "NETWORK_SERVER" });
    },
  );

  it("and never heard is NETWORK_OFFLINE; given up, NETWORK_ABORTED", async () => {
    const away = project(() => Promise.reject(new TypeError("fetch failed")));
    await expect(ask(away.connection, body, "a test")).rejects.toMatchObject({ code: "NETWORK_OFFLINE" });
    await expect(ask(away.connection, body, "a test", AbortSignal.abort())).rejects.toMatchObject({
      code: "NETWORK_ABORTED",
    });
  });
});
