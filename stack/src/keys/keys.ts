import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
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

const tenYears = 10 * 365 * 24 * 3600;

async function legacyKey(role: "anon" | "service_role", secret: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ role, iss: "supabase", ref: "trackit" })
    .setProtectedHeader({ alg: "HS256", typ: "JWT" })
    .setIssuedAt(now)
    .setExpirationTime(now + tenYears)
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

/**
 * Reads a data directory's keys, or makes and keeps them at its first start.
 * @param file absolute path of `keys.json`
 * @throws Error when the file exists and is not readable as keys: a new set would lock its data out
 */
export async function loadKeys(file: string): Promise<StackKeys> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text !== null) {
    try {
      return JSON.parse(text) as StackKeys;
    } catch (cause) {
      throw new Error(`cannot read the keys in ${file}: it is no JSON; restore it from a backup`, { cause });
    }
  }
  const keys = await createKeys();
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  // Written aside and renamed: a crash leaves either no keys or all of them.
  await writeFile(`${file}.new`, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
  return keys;
}
