const methods = "GET, POST, OPTIONS";
const headers = "authorization, apikey, content-type, x-client-info, x-request-id, x-region";
const exposed = "retry-after, x-request-id";

/** Browsers cap it at two hours (Chromium) or a day (Firefox). */
const seconds = "7200";

export interface Cors {
  /** The answer to a preflight, or null where the request is none. */
  preflight(request: Request): Response | null;
  /** Puts the headers of an ordinary answer on it. */
  apply(request: Request, response: Response): Response;
}

/**
 * CORS for a closed list of origins, or for all. Keys and tokens ride in headers and cookies are never used, so
 * credentials stay off.
 */
export function createCors(allowed: "*" | readonly string[]): Cors {
  const allow = (origin: string | null) => {
    if (allowed === "*") return "*";
    return origin !== null && allowed.includes(origin) ? origin : null;
  };
  const grant = (request: Request, response: Response, more: Record<string, string>) => {
    if (allowed !== "*") response.headers.append("vary", "Origin");
    const origin = allow(request.headers.get("origin"));
    if (origin === null) return response;
    const all = { "access-control-allow-origin": origin, ...more };
    for (const [name, value] of Object.entries(all)) response.headers.set(name, value);
    return response;
  };
  return {
    preflight(request) {
      if (request.method !== "OPTIONS" || !request.headers.has("access-control-request-method")) return null;
      return grant(request, new Response(null, { status: 204 }), {
        "access-control-allow-methods": methods,
        "access-control-allow-headers": headers,
        "access-control-max-age": seconds,
      });
    },
    apply(request, response) {
      if (!request.headers.has("origin")) return response;
      return grant(request, response, { "access-control-expose-headers": exposed });
    },
  };
}
