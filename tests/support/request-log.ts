import diagnostics from "node:diagnostics_channel";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";

/** A request, as a server of this process has got it. */
export interface Arrived {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  /** Bytes of its body that have arrived so far, whether its client was there to the end or not. */
  received: number;
}

export interface RequestLog {
  /** In their order. */
  readonly requests: Arrived[];
  close(): void;
}

/** Notes what arrives at the servers of this process, where their parser hands it over. */
export function logRequests(isWanted: (request: Arrived) => boolean): RequestLog {
  const requests: Arrived[] = [];
  const note = (message: unknown): void => {
    const { request } = message as { request: IncomingMessage };
    const { method = "", url = "", headers } = request;
    const arrived = { method, path: url, headers, received: 0 };
    if (!isWanted(arrived)) return;
    requests.push(arrived);
    const { push } = request;
    request.push = (bytes: Uint8Array | null, ...rest) => {
      arrived.received += bytes?.length ?? 0;
      return push.call(request, bytes, ...rest);
    };
  };
  diagnostics.subscribe("http.server.request.start", note);
  return { requests, close: () => void diagnostics.unsubscribe("http.server.request.start", note) };
}
