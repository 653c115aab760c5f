import type { IncomingMessage } from "node:http";
import { BodyTooLargeError } from "./errors.ts";

/**
 * Reads a whole request body.
 * A body that is too long is still received to its end and thrown away, so that the same connection serves
 * the client's next request; the server's request timeout bounds how long that may take.
 * @param limit in bytes
 * @throws BodyTooLargeError
 */
export function readBody(req: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let chunks: Buffer[] = [];
    let size = 0;
    req.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) chunks = [];
      else chunks.push(chunk);
    });
    req.on("end", () => {
      if (size > limit) reject(new BodyTooLargeError(limit));
      else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    });
    req.on("error", reject);
    req.on("aborted", () => reject(new Error("The client closed the connection before its body was whole")));
  });
}

/** How the stream of a request is told that nobody reads it any more: it would hold the request back for ever. */
const abandoning = new WeakMap<IncomingMessage, () => void>();

/** A request body as a web stream that fails once it has grown past `limit` bytes. */
export function streamBody(req: IncomingMessage, limit: number): ReadableStream<Uint8Array> {
  let size = 0;
  let open = true;
  abandoning.set(req, () => {
    open = false;
  });
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const fail = (error: Error) => {
        if (open) controller.error(error);
        open = false;
      };
      req.on("data", (chunk: Buffer) => {
        if (!open) return;
        size += chunk.length;
        if (size > limit) return fail(new BodyTooLargeError(limit));
        controller.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
        if ((controller.desiredSize ?? 0) <= 0) req.pause();
      });
      req.on("end", () => {
        if (open) controller.close();
        open = false;
      });
      req.on("error", fail);
      req.on("aborted", () => fail(new Error("The client closed the connection before its body was whole")));
    },
    pull() {
      req.resume();
    },
    cancel() {
      open = false;
      req.resume();
    },
  });
}

/**
 * Receives what is left of a body and throws it away. A client reads the answer only once it has sent
 * everything, and gives the connection up if it is answered before that.
 */
export function drain(req: IncomingMessage): Promise<void> {
  if (req.complete || req.destroyed) return Promise.resolve();
  abandoning.get(req)?.();
  return new Promise((resolve) => {
    for (const event of ["end", "close", "error"]) req.on(event, () => resolve());
    req.on("data", () => {});
    req.resume();
  });
}

/** The length that the request declares, or null where it comes in chunks. */
export function declaredLength(req: IncomingMessage): number | null {
  const header = req.headers["content-length"];
  return header === undefined ? null : Number(header);
}

/** Whether the request carries a body at all, by its headers. */
export function hasBody(req: IncomingMessage): boolean {
  return req.headers["transfer-encoding"] !== undefined || (declaredLength(req) ?? 0) > 0;
}
