import type { JSONWebKeySet } from "jose";

/** What a function knows of its project. */
export interface Environment {
  url: string;
  /** All of them: while keys are exchanged, two are valid at a time. */
  publishableKeys: string[];
  secretKeys: string[];
  /** Public keys of user tokens, or null: then they are fetched from `url`. */
  jwks: JSONWebKeySet | null;
  /** The `iss` of user tokens. */
  issuer: string;
  /** Origins of browser apps; `*` for any. */
  allowedOrigins: "*" | string[];
}

/**
 * Reads the environment that the platform gives every function; the names of older projects are a fallback.
 * @throws Error naming what is missing or unreadable
 */
export function readEnvironment(get: (name: string) => string | undefined): Environment {
  const url = get("SUPABASE_URL")?.replace(/\/+$/, "");
  if (!url) throw new Error("cannot serve: SUPABASE_URL is not set, want the project's address");
  const origins = get("TRACKIT_ALLOWED_ORIGINS")?.trim() || "*";
  return {
    url,
    publishableKeys: [...keysIn("SUPABASE_PUBLISHABLE_KEYS", get), ...one(get("SUPABASE_ANON_KEY"))],
    secretKeys: [...keysIn("SUPABASE_SECRET_KEYS", get), ...one(get("SUPABASE_SERVICE_ROLE_KEY"))],
    jwks: readJwks(get("SUPABASE_JWKS")),
    // Behind another name than the one that it is reached by inside (self-hosted), tokens carry the outer one.
    issuer: get("TRACKIT_JWT_ISSUER") ?? `${url}/auth/v1`,
    allowedOrigins: origins === "*" ? "*" : origins.split(",").map((origin) => origin.trim()),
  };
}

const one = (key: string | undefined) => (key ? [key] : []);

function keysIn(name: string, get: (name: string) => string | undefined): string[] {
  const text = get(name);
  if (!text) return [];
  const value = parse(text, name);
  const keys = Object.values(value).filter((key): key is string => typeof key === "string" && key !== "");
  if (keys.length === 0) throw new Error(`cannot serve: ${name} holds no key, want {"default": "sb_…"}`);
  return keys;
}

function readJwks(text: string | undefined): JSONWebKeySet | null {
  if (!text) return null;
  const value = parse(text, "SUPABASE_JWKS");
  const keys = Array.isArray(value) ? value : value.keys;
  if (!Array.isArray(keys)) throw new Error('cannot serve: SUPABASE_JWKS holds no keys, want {"keys": […]}');
  return keys.length === 0 ? null : { keys };
}

// The value is a secret: the message says nothing of it.
function parse(text: string, name: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {}
  throw new Error(`cannot serve: ${name} is no JSON object`);
}
