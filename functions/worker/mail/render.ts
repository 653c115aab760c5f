import type { Letter } from "./deliver.ts";
import type { Mailing } from "./settings.ts";
import { type Context, type Language, languageOf, type Template, type Words } from "./templates.ts";
import type { Message } from "./transport.ts";

const footers: Record<Language, { why: string; stop: string }> = {
  en: { why: "TrackIt sent this because you asked for it.", stop: "No more of these" },
  pt: { why: "O TrackIt enviou isto porque você pediu.", stop: "Não receber mais" },
};

/** Gives a template's words the form of a mail, twice: as text, and as HTML in which nothing of theirs is markup. */
export function render(letter: Letter, template: Template, mailing: Mailing): Message {
  const language = languageOf(letter.locale);
  const context: Context = {
    name: letter.name,
    locale: letter.locale,
    timeZone: letter.time_zone,
    data: letter.data,
  };
  const words = template[language](context);
  const links = linksOf(words, letter.token, mailing);
  const form = { words, links, footer: footers[language], language };
  return {
    id: letter.id,
    from: mailing.from,
    to: letter.to,
    subject: words.subject.replace(/\s+/g, " "),
    text: asText(form),
    html: asHtml(form),
    headers: unsubscribeHeaders(letter.token, mailing),
  };
}

interface Form {
  words: Words;
  links: { action: string | null; stop: string | null };
  footer: { why: string; stop: string };
  language: Language;
}

function linksOf({ action }: Words, token: string | null, { webUrl }: Mailing): Form["links"] {
  if (webUrl === null) return { action: null, stop: null };
  return {
    action: action ? webUrl + action.path : null,
    stop: token === null ? null : `${webUrl}/unsubscribe?token=${encodeURIComponent(token)}`,
  };
}

/** One click in the reader's mail program, without a visit. @see RFC 8058 */
function unsubscribeHeaders(token: string | null, { unsubscribeUrl }: Mailing): Record<string, string> {
  if (token === null) return {};
  return {
    "List-Unsubscribe": `<${unsubscribeUrl}?token=${encodeURIComponent(token)}>`,
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
  };
}

function asText({ words, links, footer }: Form): string {
  const parts = [...words.paragraphs];
  if (words.action && links.action) parts.push(`${words.action.label}: ${links.action}`);
  if (links.stop) parts.push(`-- \n${footer.why}\n${footer.stop}: ${links.stop}`);
  return `${parts.join("\n\n")}\n`;
}

function asHtml({ words, links, footer, language }: Form): string {
  const parts = words.paragraphs.map((paragraph) => `<p>${escapeHtml(paragraph)}</p>`);
  if (words.action && links.action)
    parts.push(
      `<p><a href="${escapeHtml(links.action)}" style="display:inline-block;padding:10px 16px;border-radius:6px;background:#1d4ed8;color:#fff;text-decoration:none">${escapeHtml(words.action.label)}</a></p>`,
    );
  if (links.stop)
    parts.push(
      `<p style="color:#555;font-size:13px">${escapeHtml(footer.why)} <a href="${escapeHtml(links.stop)}" style="color:#555">${escapeHtml(footer.stop)}</a></p>`,
    );
  const style = "font-family:system-ui,sans-serif;line-height:1.5;max-width:36em;margin:0 auto;padding:16px";
  return `<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escapeHtml(words.subject)}</title></head>
<body><div style="${style}">
${parts.join("\n")}
</div></body>
</html>
`;
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
