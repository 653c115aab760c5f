import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanUp, makeFolder, query, readNotes, startUp, type Up, waitFor, writeNote } from "./stack-kit.ts";

afterAll(cleanUp);

const hook = path.join(import.meta.dirname, "stack-quiet-hook.cjs");
const password = "correct horse battery 9";
const address = "ada.lovelace@example.com";

/** Everything that a stack does for its users, once. */
async function use(up: Up): Promise<string[]> {
  const post = async (at: string, body: object) => {
    const answer = await fetch(`${up.env.API_URL}${at}`, {
      method: "POST",
      headers: { apikey: up.env.PUBLISHABLE_KEY, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  };
  await post("/auth/v1/signup", { email: address, password });
  const session = await post("/auth/v1/token?grant_type=password", { email: address, password });
  await post("/auth/v1/recover", { email: address });
  const wrong = await post("/auth/v1/token?grant_type=password", {
    email: address,
    password: "wrong horse 1",
  });
  expect(wrong).toHaveProperty("error_code", "invalid_credentials");
  expect((await writeNote(up, "a secret thought")).status).toBe(201);
  expect(await readNotes(up)).toContain("a secret thought");
  await waitFor(async () => (await fetch(`${up.env.MAILPIT_URL}/api/v1/messages`)).ok);
  await post("/rest/v1/notes?select=no_such_column", { body: "a secret thought", nothing: 1 });
  const failing = `insert into auth.users (id, email) values ('${address}', 'a secret thought')`;
  await expect(query(up, failing)).rejects.toThrow("invalid input syntax");
  await expect(query(up, `create role "x" password '${password}' bogus`)).rejects.toThrow(
    "unrecognized role option",
  );
  return [session.access_token, session.refresh_token].filter((token) => typeof token === "string");
}

describe("a stack in use", () => {
  const outward = path.join(makeFolder(), "outward");
  let up: Up;
  let tokens: string[];
  beforeAll(async () => {
    writeFileSync(outward, "");
    up = await startUp({ node: ["--require", hook], env: { TRACKIT_OUTWARD: outward } });
    tokens = await use(up);
    expect(tokens).toHaveLength(2);
    // The log is written in groups; ended, it is whole.
    await up.end();
  });

  it("connects to nothing outside this machine, and looks up no names", () => {
    const lines = readFileSync(outward, "utf8").trim().split("\n");
    expect(lines.some((line) => line.startsWith("watching"))).toBe(true);
    expect(lines.filter((line) => !line.startsWith("watching"))).toEqual([]);
  });

  it("the hook itself notices: a look-up, a connection and a datagram", async () => {
    const { execFileSync } = await import("node:child_process");
    const file = path.join(makeFolder(), "noticed");
    const code = `
      require("node:dns").lookup("example.invalid", () => {});
      require("node:net").connect(9, "192.0.2.1").on("error", () => {}).destroy();
      const socket = require("node:dgram").createSocket("udp4");
      socket.send("x", 9, "127.0.0.1", () => socket.close());`;
    execFileSync(process.execPath, ["--require", hook, "--eval", code], {
      env: { ...process.env, TRACKIT_OUTWARD: file },
    });
    const noticed = readFileSync(file, "utf8");
    for (const one of ["lookup example.invalid", "connect 192.0.2.1:9", "datagram"])
      expect(noticed).toContain(one);
  });

  it("no log holds a password, an address, a token, a key, or what a row says", () => {
    const logs = ["stack.log", path.join("postgres", "postgres.log")];
    const keys = JSON.parse(readFileSync(path.join(up.data, "keys.json"), "utf8")) as {
      databasePasswords: object;
    };
    const secrets = [
      ...[password, "wrong horse", address, "ada.lovelace", "a secret thought"],
      ...[
        up.env.SECRET_KEY,
        up.env.PUBLISHABLE_KEY,
        up.env.JWT_SECRET,
        up.env.SERVICE_ROLE_KEY,
        up.env.ANON_KEY,
      ],
      ...Object.values(keys.databasePasswords),
      ...tokens,
    ];
    for (const log of logs) {
      const text = readFileSync(path.join(up.data, log), "utf8");
      expect(text.length).toBeGreaterThan(100);
      for (const secret of secrets) expect([log, text.includes(secret)]).toEqual([log, false]);
    }
  });

  it("stack.log is one JSON object a line, each with time, level and event", () => {
    const lines = readFileSync(path.join(up.data, "stack.log"), "utf8").trim().split("\n");
    expect(lines.length).toBeGreaterThan(5);
    for (const line of lines)
      expect(JSON.parse(line)).toMatchObject({
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        level: expect.stringMatching(/^(debug|info|warn|error)$/),
        event: expect.stringMatching(/./),
      });
  });

  it("nothing in the data directory may be read by others", () => {
    const entries = readdirSync(up.data, { recursive: true, withFileTypes: true });
    expect(entries.length).toBeGreaterThan(100);
    for (const entry of entries) {
      const file = path.join(entry.parentPath, entry.name);
      expect([file, statSync(file).mode & 0o077]).toEqual([file, 0]);
    }
  });
});
