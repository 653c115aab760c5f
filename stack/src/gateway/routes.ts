import type { Part } from "../part.ts";
import type { RefusalDialect } from "./refusals.ts";

/** Whether a route wants a key: always, when given, or never looks because the part verifies by itself. */
type KeyRule = "required" | "optional" | "ignored";

export interface Route {
  prefix: string;
  part: Part;
  keyRule: KeyRule;
  dialect: RefusalDialect;
  /** Paths below the prefix that people open by link, without a key. */
  open: RegExp | null;
  /** Bytes of a request body. */
  bodyLimit: number;
  /** The part answers preflights and sets CORS headers by itself, as functions do on the hosted platform. */
  ownCors?: boolean;
}

type Rules = Omit<Route, "prefix" | "part">;

const MiB = 1024 * 1024;

/** Everything that is not named here wants a key, speaks as REST does and takes small bodies. */
const byDefault: Rules = { keyRule: "required", dialect: "rest", open: null, bodyLimit: 10 * MiB };

const rulesOf: Record<string, Rules> = {
  "/auth/v1": {
    keyRule: "required",
    dialect: "auth",
    open: /^\/(?:verify|callback|authorize|health|\.well-known\/[a-z-]+(?:\.json)?)$/,
    bodyLimit: MiB,
  },
  // Public objects and signed URLs carry no key; Storage judges each path itself, and streams.
  "/storage/v1": {
    ...byDefault,
    keyRule: "optional",
    dialect: "storage",
    bodyLimit: Number.POSITIVE_INFINITY,
  },
  "/functions/v1": { ...byDefault, keyRule: "ignored", bodyLimit: 50 * MiB, ownCors: true },
};

export type FindRoute = (path: string) => Route | null;

/** The allow-list: a path belongs to the part whose prefix it starts with, and to nobody otherwise. */
export function createRoutes(parts: Record<string, Part>): FindRoute {
  const routes = Object.entries(parts).map(([prefix, part]) => {
    if (!/^\/[a-z-]+(?:\/v\d+)?$/.test(prefix)) {
      throw new Error(`Routing ${prefix} failed: not a prefix; wanted one like /rest/v1`);
    }
    return { prefix, part, ...(rulesOf[prefix] ?? byDefault) };
  });
  return (path) => {
    for (const route of routes) {
      const rest = path.length - route.prefix.length;
      if (rest === 0 ? path === route.prefix : path.startsWith(`${route.prefix}/`)) return route;
    }
    return null;
  };
}

/**
 * Whether a path says plainly where it leads. Dot segments, empty segments and backslashes are how a request
 * below an allowed prefix is made to arrive somewhere else once a URL parser has tidied it up.
 */
export function isPlainPath(path: string): boolean {
  if (!path.startsWith("/") || path.includes("//") || path.includes("\\") || /%5c|%00/i.test(path))
    return false;
  if (/(?:\/|%2f)(?:\.|%2e){1,2}(?:\/|%2f|$)/i.test(path)) return false;
  return isDecodable(path);
}

/** Whether its escapes are whole and spell UTF-8: half a one makes parts throw that decode it. */
function isDecodable(path: string): boolean {
  if (!path.includes("%")) return true;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * A path as the access log may keep it: the prefix and the resource, never ids, object names or queries.
 */
export function logPath(path: string, prefix: string): string {
  const [first = "", second = ""] = path.slice(prefix.length + 1).split("/");
  const resource = first === "rpc" ? `rpc/${second}` : first;
  return `${prefix}/${resource.slice(0, 80)}`;
}
