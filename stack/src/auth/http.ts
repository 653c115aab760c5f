import type { Json } from "./context.ts";
import { AuthError, invalid } from "./errors.ts";

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    // Tokens and people: nothing between here and the client may keep them.
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store", ...headers },
  });
}

export const empty = (): Response => new Response(null, { status: 204 });

/** 303, so that a browser which followed a mail link asks for the page with GET. */
export const redirect = (location: string): Response =>
  new Response(null, { status: 303, headers: { location } });

const badJson = (why: string): AuthError =>
  new AuthError(400, "bad_json", `Could not parse request body as JSON${why}`);

// Valid JSON that Postgres can store neither in text nor in jsonb: U+0000, and half of a surrogate pair.
const UNSTORABLE = /\0|\p{Surrogate}/u;

function refuseUnstorable(key: string, value: unknown): unknown {
  if (UNSTORABLE.test(key) || (typeof value === "string" && UNSTORABLE.test(value))) {
    throw badJson(": it holds U+0000 or half of a surrogate pair");
  }
  return value;
}

/** @throws validation_failed for a query that Postgres could not store or compare */
export function checkQuery(url: URL): void {
  for (const [name, value] of url.searchParams) {
    if (UNSTORABLE.test(value)) throw invalid(`Query parameter ${name.slice(0, 40)} holds U+0000`);
  }
}

/**
 * Reads a JSON object from the body; an absent body is `{}`.
 *
 * @throws bad_json for anything else
 */
export async function readBody(request: Request): Promise<Json> {
  if (request.method === "GET" || request.method === "HEAD" || request.body === null) return {};
  const text = await request.text();
  if (text === "") return {};
  let value: unknown;
  try {
    value = JSON.parse(text, refuseUnstorable);
  } catch (error) {
    throw error instanceof AuthError ? error : badJson("");
  }
  if (value === null) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw badJson(": want an object");
  return value as Json;
}

/** A text field; "" when it is absent. */
export function text(body: Json, field: string): string {
  const value = body[field];
  if (value === undefined || value === null) return "";
  if (typeof value !== "string") throw invalid(`Field ${field} is a ${typeof value}, want a string`);
  return value;
}

export function flag(body: Json, field: string): boolean {
  return body[field] === true;
}

/** An object field; null when it is absent. */
export function object(body: Json, field: string): Json | null {
  const value = body[field];
  if (value === undefined || value === null) return null;
  if (typeof value !== "object" || Array.isArray(value)) throw invalid(`Field ${field} is no object`);
  return value as Json;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export const isUuid = (value: unknown): value is string => typeof value === "string" && UUID.test(value);

export function uuid(value: string | undefined, name: string): string {
  if (value === undefined || !UUID.test(value))
    throw new AuthError(404, "validation_failed", `${name} must be an UUID`);
  return value.toLowerCase();
}

// One "@", no white space or control character, a dotted or bare host: what the database index can tell apart.
const ADDRESS = /^[^\s@"(),:;<>[\\\]\p{C}]+@[^\s@"(),:;<>[\\\]_\p{C}]+$/u;

/**
 * Folds an address to the form it is stored in.
 *
 * @throws validation_failed where it is absent or malformed
 */
export function email(value: string): string {
  const address = value.trim().toLowerCase();
  if (address === "") throw invalid("An email address is required");
  const host = address.slice(address.lastIndexOf("@") + 1);
  const labels = host.split(".");
  const wellFormed =
    ADDRESS.test(address) &&
    address.length <= 254 &&
    address.indexOf("@") <= 64 &&
    !address.includes("..") &&
    !address.startsWith(".") &&
    labels.length > 1 &&
    labels.every((label) => label !== "" && !label.startsWith("-") && !label.endsWith("-"));
  if (!wellFormed) throw invalid("Unable to validate email address: invalid format");
  return address;
}
