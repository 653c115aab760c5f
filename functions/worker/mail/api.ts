import { JobFailure } from "../drain.ts";
import type { Message, Transport } from "./transport.ts";

export interface ApiOptions {
  url: string;
  key: string;
  fetcher?: typeof fetch;
}

/** How long the provider may take, in milliseconds. */
const patience = 15_000;

/** Answers after which the same mail would be refused again. */
const final = new Set([400, 404, 406, 413, 422]);

/**
 * Sends by a provider's HTTP API. The body is Resend's, which others have taken over; a URL at postmarkapp.com gets
 * Postmark's. The mail's id goes along as idempotency key, so that a provider that knows those sends it once.
 */
export function createApi({ url, key, fetcher = fetch }: ApiOptions): Transport {
  const dialect = new URL(url).hostname.endsWith("postmarkapp.com") ? postmark : resend;
  return {
    async send(message) {
      const answer = await fetcher(url, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          accept: "application/json",
          "idempotency-key": message.id,
          ...dialect.headers(key),
        },
        body: JSON.stringify(dialect.body(message)),
        signal: AbortSignal.timeout(patience),
      }).catch((cause: unknown) => {
        throw new JobFailure("HTTP unreachable", { cause });
      });
      const told: unknown = await answer.json().catch(() => ({}));
      if (!answer.ok) throw new JobFailure(`HTTP ${answer.status}`, { final: final.has(answer.status) });
      return dialect.id((told ?? {}) as Record<string, unknown>);
    },
  };
}

interface Dialect {
  headers(key: string): Record<string, string>;
  body(message: Message): unknown;
  id(answer: Record<string, unknown>): string | null;
}

const textOrNull = (value: unknown) => (typeof value === "string" ? value : null);

const resend: Dialect = {
  headers: (key) => ({ authorization: `Bearer ${key}` }),
  body: ({ from, to, subject, text, html, headers }) => ({ from, to: [to], subject, text, html, headers }),
  id: (answer) => textOrNull(answer.id),
};

const postmark: Dialect = {
  headers: (key) => ({ "x-postmark-server-token": key }),
  body: ({ from, to, subject, text, html, headers }) => ({
    From: from,
    To: to,
    Subject: subject,
    TextBody: text,
    HtmlBody: html,
    Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
    MessageStream: "outbound",
  }),
  id: (answer) => textOrNull(answer.MessageID),
};
