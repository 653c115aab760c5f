import type { IncomingHttpHeaders } from "node:http";
import type { Caller } from "../part.ts";

/** What of a request a policy or function may read with `current_setting`. */
export interface RequestFacts {
  method: string;
  /** Below the prefix: `/tasks`, `/rpc/goal_create`. */
  path: string;
  headers: IncomingHttpHeaders;
  caller: Caller;
  schema: string;
  searchPath: string;
  readOnly: boolean;
  /** One object is wanted instead of a list. */
  singular: boolean;
  /** `statement_timeout`, with its unit; `0` for none. */
  timeout: string;
}

/**
 * Sets, for one transaction, everything that PostgREST sets, and everything that an earlier transaction of
 * the same connection could have left behind at session level (`set role`, `set search_path` in a function).
 */
export const settingsSql = `select
  set_config('role', $1, true),
  set_config('request.jwt.claims', $2, true),
  set_config('request.method', $3, true),
  set_config('request.path', $4, true),
  set_config('request.headers', $5, true),
  set_config('request.cookies', $6, true),
  set_config('search_path', $7, true),
  set_config('response.status', '', true),
  set_config('response.headers', '', true),
  set_config('transaction_read_only', $8, true),
  set_config('statement_timeout', $9, true)`;

/** The parameters of `settingsSql`. */
export function settingsValues(facts: RequestFacts): string[] {
  return [
    facts.caller.role,
    claimsText(facts.caller),
    facts.method,
    facts.path,
    JSON.stringify(facts.headers),
    cookiesText(facts.headers.cookie),
    facts.searchPath,
    facts.readOnly ? "on" : "off",
    facts.timeout,
  ];
}

const claimsTexts = new WeakMap<Caller, string>();

/** A caller is remembered between requests, and so is the text of its claims. */
function claimsText(caller: Caller): string {
  let text = claimsTexts.get(caller);
  if (text === undefined) {
    text = JSON.stringify({ ...caller.claims, role: caller.role });
    claimsTexts.set(caller, text);
  }
  return text;
}

function cookiesText(header: string | undefined): string {
  if (!header) return "{}";
  const cookies: Record<string, string> = {};
  for (const pair of header.split(";")) {
    const equals = pair.indexOf("=");
    if (equals > 0) cookies[pair.slice(0, equals).trim()] = pair.slice(equals + 1).trim();
  }
  return JSON.stringify(cookies);
}

/** The schemas that unqualified names in functions and casts are looked up in. */
export function searchPath(schema: string, extra: readonly string[]): string {
  const unique = [...new Set([schema, ...extra])];
  return unique.map((name) => `"${name.replaceAll('"', '""')}"`).join(", ");
}
