import type { IncomingMessage } from "node:http";
import type { Received } from "../disk/receive.ts";
import type { Draft } from "../disk/versions.ts";
import { invalidRequest, tooLarge } from "../errors.ts";
import { type Facts, readCacheControl, readEncoding, readUserMetadata } from "./facts.ts";
import { readRobots } from "./robots.ts";

export interface ReceiveOptions {
  draft: Draft;
  /** Bytes. */
  limit: number;
  /** Says no, before the bytes are taken, to what may not come in. */
  admit(facts: Facts): Promise<void>;
}

export interface Upload {
  facts: Facts;
  received: Received;
}

/**
 * Takes the bytes of an upload to disk as they come: the body itself, or the first file of a multipart form.
 * @throws StorageError EntityTooLarge, InvalidRequest, InvalidXRobotsTag, and what `admit` throws
 */
export async function receiveUpload(req: IncomingMessage, options: ReceiveOptions): Promise<Upload> {
  const robots = readRobots(req.headers["x-robots-tag"]);
  const { facts, received } = await receiveBody(req, options);
  return { facts: { ...facts, robots }, received };
}

async function receiveBody(req: IncomingMessage, options: ReceiveOptions): Promise<Upload> {
  if (/^multipart\/form-data\b/i.test(req.headers["content-type"] ?? "")) {
    // Loaded with the first form that comes.
    const { receiveForm } = await import("./receive-form.ts");
    return receiveForm(req, options);
  }
  const facts = rawFacts(req);
  if (facts.size !== null && facts.size > options.limit) throw tooLarge();
  await options.admit(facts);
  return { facts, received: await options.draft.write(bodyOf(req), options.limit) };
}

function rawFacts(req: IncomingMessage): Facts {
  const { headers } = req;
  const length = headers["content-length"];
  const metadata = headers["x-metadata"];
  return {
    mimetype: headers["content-type"] || "application/octet-stream",
    cacheControl: readCacheControl(headers["cache-control"], false),
    contentEncoding: readEncoding(headers["content-encoding"]),
    userMetadata: readUserMetadata(
      typeof metadata === "string" ? Buffer.from(metadata, "base64").toString("utf8") : undefined,
    ),
    size: length === undefined ? null : Number(length),
  };
}

/**
 * A request's body in pieces. The request outlives a reader that stops early, so that it can still be answered; one
 * that ends before its announced length is an error.
 */
export async function* bodyOf(req: IncomingMessage): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false })) yield chunk as Buffer;
  } catch (cause) {
    throw req.complete ? cause : truncated(cause);
  }
  if (!req.complete) throw truncated();
}

const truncated = (cause?: unknown) => invalidRequest("The upload ended before it was whole", cause);
