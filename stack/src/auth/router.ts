import type { Handler } from "./context.ts";

interface Route {
  method: string;
  parts: readonly string[];
  handler: Handler;
}

export interface Match {
  handler: Handler;
  params: Record<string, string>;
}

/** Routes by method and path; `:name` takes one segment. */
export class Router {
  private readonly routes: Route[] = [];

  /** @param line e.g. "POST /factors/:factor/verify" */
  on(line: string, handler: Handler): this {
    const [method = "", path = ""] = line.split(" ");
    this.routes.push({ method, parts: path.split("/").slice(1), handler });
    return this;
  }

  /** @returns the handler, "method" where only the method is wrong, or null */
  find(method: string, path: string): Match | "method" | null {
    const segments = path.replace(/\/+$/, "").split("/").slice(1);
    let pathKnown = false;
    for (const route of this.routes) {
      const params = matchParts(route.parts, segments);
      if (params === null) continue;
      if (route.method === method) return { handler: route.handler, params };
      pathKnown = true;
    }
    return pathKnown ? "method" : null;
  }
}

function matchParts(parts: readonly string[], segments: readonly string[]): Record<string, string> | null {
  if (parts.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [i, part] of parts.entries()) {
    const segment = segments[i] ?? "";
    if (part.startsWith(":")) params[part.slice(1)] = segment;
    else if (part !== segment) return null;
  }
  return params;
}
