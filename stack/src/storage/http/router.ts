import type { Handler } from "./call.ts";

export interface StorageRoute {
  method: string;
  /** With the groups `bucket` and `name`, as far as the path has them. */
  path: RegExp;
  operation: string;
  handler: Handler;
}

/** A path in words: `/object/sign/:bucket/*`. */
export function route(method: string, words: string, operation: string, handler: Handler): StorageRoute {
  const pattern = words.replace(":bucket", "(?<bucket>[^/]+)").replace("*", "(?<name>.+)");
  return { method, path: new RegExp(`^${pattern}$`), operation: `storage.${operation}`, handler };
}

export interface Match {
  route: StorageRoute;
  bucket: string;
  name: string;
}

/** The first route that fits; a HEAD is a GET whose body is left out. */
export function findRoute(routes: readonly StorageRoute[], method: string, path: string): Match | null {
  const wanted = method === "HEAD" ? "GET" : method;
  for (const one of routes) {
    if (one.method !== wanted) continue;
    const found = one.path.exec(path);
    if (!found) continue;
    const { bucket = "", name = "" } = found.groups ?? {};
    return { route: one, bucket: decodeURIComponent(bucket), name: decodeURIComponent(name) };
  }
  return null;
}
