import type { MailAddress, MailMessage } from "./message.ts";

type Test = (message: MailMessage) => boolean;

const fields: Record<string, (value: string) => Test> = {
  to: (value) => (message) => hasAddress(message.to, value),
  from: (value) => (message) => hasAddress([message.from], value),
  cc: (value) => (message) => hasAddress(message.cc, value),
  bcc: (value) => (message) => hasAddress(message.bcc, value),
  "reply-to": (value) => (message) => hasAddress(message.replyTo, value),
  addressed: (value) => (message) =>
    hasAddress([message.from, ...message.to, ...message.cc, ...message.bcc, ...message.replyTo], value),
  subject: (value) => (message) => fold(message.subject).includes(value),
  "message-id": (value) => (message) => fold(message.messageId).includes(value),
  is: (value) => (message) => (value === "read" ? message.read : value === "unread" && !message.read),
  has: (value) => (message) => value.startsWith("attachment") && message.attachments.length > 0,
};

/**
 * Compiles a search as Mailpit writes it: `to:ada@example.org subject:"Confirm your" -is:read word`.
 * Every term must hold; a leading `-` or `!` turns one around; letters' case does not matter.
 */
export function compileSearch(query: string): Test {
  const tests = terms(query).map(({ field, value, not }) => {
    const test = field ? fields[field]?.(value) : undefined;
    const positive = test ?? anywhere(field ? `${field}:${value}` : value);
    return not ? (message: MailMessage) => !positive(message) : positive;
  });
  return (message) => tests.every((test) => test(message));
}

interface Term {
  field: string | undefined;
  value: string;
  not: boolean;
}

/** `-field:"quoted value"`, `field:value`, `"quoted"` or `value`. */
function terms(query: string): Term[] {
  const term = /([-!]?)(?:([a-z-]+):)?(?:"([^"]*)"?|([^\s"]+))/giy;
  const found: Term[] = [];
  let at = 0;
  while (at < query.length) {
    term.lastIndex = at;
    const match = term.exec(query);
    if (!match) {
      at += 1;
      continue;
    }
    const value = fold(match[3] ?? match[4] ?? "");
    if (value !== "") found.push({ field: match[2]?.toLowerCase(), value, not: match[1] !== "" });
    at = term.lastIndex;
  }
  return found;
}

function anywhere(value: string): Test {
  return (message) =>
    [message.subject, message.text, message.html].some((text) => fold(text).includes(value)) ||
    fields.addressed?.(value)(message) === true;
}

function hasAddress(addresses: readonly MailAddress[], value: string): boolean {
  return addresses.some((one) => fold(`${one.Name} <${one.Address}>`).includes(value));
}

function fold(text: string): string {
  return text.normalize("NFC").toLowerCase();
}
