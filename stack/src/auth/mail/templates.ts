import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { EmailConfig, MailKind } from "../config.ts";
import { MAIL_KINDS } from "../config.ts";
import type { Json } from "../context.ts";
import { htmlToText } from "./plain.ts";
import type { Node } from "./template.ts";
import { escapeHtml, parseTemplate, render } from "./template.ts";

/** What the real server sends where a project has no template of its own. */
const DEFAULTS: Record<MailKind, { subject: string; html: string }> = {
  confirmation: {
    subject: "Confirm Your Signup",
    html: '<p><a href="{{ .ConfirmationURL }}">Confirm your mail</a>. Code: {{ .Token }}</p>',
  },
  recovery: {
    subject: "Reset Your Password",
    html: '<p><a href="{{ .ConfirmationURL }}">Reset your password</a>. Code: {{ .Token }}</p>',
  },
  invite: {
    subject: "You have been invited",
    html: '<p>You have been invited. <a href="{{ .ConfirmationURL }}">Accept the invite</a></p>',
  },
  magic_link: {
    subject: "Your Magic Link",
    html: '<p><a href="{{ .ConfirmationURL }}">Sign in</a>. Code: {{ .Token }}</p>',
  },
  email_change: {
    subject: "Confirm Email Change",
    html: '<p><a href="{{ .ConfirmationURL }}">Change address to {{ .NewEmail }}</a>. Code: {{ .Token }}</p>',
  },
  reauthentication: { subject: "Confirm reauthentication", html: "<p>Code: {{ .Token }}</p>" },
};

interface Compiled {
  subject: Node[];
  html: Node[];
}

export interface Rendered {
  subject: string;
  html: string;
  text: string;
}

export type Templates = (kind: MailKind, values: Json) => Rendered;

async function readSource(project: string, path: string): Promise<string> {
  const file = resolve(project, path);
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`reading mail template ${file} (content_path in config.toml): ${reason}`);
  }
}

/**
 * Reads and parses the templates of config.toml, once; a template that cannot be read or parsed stops the start.
 *
 * @param project the folder that `content_path` starts from
 */
export async function loadTemplates(config: EmailConfig, project: string): Promise<Templates> {
  const compiled = new Map<MailKind, Compiled>();
  for (const kind of MAIL_KINDS) {
    const own = config.template?.[kind];
    const html = own?.content_path ? await readSource(project, own.content_path) : DEFAULTS[kind].html;
    compiled.set(kind, {
      subject: parseTemplate(own?.subject ?? DEFAULTS[kind].subject),
      html: parseTemplate(html),
    });
  }
  return (kind, values) => {
    const template = compiled.get(kind);
    if (template === undefined) throw new Error(`rendering a mail of kind ${kind}: no such kind`);
    const html = render(template.html, values, escapeHtml);
    // A header is one line.
    const subject = render(template.subject, values, (value) => value.replace(/[\r\n]+/g, " "));
    return { subject: subject.trim(), html, text: htmlToText(html) };
  };
}
