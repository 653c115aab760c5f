import { createHash } from "node:crypto";
import PostalMime, { type Address, type Attachment } from "postal-mime";

/** An address as Mailpit's API writes it. */
export interface MailAddress {
  Name: string;
  Address: string;
}

/** One attachment; `content` never leaves through the list of messages. */
export interface MailAttachment {
  partId: string;
  fileName: string;
  contentType: string;
  contentId: string;
  inline: boolean;
  content: Uint8Array;
  sha256: string;
}

/** A received message: the bytes as delivered, and what they say. */
export interface MailMessage {
  id: string;
  raw: Uint8Array;
  received: Date;
  read: boolean;
  messageId: string;
  returnPath: string;
  from: MailAddress;
  to: MailAddress[];
  cc: MailAddress[];
  bcc: MailAddress[];
  replyTo: MailAddress[];
  subject: string;
  date: Date;
  html: string;
  text: string;
  headers: Record<string, string[]>;
  attachments: MailAttachment[];
}

/** The header in which delivery notes the envelope's recipients, so that blind copies are not lost. */
export const envelopeHeader = "X-Envelope-To";

/**
 * Reads one delivered message.
 * @param raw RFC 5322 bytes, at most the size that SMTP lets in
 * @throws when headers or nesting pass the parser's bounds
 */
export async function parseMessage(
  raw: Uint8Array,
  kept: { id: string; received: Date; read: boolean },
): Promise<MailMessage> {
  const mail = await PostalMime.parse(raw);
  const headers: Record<string, string[]> = {};
  for (const { originalKey, value } of mail.headers) {
    const values = headers[originalKey] ?? [];
    values.push(value);
    headers[originalKey] = values;
  }
  const to = flatten(mail.to);
  const cc = flatten(mail.cc);
  const written = new Date(mail.date ?? "");
  return {
    ...kept,
    raw,
    messageId: (mail.messageId ?? "").replace(/^<|>$/g, ""),
    returnPath: (mail.returnPath ?? "").replace(/^<|>$/g, ""),
    from: flatten(mail.from ? [mail.from] : [])[0] ?? { Name: "", Address: "" },
    to,
    cc,
    bcc: blindCopies(flatten(mail.bcc), [...to, ...cc], headers[envelopeHeader]?.[0] ?? ""),
    replyTo: flatten(mail.replyTo),
    subject: mail.subject ?? "",
    date: Number.isNaN(written.getTime()) ? kept.received : written,
    html: mail.html ?? "",
    text: mail.text ?? "",
    headers,
    attachments: mail.attachments.map(readAttachment),
  };
}

/** Groups ("friends: a@x, b@x;") count as their members. */
function flatten(addresses: readonly Address[] = []): MailAddress[] {
  return addresses
    .flatMap((one) => (one.group ? one.group : [one]))
    .map((one) => ({ Name: one.name, Address: one.address }));
}

/** Recipients of the envelope that no header names were blind copies. */
function blindCopies(named: MailAddress[], open: MailAddress[], envelope: string): MailAddress[] {
  const known = new Set([...named, ...open].map((one) => one.Address.toLowerCase()));
  const hidden = envelope
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "" && !known.has(one.toLowerCase()));
  return [...named, ...hidden.map((one) => ({ Name: "", Address: one }))];
}

function readAttachment(part: Attachment, index: number): MailAttachment {
  const content =
    typeof part.content === "string" ? new TextEncoder().encode(part.content) : new Uint8Array(part.content);
  return {
    partId: String(index + 1),
    fileName: part.filename ?? "",
    contentType: part.mimeType,
    contentId: (part.contentId ?? "").replace(/^<|>$/g, ""),
    inline: part.disposition === "inline" || part.related === true,
    content,
    sha256: createHash("sha256").update(content).digest("hex"),
  };
}
