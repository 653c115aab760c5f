import { createApi } from "./api.ts";
import { createSmtp } from "./smtp.ts";
import type { Transport } from "./transport.ts";

/** How mail leaves this installation. */
export interface Mailing {
  from: string;
  /** Where the app is, without a slash at its end; null where it is not known. */
  webUrl: string | null;
  /** Where the function `unsubscribe` is reached from outside. */
  unsubscribeUrl: string;
  transport: Transport;
}

type Get = (name: string) => string | undefined;

const wanted = "want MAIL_API_URL and MAIL_API_KEY, or MAIL_SMTP_URL";

/**
 * Reads where mail goes: an HTTP mail API where one is named (the hosted platform closes the SMTP ports), else SMTP.
 * @throws Error naming what is missing; only where mail is to be sent, so that other jobs go on without
 */
export function readMailing(get: Get, fetcher: typeof fetch = fetch): Mailing {
  const base = (get("TRACKIT_JWT_ISSUER") ?? get("SUPABASE_URL") ?? "").replace(/\/auth\/v1\/?$|\/+$/, "");
  return {
    from: get("MAIL_FROM") ?? "TrackIt <no-reply@trackit.local>",
    webUrl: (get("WEB_URL") ?? get("TRACKIT_WEB_URL"))?.replace(/\/+$/, "") || null,
    unsubscribeUrl: `${base}/functions/v1/unsubscribe`,
    transport: chooseTransport(get, fetcher),
  };
}

function chooseTransport(get: Get, fetcher: typeof fetch): Transport {
  const url = get("MAIL_API_URL");
  const key = get("MAIL_API_KEY");
  if (url && key) return createApi({ url, key, fetcher });
  const smtp = get("MAIL_SMTP_URL") ?? get("TRACKIT_SMTP_URL");
  if (smtp) return createSmtp(smtp);
  return { send: () => Promise.reject(new Error(`cannot send mail: no server is set, ${wanted}`)) };
}
