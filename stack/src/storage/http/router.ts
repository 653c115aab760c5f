import type { Handler } from "./call.ts";

export interface StorageRoute {
  method: string;
  /** With the groups `bucket` and `name`, as far as the path has them. */
  path: RegExp;
  operation: string;
  handler: Handler;
  /** Whoever brings no key is served too: what is public, and what a token in the URL or a header opens. */
  open: boolean;
}

/** A path in words: `/object/sign/:bucket/*`. */
export function route(method: string, words: string, operation: string, handler: Handler): StorageRoute {
  const pattern = words.replace(":bucket", "(?<bucket>[^/]+)").replace("*", "(?<name>.*)");
  return {
    method,
    path: new RegExp(`^${pattern}$`),
    operation: `storage.${operation}`,
    handler,
    open: false,
  };
}

export const open = (one: StorageRoute): StorageRoute => ({ ...one, open: true });

export interface Match {
  route: StorageRoute;
  bucket: string;
  name: string;
}

/**
 * The first route that fits; a HEAD is a GET whose body is left out. A slash at the end belongs to the object's name
 * where the path has one, and is passed over elsewhere.
 */
export function findRoute(routes: readonly StorageRoute[], method: string, path: string): Match | null {
  const wanted = method === "HEAD" ? "GET" : method;
  const found = firstOf(routes, wanted, path);
  return found || !path.endsWith("/") ? found : firstOf(routes, wanted, path.slice(0, -1));
}

function firstOf(routes: readonly StorageRoute[], wanted: string, path: string): Match | null {
  for (const one of routes) {
    if (one.method !== wanted) continue;
    const found = one.path.exec(path);
    if (!found) continue;
    const { bucket = "", name = "" } = found.groups ?? {};
    return { route: one, bucket: decodeURIComponent(bucket), name: decodeURIComponent(name) };
  }
  return null;
}
