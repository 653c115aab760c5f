import type { Connection } from "../connect.ts";
import { fromNetwork, throwIfAborted } from "../failure/network.ts";
import { fromStorage } from "../failure/storage.ts";
import { Silence } from "./silence.ts";

/** What is sent to Storage, and what is heard while it goes out. */
export interface Sending {
  method: "POST" | "PATCH" | "HEAD";
  headers: Record<string, string>;
  body: Uint8Array<ArrayBuffer> | null;
  signal: AbortSignal;
  /** Bytes of the body that are out, where the platform tells. */
  onBytes?: ((sent: number) => void) | undefined;
}

export interface Answered {
  status: number;
  header(name: string): string | null;
  text: string;
}

/** The project's Storage, for whoever is signed in. */
export interface Door {
  /** Of a path below `/storage/v1/`, or with a slash in front of the project's own. */
  url(path: string): string;
  /** @throws what a refusal maps to */
  send(url: string, sending: Sending, action: string): Promise<Answered>;
  /** An answer with its body still to come. @throws what a refusal maps to */
  read(url: string, headers: Record<string, string>, action: string, signal: AbortSignal): Promise<Response>;
}

/** A line on which nothing moves for so long is given up. */
export const SILENCE_MS = 60_000;
/** Where the platform does not tell what moves: a line that is slower than so many bytes in a millisecond. */
const SLOWEST = 8;

/** How a refusal is read. */
type Refusal = (text: string, status: number, action: string, retryAfter: string | null) => Error;

/** @param refused Reads refusals; as Storage's when left out. */
export function doorOf(connection: Connection, refused: Refusal = fromStorage): Door {
  const { client } = connection;
  const root = String(Reflect.get(client, "supabaseUrl") ?? "").replace(/\/$/, "");
  const key = String(Reflect.get(client, "supabaseKey") ?? "");
  /** Read before each request: a long upload outlives its first token. */
  const headersOf = async (given: Record<string, string>): Promise<Record<string, string>> => {
    const { data } = await client.auth.getSession();
    return { ...given, apikey: key, authorization: `Bearer ${data.session?.access_token ?? key}` };
  };
  return {
    url: (path) => (path.startsWith("/") ? root + path : `${root}/storage/v1/${path}`),
    send: async (url, sending, action) => {
      throwIfAborted(sending.signal, action);
      const headers = await headersOf(sending.headers);
      const isOwn = connection.send === null && typeof XMLHttpRequest !== "undefined";
      const post = isOwn ? byXhr : byFetch(connection.send ?? fetch);
      const silence = new Silence(sending.signal, SILENCE_MS + (isOwn ? 0 : sizeOf(sending) / SLOWEST));
      const onBytes = (sent: number): void => {
        silence.broken();
        sending.onBytes?.(sent);
      };
      const answer = await post(url, { ...sending, headers, onBytes, signal: silence.signal })
        .catch((cause: unknown) => {
          throw fromNetwork(silence.isOver ? silence.signal.reason : cause, action, sending.signal);
        })
        .finally(() => silence.end());
      if (answer.status >= 300)
        throw refused(answer.text, answer.status, action, answer.header("retry-after"));
      return answer;
    },
    read: async (url, given, action, signal) => {
      throwIfAborted(signal, action);
      const headers = await headersOf(given);
      return readFrom(connection.send ?? fetch, url, headers, action, signal);
    },
  };
}

const sizeOf = ({ body }: Sending): number => body?.length ?? 0;

/** @throws what a refusal maps to */
export async function readFrom(
  send: typeof fetch,
  url: string,
  headers: Record<string, string>,
  action: string,
  signal: AbortSignal,
): Promise<Response> {
  const answer = await send(url, { headers, signal, cache: "no-store" }).catch((cause: unknown) => {
    throw fromNetwork(cause, action, signal);
  });
  if (answer.ok) return answer;
  throw fromStorage(await answer.text().catch(() => ""), answer.status, action);
}

const byFetch =
  (send: typeof fetch) =>
  async (url: string, { method, headers, body, signal, onBytes }: Sending): Promise<Answered> => {
    const answer = await send(url, { method, headers, body, signal });
    const text = await answer.text();
    onBytes?.(body?.length ?? 0);
    return { status: answer.status, header: (name) => answer.headers.get(name), text };
  };

/** The one way in which a browser tells how much of a body is out. */
function byXhr(url: string, { method, headers, body, signal, onBytes }: Sending): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    request.open(method, url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded }) => onBytes?.(loaded);
    request.onerror = () => reject(new TypeError("the request failed"));
    request.onabort = () => reject(new DOMException("the request was aborted", "AbortError"));
    request.onload = () =>
      resolve({
        status: request.status,
        header: (name) => request.getResponseHeader(name),
        text: request.responseText,
      });
    request.onloadend = () => signal.removeEventListener("abort", abort);
    signal.addEventListener("abort", abort, { once: true });
    request.send(body);
  });
}
