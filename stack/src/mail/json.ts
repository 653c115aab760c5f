import type { Mailbox } from "./mailbox.ts";
import type { MailAttachment, MailMessage } from "./message.ts";

/** A message in a list, with Mailpit's field names. */
export function summary(message: MailMessage) {
  return {
    ID: message.id,
    MessageID: message.messageId,
    Read: message.read,
    From: message.from,
    To: message.to,
    Cc: message.cc,
    Bcc: message.bcc,
    ReplyTo: message.replyTo,
    Subject: message.subject,
    Created: message.received.toISOString(),
    Username: "",
    Tags: [],
    Size: message.raw.byteLength,
    Attachments: message.attachments.length,
    Snippet: snippet(message),
  };
}

/** A message opened, with Mailpit's field names. */
export function detail(message: MailMessage) {
  const { attachments } = message;
  return {
    ID: message.id,
    MessageID: message.messageId,
    From: message.from,
    To: message.to,
    Cc: message.cc,
    Bcc: message.bcc,
    ReplyTo: message.replyTo,
    ReturnPath: message.returnPath,
    Subject: message.subject,
    ListUnsubscribe: { Header: "", Links: [], Errors: "", HeaderPost: "" },
    Date: message.date.toISOString(),
    Tags: [],
    Username: "",
    Text: message.text,
    HTML: message.html,
    Size: message.raw.byteLength,
    Inline: attachments.filter((one) => one.inline).map(attachment),
    Attachments: attachments.filter((one) => !one.inline).map(attachment),
  };
}

function attachment(part: MailAttachment) {
  return {
    PartID: part.partId,
    FileName: part.fileName,
    ContentType: part.contentType,
    ContentID: part.contentId,
    Size: part.content.byteLength,
    Checksums: { SHA256: part.sha256 },
  };
}

/** A page of messages beside the counts of the whole mailbox (`total`) and of the match (`messages_count`). */
export function list(mailbox: Mailbox, matching: readonly MailMessage[], start: number, limit: number) {
  const messages = matching.slice(start, start + limit).map(summary);
  return {
    total: mailbox.messages.length,
    unread: unread(mailbox.messages),
    count: messages.length,
    messages_count: matching.length,
    messages_unread: unread(matching),
    start,
    tags: [],
    messages,
  };
}

export function info(mailbox: Mailbox) {
  return {
    Version: "trackit",
    LatestVersion: "trackit",
    Database: "",
    DatabaseSize: mailbox.messages.reduce((sum, message) => sum + message.raw.byteLength, 0),
    Messages: mailbox.messages.length,
    Unread: unread(mailbox.messages),
    Tags: {},
  };
}

function unread(messages: readonly MailMessage[]): number {
  return messages.filter((message) => !message.read).length;
}

/** The first 250 characters of what a reader sees; HTML without a text part loses its tags only for this line. */
function snippet({ text, html }: MailMessage): string {
  const source = text || html.replace(/<(style|script|title)\b.*?<\/\1>/gis, " ").replace(/<[^>]*>/g, " ");
  const line = source.replace(/\s+/g, " ").trim();
  return line.length > 250 ? `${line.slice(0, 247)}...` : line;
}
