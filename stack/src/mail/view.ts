import type { MailMessage } from "./message.ts";
import { failure, type Reply, text } from "./reply.ts";

/**
 * Mail is written by strangers: its page runs no script, loads nothing from anywhere, sends no form,
 * and lives in an origin of its own. Links open in a new tab, without a way back.
 */
const mailPolicy = [
  "sandbox allow-popups allow-popups-to-escape-sandbox",
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join("; ");

/** The HTML part as a document of its own, for the mailbox page's frame. */
export function htmlView(message: MailMessage): Reply {
  if (message.html === "") return failure(404, `message ${message.id} has no HTML part: ask for its text`);
  const body = `<!doctype html><meta charset="utf-8"><base target="_blank">${inlineImages(message)}`;
  return {
    status: 200,
    headers: { "content-type": "text/html; charset=utf-8", "content-security-policy": mailPolicy },
    body,
  };
}

export function textView(message: MailMessage): Reply {
  return text(message.text);
}

/** An attachment, always as a download: a browser that renders it would trust a stranger's file. */
export function attachmentReply(message: MailMessage, partId: string): Reply {
  const part = message.attachments.find((one) => one.partId === partId);
  if (!part)
    return failure(404, `message ${message.id} has no part ${partId}: see Attachments of the message`);
  const name = encodeURIComponent(part.fileName || `part-${partId}`);
  return {
    status: 200,
    headers: {
      "content-type": "application/octet-stream",
      "content-disposition": `attachment; filename*=UTF-8''${name}`,
    },
    body: part.content,
  };
}

/** Pictures that came with the mail are shown from it: `cid:` becomes `data:`. */
function inlineImages({ html, attachments }: MailMessage): string {
  const images = new Map(
    attachments
      .filter((part) => part.contentId !== "" && /^image\/(png|jpeg|gif|webp)$/.test(part.contentType))
      .map((part) => [part.contentId, part]),
  );
  return html.replace(/\bcid:([^"'\s)>]+)/gi, (whole, id: string) => {
    const part = images.get(id);
    return part ? `data:${part.contentType};base64,${Buffer.from(part.content).toString("base64")}` : whole;
  });
}
