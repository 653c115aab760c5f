/** From a task's reminder to the mail in the mailbox, and how to be rid of such mail. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Mail, mailsTo, newestMail } from "../support/mail.ts";
import { as, asAnon, createPeople, type Person, suspend } from "../support/people.ts";
import type { TestStack } from "../support/stack.ts";
import { nothing, onlyMail, openQuietStack, remindNow, value, work } from "./worker-kit.ts";

let stack: TestStack;
let ada: Person;
let ben: Person;
let eve: Person;

beforeAll(async () => {
  stack = await openQuietStack();
  ({ ada, ben, eve } = await createPeople(stack, "ada", "ben", "eve"));
  await stack.db.query(
    "update public.profiles set locale = 'pt-PT', time_zone = 'Europe/Lisbon' where id = $1",
    [ben.id],
  );
});
afterAll(() => stack?.close());

/** The headers of a mail as they came over SMTP. */
async function headersOf({ ID }: Mail): Promise<Record<string, string[]>> {
  const answer = await fetch(`${stack.env.MAILPIT_URL}/api/v1/message/${ID}/headers`);
  return (await answer.json()) as Record<string, string[]>;
}

const unsubscribe = (query: string, init: RequestInit = {}) =>
  fetch(`${stack.env.FUNCTIONS_URL}/unsubscribe${query}`, { method: "POST", ...init });
const rpc = (headers: Record<string, string>, name: string, body: unknown) =>
  stack.send({ method: "POST", path: `/rest/v1/rpc/${name}`, headers, body });
const preferences = async (person: Person) =>
  (await rpc(as(stack, person), "my_mail_preferences", {})).json as unknown;
/** The token in the link of a mail. */
const tokenIn = (mail: Mail) => /\/unsubscribe\?token=(\S+)/.exec(mail.Text)?.[1] ?? "";

describe("a reminder", () => {
  it("reaches ada in English and ben in Portuguese, once each however often the worker is called", async () => {
    const task = await remindNow(stack, ada, "Buy <3 shoes & laces");
    await remindNow(stack, ben, "Comprar sapatos");
    expect((await work(stack)).jobs).toEqual({ ...nothing, done: 2 });
    await Promise.all([work(stack), work(stack)]);
    const english = await onlyMail(stack, ada);
    expect(english.Subject).toBe("Reminder: Buy <3 shoes & laces");
    expect(english.Text).toContain("“Buy <3 shoes & laces”");
    expect(english.Text).toContain(`/tasks?task=${task}`);
    expect(english.HTML).toContain("Buy &lt;3 shoes &amp; laces");
    const portuguese = await onlyMail(stack, ben);
    expect(portuguese.Subject).toBe("Lembrete: Comprar sapatos");
    expect(portuguese.Text).toMatch(/1 de março de 2027 às 18:30/);
  });

  it("is noted as sent, and nothing that it said is kept", async () => {
    const { rows } = await stack.db.query("select state, data, attempts from private.mails");
    expect(rows).toEqual([
      { state: "sent", data: {}, attempts: 1 },
      { state: "sent", data: {}, attempts: 1 },
    ]);
    const queued = await value<string>(stack, "select string_agg(message::text, '') from pgmq.a_jobs");
    for (const personal of ["shoes", "sapatos", ada.email, ben.email]) expect(queued).not.toContain(personal);
  });

  it("whose mail was sent again carries the same Message-ID, by which mailboxes know it", async () => {
    const id = await value<string>(stack, "select id from private.mails where user_id = $1", [ada.id]);
    expect((await headersOf(await newestMail(stack, ada.email)))["Message-ID"]).toEqual([
      `<${id}@trackit.local>`,
    ]);
  });

  it("does not come for a task that was done in the meantime, nor to a suspended account", async () => {
    await remindNow(stack, ada, "Done soon");
    await stack.db.query("update public.tasks set status = 'done' where title = 'Done soon'");
    await remindNow(stack, eve, "Suspended soon");
    await suspend(stack, eve);
    await work(stack);
    await work(stack);
    expect(await mailsTo(stack, ada.email)).toHaveLength(1);
    expect((await onlyMail(stack, eve)).Subject).toBe("Your TrackIt account is suspended");
    await stack.db.query("update public.profiles set status = 'active' where id = $1", [eve.id]);
  });
});

describe("unsubscribing", () => {
  it("takes one click of ada's mail program, without key or account", async () => {
    const headers = await headersOf(await newestMail(stack, ada.email));
    expect(headers["List-Unsubscribe-Post"]).toEqual(["List-Unsubscribe=One-Click"]);
    const link = /^<(.*)>$/.exec(headers["List-Unsubscribe"]?.[0] ?? "")?.[1] ?? "";
    expect((await fetch(link)).status).toBe(405);
    expect(await preferences(ada)).toEqual([{ kind: "reminders", wanted: true }]);
    const answer = await fetch(link, {
      method: "POST",
      body: "List-Unsubscribe=One-Click",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(await answer.json()).toEqual({ unsubscribed: "reminders" });
    expect(await preferences(ada)).toEqual([{ kind: "reminders", wanted: false }]);
    await remindNow(stack, ada, "Not told");
    await work(stack);
    await work(stack);
    expect(await mailsTo(stack, ada.email)).toHaveLength(1);
  });

  it("by the link in the mail works for whoever holds it, and again", async () => {
    const token = tokenIn(await onlyMail(stack, ben));
    for (let time = 0; time < 2; time++)
      expect(await rpc(asAnon(stack), "mail_unsubscribe", { token })).toMatchObject({
        status: 200,
        json: "reminders",
      });
    expect(await preferences(ben)).toEqual([{ kind: "reminders", wanted: false }]);
  });

  it("with ben's token changes nothing for eve, and a token that was tampered with is refused", async () => {
    const token = tokenIn(await onlyMail(stack, ben));
    const [, kind, mac] = token.split(".");
    const forged = [
      `${eve.id.replaceAll("-", "")}.${kind}.${mac}`,
      token.replace("reminders", "digest"),
      `${token.slice(0, -1)}${token.endsWith("0") ? "1" : "0"}`,
      `${token}0`,
      "",
    ];
    for (const one of forged) {
      expect((await rpc(asAnon(stack), "mail_unsubscribe", { token: one })).status).toBe(400);
      expect((await unsubscribe(`?token=${one}`)).status).toBe(400);
    }
    expect(await preferences(eve)).toEqual([{ kind: "reminders", wanted: true }]);
  });

  it("is undone by ada herself, and by nobody else for her", async () => {
    expect(
      (await rpc(asAnon(stack), "set_mail_preference", { kind: "reminders", wanted: true })).status,
    ).toBe(401);
    expect(await preferences(ada)).toEqual([{ kind: "reminders", wanted: false }]);
    await rpc(as(stack, ada), "set_mail_preference", { kind: "reminders", wanted: true });
    expect(await preferences(ada)).toEqual([{ kind: "reminders", wanted: true }]);
    await remindNow(stack, ada, "Told again");
    await work(stack);
    await work(stack);
    expect((await newestMail(stack, ada.email)).Subject).toBe("Reminder: Told again");
  });

  it("does not stop security mail", async () => {
    const before = (await mailsTo(stack, ben.email)).length;
    await suspend(stack, ben);
    await work(stack);
    const mail = await newestMail(stack, ben.email);
    expect((await mailsTo(stack, ben.email)).length).toBe(before + 1);
    expect(mail.Subject).toBe("A sua conta TrackIt está suspensa");
    expect(await headersOf(mail)).not.toHaveProperty("List-Unsubscribe");
  });
});
