import assert from "node:assert/strict";
import { JobFailure } from "../drain.ts";
import { createApi } from "./api.ts";
import { readMailing } from "./settings.ts";
import type { Message } from "./transport.ts";

const message: Message = {
  id: "0192f0c1-0000-7000-8000-000000000001",
  from: "TrackIt <no-reply@trackit.example>",
  to: "ada@example.com",
  subject: "Reminder",
  text: "text",
  html: "<p>html</p>",
  headers: { "List-Unsubscribe": "<https://x>" },
};

/** A provider that notes what it is asked and answers so. */
function provider(status: number, body: unknown) {
  const asked: Request[] = [];
  const fetcher: typeof fetch = async (input, init) => {
    asked.push(new Request(input as string, init as RequestInit));
    return Response.json(body, { status });
  };
  return { asked, fetcher };
}

Deno.test("mail API: Resend's form, with the mail's id as idempotency key", async () => {
  const { asked, fetcher } = provider(200, { id: "re_1" });
  const api = createApi({ url: "https://api.resend.com/emails", key: "re_key", fetcher });
  assert.equal(await api.send(message), "re_1");
  const [request] = asked as [Request];
  assert.equal(request.headers.get("authorization"), "Bearer re_key");
  assert.equal(request.headers.get("idempotency-key"), message.id);
  const { id: _, ...rest } = message;
  assert.deepEqual(await request.json(), { ...rest, to: [message.to] });
});

Deno.test("mail API: Postmark's form", async () => {
  const { asked, fetcher } = provider(200, { MessageID: "pm-1" });
  const api = createApi({ url: "https://api.postmarkapp.com/email", key: "pm_key", fetcher });
  assert.equal(await api.send(message), "pm-1");
  const [request] = asked as [Request];
  assert.equal(request.headers.get("x-postmark-server-token"), "pm_key");
  const body = (await request.json()) as Record<string, unknown>;
  assert.equal(body.To, message.to);
  assert.deepEqual(body.Headers, [{ Name: "List-Unsubscribe", Value: "<https://x>" }]);
});

for (const [status, final] of [
  [422, true],
  [400, true],
  [401, false],
  [429, false],
  [500, false],
] as const)
  Deno.test(`mail API: ${status} is ${final ? "the end" : "tried again"}`, async () => {
    const { fetcher } = provider(status, { message: "ada@example.com is wrong" });
    const api = createApi({ url: "https://api.resend.com/emails", key: "k", fetcher });
    await assert.rejects(api.send(message), (error) => {
      assert.ok(error instanceof JobFailure);
      assert.deepEqual([error.reason, error.final], [`HTTP ${status}`, final]);
      return true;
    });
  });

Deno.test("mail API: a provider that cannot be reached is tried again", async () => {
  const fetcher = () => Promise.reject(new TypeError("network"));
  const api = createApi({ url: "https://api.resend.com/emails", key: "k", fetcher });
  await assert.rejects(api.send(message), (error) => error instanceof JobFailure && !error.final);
});

Deno.test("mail settings: an API before SMTP; with neither it says what is missing, when mail is to go", async () => {
  const { asked, fetcher } = provider(200, { id: "1" });
  const environment: Record<string, string> = {
    SUPABASE_URL: "https://project.example",
    MAIL_API_URL: "https://api.resend.com/emails",
    MAIL_API_KEY: "k",
    MAIL_SMTP_URL: "smtp://127.0.0.1:1",
    WEB_URL: "https://app.example/",
  };
  const mailing = readMailing((name) => environment[name], fetcher);
  await mailing.transport.send(message);
  assert.equal(asked.length, 1);
  assert.equal(mailing.webUrl, "https://app.example");
  assert.equal(mailing.unsubscribeUrl, "https://project.example/functions/v1/unsubscribe");
  await assert.rejects(readMailing(() => undefined).transport.send(message), /MAIL_API_URL.*MAIL_SMTP_URL/);
});
