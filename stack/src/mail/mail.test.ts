import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTransport, type SendMailOptions } from "nodemailer";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLog } from "../log.ts";
import { createMail, type MailPart } from "./index.ts";

const log = createLog(() => {});
const start = (dataDir: string | null) => createMail({ smtpPort: 0, httpPort: 0, dataDir, log });

async function send(mail: MailPart, options: SendMailOptions): Promise<void> {
  const transport = createTransport({ host: "127.0.0.1", port: mail.smtpPort, secure: false });
  await transport.sendMail({ from: "TrackIt <no-reply@trackit.test>", ...options });
}

interface Listed {
  total: number;
  unread: number;
  count: number;
  start: number;
  messages_count: number;
  messages: { ID: string; Subject: string; Read: boolean; Bcc: { Address: string }[]; Snippet: string }[];
}

async function list(mail: MailPart, path = "messages"): Promise<Listed> {
  const response = await fetch(`http://127.0.0.1:${mail.httpPort}/api/v1/${path}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Listed;
}

const find = async (mail: MailPart, query: string) =>
  (await list(mail, `search?query=${encodeURIComponent(query)}`)).messages.map((one) => one.Subject);

/** `fetch` sets Host itself; this asks as a rebound name would. */
function statusFor(mail: MailPart, headers: Record<string, string>): Promise<number | undefined> {
  const options = { host: "127.0.0.1", port: mail.httpPort, path: "/api/v1/messages", headers };
  return new Promise((resolve, reject) => {
    request(options, (response) => resolve(response.resume().statusCode))
      .on("error", reject)
      .end();
  });
}

describe("an ephemeral mailbox", () => {
  let mail: MailPart;
  beforeEach(async () => {
    mail = await start(null);
  });
  afterEach(() => mail.close());
  const url = (path: string) => `http://127.0.0.1:${mail.httpPort}${path}`;

  test("ada's mail is listed, opened and marked read", async () => {
    const html = '<p>Olá <a href="http://x/confirm?token_hash=1">confirm</a></p>';
    await send(mail, { to: "Ada <ada@example.org>", subject: "Olá, Ada 🎉", text: "Code: 123456", html });
    const before = await list(mail);
    expect(before).toMatchObject({ total: 1, unread: 1, count: 1, messages_count: 1, start: 0 });
    expect(before.messages[0]).toMatchObject({
      Subject: "Olá, Ada 🎉",
      Read: false,
      Snippet: "Code: 123456",
    });
    const message = await (await fetch(url("/api/v1/message/latest"))).json();
    expect(message).toMatchObject({
      From: { Name: "TrackIt", Address: "no-reply@trackit.test" },
      To: [{ Name: "Ada", Address: "ada@example.org" }],
      Subject: "Olá, Ada 🎉",
      Text: expect.stringContaining("123456"),
      HTML: expect.stringContaining("token_hash=1"),
    });
    expect((await list(mail)).messages[0]?.Read).toBe(true);
    const raw = await (await fetch(url(`/api/v1/message/${before.messages[0]?.ID}/raw`))).text();
    expect(raw).toContain("Return-Path: <no-reply@trackit.test>");
  });

  test("search finds by recipient, quoted subject, text and their opposites", async () => {
    await send(mail, { to: "ada@example.org", subject: "Confirm your account", text: "one" });
    await send(mail, { to: "ben@example.org", subject: "Confirm your address", text: "two" });
    expect(await find(mail, "to:ada@example.org")).toEqual(["Confirm your account"]);
    expect(await find(mail, 'subject:"your ADDRESS"')).toEqual(["Confirm your address"]);
    expect(await find(mail, 'to:"ben@example.org" subject:confirm')).toEqual(["Confirm your address"]);
    expect(await find(mail, "subject:confirm -to:ada")).toEqual(["Confirm your address"]);
    expect(await find(mail, "one")).toEqual(["Confirm your account"]);
    expect(await find(mail, "to:eve@example.org")).toEqual([]);
    const latest = await fetch(url("/api/v1/message/latest?query=to:ada"));
    expect(await latest.json()).toMatchObject({ Subject: "Confirm your account" });
    await fetch(url("/api/v1/messages"), { method: "PUT", body: '{"Read":true,"Search":"to:ada"}' });
    expect(await find(mail, "is:unread")).toEqual(["Confirm your address"]);
  });

  test("pages, single deletes and a delete of all", async () => {
    for (const subject of ["first", "second", "third"])
      await send(mail, { to: "ada@example.org", subject, text: "x" });
    const page = await list(mail, "messages?start=1&limit=1");
    expect(page).toMatchObject({ total: 3, count: 1, start: 1 });
    expect(page.messages[0]?.Subject).toBe("second");
    const IDs = [page.messages[0]?.ID];
    await fetch(url("/api/v1/messages"), { method: "DELETE", body: JSON.stringify({ IDs }) });
    expect((await list(mail)).messages.map((one) => one.Subject)).toEqual(["third", "first"]);
    await fetch(url("/api/v1/messages"), { method: "DELETE" });
    expect((await list(mail)).total).toBe(0);
    expect((await fetch(url("/api/v1/message/latest"))).status).toBe(404);
  });

  test("a blind copy is told from the envelope", async () => {
    await send(mail, { to: "ada@example.org", bcc: "ben@example.org", subject: "hidden", text: "x" });
    expect((await list(mail)).messages[0]?.Bcc).toEqual([{ Name: "", Address: "ben@example.org" }]);
  });

  test("a message above the size limit is refused and the next is kept", async () => {
    const text = "a".repeat(6 * 1024 * 1024);
    await expect(send(mail, { to: "ada@example.org", subject: "big", text })).rejects.toThrow(/552|size/i);
    await send(mail, { to: "ada@example.org", subject: "small", text: "x" });
    expect((await list(mail)).messages.map((one) => one.Subject)).toEqual(["small"]);
  });

  test("an HTML mail's view may run nothing and load nothing", async () => {
    const html = '<script>alert(1)</script><img src="http://eve.test/pixel.png">';
    await send(mail, { to: "ada@example.org", subject: "canary", html });
    const view = await fetch(url("/view/latest.html"));
    const policy = view.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("sandbox allow-popups");
    expect(policy).not.toMatch(/script|allow-same-origin|http/);
  });

  test("an attachment downloads as bytes, never as a page", async () => {
    const attachments = [{ filename: "péssego.html", content: "<b>hi</b>", contentType: "text/html" }];
    await send(mail, { to: "ada@example.org", subject: "file", text: "x", attachments });
    const part = await fetch(url("/api/v1/message/latest/part/1"));
    expect(part.headers.get("content-type")).toBe("application/octet-stream");
    expect(part.headers.get("content-disposition")).toContain("attachment");
    expect(await part.text()).toBe("<b>hi</b>");
  });

  test("eve's page reads nothing through a rebound name or across sites", async () => {
    expect(await statusFor(mail, { host: "eve.test" })).toBe(403);
    expect(await statusFor(mail, { host: "eve.test:80" })).toBe(403);
    expect(await statusFor(mail, { "sec-fetch-site": "cross-site", "sec-fetch-mode": "cors" })).toBe(403);
    expect(await statusFor(mail, { host: `localhost:${mail.httpPort}` })).toBe(200);
    const response = await fetch(url("/api/v1/messages"), { headers: { origin: "http://eve.test" } });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });

  test("a malformed body, a missing query and an unknown path say what is wanted", async () => {
    const bad = await fetch(url("/api/v1/messages"), { method: "PUT", body: "{" });
    expect([bad.status, await bad.json()]).toEqual([
      400,
      { Error: "the body is not JSON: send a JSON object" },
    ]);
    expect((await fetch(url("/api/v1/messages"), { method: "PUT", body: "{}" })).status).toBe(400);
    expect((await fetch(url("/api/v1/search"))).status).toBe(400);
    expect((await fetch(url("/api/v1/nothing"))).status).toBe(404);
    expect((await fetch(url("/api/v1/info"), { method: "DELETE" })).status).toBe(405);
  });

  test("an open page hears of new mail", async () => {
    const stop = new AbortController();
    const stream = await fetch(url("/api/events"), { signal: stop.signal });
    await send(mail, { to: "ada@example.org", subject: "now", text: "x" });
    let heard = "";
    const decoder = new TextDecoder();
    for await (const chunk of stream.body ?? []) {
      heard += decoder.decode(chunk, { stream: true });
      if (heard.includes("event: changed")) break;
    }
    expect(heard).toContain("event: changed");
    stop.abort();
  });
});

describe("a mailbox on disk", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "trackit mail "));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test("mail, read flags and deletes survive a restart; torn and foreign files do no harm", async () => {
    const first = await start(folder);
    for (const subject of ["read", "unread", "deleted"])
      await send(first, { to: "ada@example.org", subject, text: "x" });
    const ids = Object.fromEntries((await list(first)).messages.map((one) => [one.Subject, one.ID]));
    const messages = `http://127.0.0.1:${first.httpPort}/api/v1/messages`;
    await fetch(messages, { method: "PUT", body: JSON.stringify({ IDs: [ids.read], Read: true }) });
    await fetch(messages, { method: "DELETE", body: JSON.stringify({ IDs: [ids.deleted] }) });
    await first.close();
    await writeFile(join(folder, "mail", "1700000000000-000001-x.eml.part"), "half");
    await writeFile(join(folder, "mail", "notes.txt"), "not a mail");

    const second = await start(folder);
    const kept = (await list(second)).messages.map(({ ID, Subject, Read }) => ({ ID, Subject, Read }));
    expect(kept).toEqual([
      { ID: ids.unread, Subject: "unread", Read: false },
      { ID: ids.read, Subject: "read", Read: true },
    ]);
    expect((await readdir(join(folder, "mail"))).filter((name) => name.endsWith(".part"))).toEqual([]);
    await second.close();
  });

  test("a taken port is an error and leaves nothing listening", async () => {
    const first = await start(null);
    const again = createMail({ smtpPort: 0, httpPort: first.httpPort, dataDir: null, log });
    await expect(again).rejects.toMatchObject({ code: "EADDRINUSE" });
    await first.close();
  });
});
