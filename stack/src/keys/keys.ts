import { randomBytes } from "node:crypto";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";

/** Login roles of the database whose passwords the stack makes. */
export const loginRoles = [
  "supabase_admin",
  "postgres",
  "authenticator",
  "supabase_auth_admin",
  "supabase_storage_admin",
] as const;
export type LoginRole = (typeof loginRoles)[number];

/** ES256 key that signs user tokens; the public half is served as JWKS. */
export interface SigningKey {
  kid: string;
  privateJwk: JWK;
  publicJwk: JWK;
}

/** Everything secret of one data directory, random at its first start and kept 0600. */
export interface StackKeys {
  publishableKey: string;
  secretKey: string;
  /** HS256 secret of the legacy keys; also what lite verifies internally. */
  jwtSecret: string;
  anonKey: string;
  serviceRoleKey: string;
  signingKey: SigningKey;
  databasePasswords: Record<LoginRole, string>;
}

// Fixed, as the CLI's own are: a machine whose clock was wrong at the first start keeps keys that work.
const issuedAt = Date.UTC(2025, 0, 1) / 1000;
const expiresAt = Date.UTC(2099, 0, 1) / 1000;

function legacyKey(role: "anon" | "service_role", secret: string): Promise<string> {
  return new SignJWT({ role, iss: "supabase", ref: "trackit" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuedAt(issuedAt)
    .setExpirationTime(expiresAt)
    .sign(new TextEncoder().encode(secret));
}

async function signingKey(): Promise<SigningKey> {
  const pair = await generateKeyPair("ES256", { extractable: true });
  const kid = crypto.randomUUID();
  const shared = { kid, alg: "ES256", use: "sig" };
  return {
    kid,
    privateJwk: { ...(await exportJWK(pair.privateKey)), ...shared },
    publicJwk: { ...(await exportJWK(pair.publicKey)), ...shared, key_ops: ["verify"] },
  };
}

/** Makes a fresh set of keys. */
export async function createKeys(): Promise<StackKeys> {
  const jwtSecret = randomBytes(32).toString("base64url");
  const passwords = loginRoles.map((role) => [role, randomBytes(24).toString("base64url")]);
  return {
    publishableKey: `sb_publishable_${randomBytes(24).toString("base64url")}`,
    secretKey: `sb_secret_${randomBytes(24).toString("base64url")}`,
    jwtSecret,
    anonKey: await legacyKey("anon", jwtSecret),
    serviceRoleKey: await legacyKey("service_role", jwtSecret),
    signingKey: await signingKey(),
    databasePasswords: Object.fromEntries(passwords) as Record<LoginRole, string>,
  };
}
