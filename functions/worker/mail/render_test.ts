import assert from "node:assert/strict";
import type { Letter } from "./deliver.ts";
import { render } from "./render.ts";
import type { Mailing } from "./settings.ts";
import { type Template, templates } from "./templates.ts";

const mailing: Mailing = {
  from: "TrackIt <no-reply@trackit.example>",
  webUrl: "https://app.example",
  unsubscribeUrl: "https://api.example/functions/v1/unsubscribe",
  transport: { send: async () => null },
};

const letter = (over: Partial<Letter> = {}): Letter => ({
  id: crypto.randomUUID(),
  to: "ada@example.com",
  name: "Ada",
  locale: "en",
  time_zone: "UTC",
  template: "task_reminder",
  data: { task: "0192", title: "Buy shoes", due_at: "2027-03-01T18:30:00+00:00" },
  token: "abc.reminders.def",
  ...over,
});

const rendered = (over: Partial<Letter> = {}, more: Partial<Mailing> = {}) => {
  const one = letter(over);
  return render(one, templates[one.template] as Template, { ...mailing, ...more });
};

Deno.test("mail: a reminder is in its reader's language and time", () => {
  const english = rendered({ locale: "en-GB", time_zone: "Europe/Lisbon" });
  assert.equal(english.subject, "Reminder: Buy shoes");
  assert.match(english.text, /Monday,? 1 March 2027 at 18:30/);
  const portuguese = rendered({ locale: "pt-BR", time_zone: "America/Sao_Paulo" });
  assert.equal(portuguese.subject, "Lembrete: Buy shoes");
  assert.match(portuguese.text, /1 de março de 2027 às 15:30/);
  assert.match(portuguese.html, /<html lang="pt">/);
});

Deno.test("mail: a language that there is no mail in gets English, an unknown zone UTC", () => {
  assert.match(rendered({ locale: "de" }).subject, /^Reminder/);
  assert.match(rendered({ time_zone: "Mars/Olympus" }).text, /6:30.*UTC/);
});

Deno.test("mail: nothing that people wrote is markup, nor a header of its own", () => {
  const hostile = `<img src=x onerror="alert(1)">&'\r\nBcc: eve@example.com`;
  const { subject, html, text } = rendered({ name: hostile, data: { title: hostile, task: `"><script>` } });
  assert.doesNotMatch(subject, /[\r\n]/);
  assert.doesNotMatch(html, /<img|<script|onerror="/);
  assert.match(html, /&lt;img src=x onerror=&quot;alert\(1\)&quot;&gt;&amp;&#39;/);
  assert.match(text, /<img src=x/);
});

Deno.test("mail: one click unsubscribes (RFC 8058), and a link in the mail does", () => {
  const { headers, text, html } = rendered({ token: "a+b" });
  assert.deepEqual(headers, {
    "List-Unsubscribe": "<https://api.example/functions/v1/unsubscribe?token=a%2Bb>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
  });
  assert.ok(text.includes("https://app.example/unsubscribe?token=a%2Bb"));
  assert.ok(html.includes('href="https://app.example/unsubscribe?token=a%2Bb"'));
});

Deno.test("mail: security mail offers no way to be without it", () => {
  const { headers, text, html } = rendered({ template: "account_suspended", token: null });
  assert.deepEqual(headers, {});
  assert.ok(!text.includes("unsubscribe") && !html.includes("unsubscribe"));
});

Deno.test("mail: where the app is not known there are no links into it", () => {
  const { text, html } = rendered({}, { webUrl: null });
  assert.ok(!text.includes("http") && !html.includes("href"));
});

Deno.test("mail: each template speaks both languages and leaves nothing open", () => {
  for (const [name, template] of Object.entries(templates))
    for (const locale of ["en", "pt"]) {
      const { subject, text, html } = render(letter({ template: name, locale }), template, mailing);
      for (const part of [subject, text, html]) assert.doesNotMatch(part, /undefined|null|NaN|\[object/);
      assert.ok(text.includes("Ada") && html.includes("Ada"));
    }
});
