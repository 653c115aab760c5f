import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "../../gateway/body.ts";
import { BodyTooLargeError } from "../../gateway/errors.ts";
import type { Caller, Log } from "../../part.ts";
import { invalidRequest, tooLarge } from "../errors.ts";
import type { Services } from "../services.ts";

/** One request to Storage, routed. */
export interface Call {
  services: Services;
  req: IncomingMessage;
  res: ServerResponse;
  caller: Caller;
  /** It came with a key or a token; without one, what is open to everybody is served and nothing else. */
  keyed: boolean;
  /** What `storage.operation()` tells policies. */
  operation: string;
  /** Bucket id of the path; empty where the path has none. */
  bucket: string;
  /** Object name of the path, decoded; empty where the path has none. */
  name: string;
  query: URLSearchParams;
  log: Log;
}

/** What is answered as JSON. */
export interface Answer {
  status: number;
  body: unknown;
}

/** Null: it has answered by itself. */
export type Handler = (call: Call) => Promise<Answer | null>;

export const json = (body: unknown, status = 200): Answer => ({ status, body });

/** The user that the caller is; null for a bare key. */
export const ownerOf = ({ claims, role }: Caller): string | null =>
  role === "authenticated" && typeof claims.sub === "string" ? claims.sub : null;

/** Lists of names and metadata fit; bytes of objects never come as JSON. */
const jsonLimit = 2 * 1024 * 1024;

/** The JSON object in the body; an empty body is an empty object. */
export async function readJson({ req }: Call): Promise<Record<string, unknown>> {
  const body = await readBody(req, jsonLimit).catch((error: unknown) => {
    throw error instanceof BodyTooLargeError ? tooLarge("request body") : error;
  });
  if (body.length === 0) return {};
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw invalidRequest("Body is not valid JSON but content-type is set to 'application/json'");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw invalidRequest("body must be object");
  return value as Record<string, unknown>;
}
