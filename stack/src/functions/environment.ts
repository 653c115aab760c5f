import { readFileSync } from "node:fs";
import path from "node:path";
import { parseEnv } from "node:util";
import type { StackKeys } from "../keys/keys.ts";

export interface Surroundings {
  project: string;
  apiUrl: string;
  databaseUrl: string;
  keys: StackKeys;
  /** `[edge_runtime.secrets]` of config.toml. */
  secrets: Record<string, string>;
  /** What the project's own functions are told besides, e.g. where mail goes. */
  extra: Record<string, string>;
}

/** The file of secrets that the CLI reads for local functions. */
export const secretsFile = (project: string) => path.join(project, "supabase", "functions", ".env");

/**
 * The environment of every function, as the hosted platform has it: addresses and keys of the project, then the
 * project's own secrets, which cannot take the platform's names.
 */
export function functionEnvironment(from: Surroundings): Record<string, string> {
  const { keys, apiUrl } = from;
  const own = { ...readSecrets(secretsFile(from.project)), ...from.secrets };
  const allowed = Object.entries(own).filter(([name]) => /^[A-Za-z_]\w*$/.test(name) && !reserved.test(name));
  return {
    ...from.extra,
    ...Object.fromEntries(allowed),
    SUPABASE_URL: apiUrl,
    SUPABASE_ANON_KEY: keys.anonKey,
    SUPABASE_SERVICE_ROLE_KEY: keys.serviceRoleKey,
    SUPABASE_PUBLISHABLE_KEYS: JSON.stringify({ default: keys.publishableKey }),
    SUPABASE_SECRET_KEYS: JSON.stringify({ default: keys.secretKey }),
    SUPABASE_JWKS: JSON.stringify({ keys: [keys.signingKey.publicJwk] }),
    SUPABASE_DB_URL: from.databaseUrl,
    SB_REGION: "local",
  };
}

// What would change the platform's own values, or the runtime itself.
const reserved = /^(?:SUPABASE_|SB_|DENO_|LD_|NODE_OPTIONS$|NODE_EXTRA_CA_CERTS$|V8_)/i;

function readSecrets(file: string): Record<string, string> {
  try {
    return parseEnv(readFileSync(file, "utf8")) as Record<string, string>;
  } catch {
    return {};
  }
}
