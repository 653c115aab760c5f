import { createTransport } from "nodemailer";
import { JobFailure } from "../drain.ts";
import type { Transport } from "./transport.ts";

/** Milliseconds for each step; four mails at a time must fit the worker's own time. */
const patience = 10_000;

/**
 * Sends by SMTP. SMTP knows no idempotency key: the mail's id is its Message-ID, by which mailboxes recognise a mail
 * that came twice.
 * @param url `smtp://user:password@host:port`, `smtps://` for TLS from the start
 */
export function createSmtp(url: string): Transport {
  const server = createTransport(url, {});
  Object.assign(server.options, {
    connectionTimeout: patience,
    greetingTimeout: patience,
    socketTimeout: patience,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async send({ id, from, to, subject, text, html, headers }) {
      const host = /@([\w.-]+)/.exec(from)?.[1] ?? "trackit.local";
      const messageId = `<${id}@${host}>`;
      const sent = await server
        .sendMail({ from, to: { name: "", address: to }, subject, text, html, headers, messageId })
        .catch((cause: unknown) => {
          throw failureOf(cause);
        });
      return sent.messageId;
    },
  };
}

// 53x is about our own name and password, which an operator will put right.
function failureOf(cause: unknown): JobFailure {
  const { responseCode, code } = (cause ?? {}) as { responseCode?: number; code?: string };
  if (responseCode === undefined) return new JobFailure(`SMTP ${code ?? "failed"}`, { cause });
  const final = responseCode >= 500 && Math.floor(responseCode / 10) !== 53;
  return new JobFailure(`SMTP ${responseCode}`, { final, cause });
}
