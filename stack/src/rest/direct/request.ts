import type { IncomingHttpHeaders } from "node:http";

/** What `Prefer` asks for, as far as the direct path knows it. */
export interface Preferences {
  returns: "representation" | "minimal" | null;
  ignoreDuplicates: boolean;
  /** A row without a value for a named column gets its default, not null. */
  missingDefault: boolean;
}

/** A request in the small form that the direct path serves. */
export interface DirectRequest {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  schema: string;
  /** `tasks`, or the function's name where `isCall`. */
  target: string;
  isCall: boolean;
  params: URLSearchParams;
  prefer: Preferences;
  /** One object instead of a list. */
  singular: boolean;
}

const methods = ["GET", "POST", "PATCH", "DELETE"] as const;
const singularType = "application/vnd.pgrst.object+json";

/**
 * Reads a request, or gives null where anything about it goes beyond the small form: another method, media
 * type, preference or header that changes what is meant.
 */
export function readRequest(
  method: string,
  path: string,
  query: string,
  headers: IncomingHttpHeaders,
  schemas: readonly string[],
): DirectRequest | null {
  const known = methods.find((name) => name === method);
  const place = /^\/(rpc\/)?([A-Za-z_][A-Za-z0-9_]*)$/.exec(path);
  if (!known || !place?.[2] || headers.range !== undefined) return null;
  const isCall = place[1] !== undefined;
  if (isCall && known !== "POST") return null;
  const accept = readAccept(headers.accept);
  const prefer = readPrefer(headers.prefer);
  const schema = readSchema(
    known === "GET" ? headers["accept-profile"] : headers["content-profile"],
    schemas,
  );
  if (!accept || !prefer || schema === null) return null;
  if (known !== "GET" && known !== "DELETE" && !isJson(headers["content-type"])) return null;
  const params = new URLSearchParams(query);
  // Where the gateway takes the key from a link; it is no filter.
  params.delete("apikey");
  const singular = accept === "object";
  return { method: known, schema, target: place[2], isCall, params, prefer, singular };
}

function readAccept(accept: string | undefined): "list" | "object" | null {
  if (accept === undefined || accept === "application/json" || accept === "*/*") return "list";
  return accept === singularType ? "object" : null;
}

function readSchema(profile: string | string[] | undefined, schemas: readonly string[]): string | null {
  if (profile === undefined) return schemas[0] ?? null;
  return typeof profile === "string" && schemas.includes(profile) ? profile : null;
}

const isJson = (type: string | undefined) => type !== undefined && /^application\/json\b/i.test(type);

/** `tx` is not allowed to override on hosted, and lenient handling is what happens anyway. */
const ignored = new Set(["tx=commit", "tx=rollback", "handling=lenient"]);

const preferCache = new Map<string, Preferences | null>();

function readPrefer(header: string | string[] | undefined): Preferences | null {
  const text = Array.isArray(header) ? header.join(",") : (header ?? "");
  const cached = preferCache.get(text);
  if (cached !== undefined) return cached;
  const read = parsePrefer(text);
  // Clients send a handful; the bound is for those who send rubbish.
  if (preferCache.size < 200) preferCache.set(text, read);
  return read;
}

function parsePrefer(text: string): Preferences | null {
  const prefer: Preferences = { returns: null, ignoreDuplicates: false, missingDefault: false };
  for (const token of text.split(",").map((part) => part.trim())) {
    if (token === "" || ignored.has(token)) continue;
    if (token === "return=representation") prefer.returns = "representation";
    else if (token === "resolution=ignore-duplicates") prefer.ignoreDuplicates = true;
    else if (token === "missing=default") prefer.missingDefault = true;
    else if (token === "return=minimal") prefer.returns = "minimal";
    else return null;
  }
  return prefer;
}
