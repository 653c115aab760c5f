import type { RequestContext } from "../part.ts";
import type { RestInput } from "./input.ts";
import { type RequestFacts, searchPath } from "./settings.ts";

interface Exposed {
  schemas: readonly string[];
  extra_search_path: readonly string[];
}

/** What a statement is to know of its request. */
export function factsOf(
  { method, path, headers }: RestInput,
  { caller }: RequestContext,
  config: Exposed,
  timeouts: ReadonlyMap<string, string>,
): RequestFacts {
  const readOnly = method === "GET" || method === "HEAD";
  const profile = headers[readOnly ? "accept-profile" : "content-profile"];
  const schema = typeof profile === "string" ? profile : (config.schemas[0] ?? "public");
  return {
    method,
    path,
    schema,
    singular: headers.accept?.includes("application/vnd.pgrst.object+json") ?? false,
    headers,
    caller,
    searchPath: pathFor(schema, config.extra_search_path),
    readOnly,
    timeout: timeouts.get(caller.role) ?? timeouts.get("authenticator") ?? "0",
  };
}

const paths = new Map<string, string>();

/** Only exposed schemas get as far as a statement, so the memory stays small once it is bounded for rubbish. */
function pathFor(schema: string, extra: readonly string[]): string {
  const known = paths.get(schema);
  if (known !== undefined) return known;
  const path = searchPath(schema, extra);
  if (paths.size < 50) paths.set(schema, path);
  return path;
}
