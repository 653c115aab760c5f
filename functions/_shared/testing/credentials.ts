import { exportJWK, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";

/** What a project's server knows, and a test of its doors must. */
export interface Secrets {
  /** Where Auth answers: the `iss` of its tokens. */
  issuer: string;
  signingKey: { kid: string; privateJwk: JWK };
  publishableKey: string;
  secretKey: string;
  anonKey: string;
  serviceRoleKey: string;
  /** What the two legacy keys are signed with. */
  jwtSecret: string;
}

/** A caller's user id and session. */
export interface Account {
  id: string;
  sessionId: string;
}

const names = [
  "none",
  "publishable",
  "secret",
  "legacy anon",
  "legacy service",
  "user",
  "expired",
  "forged",
  "other project",
  "other issuer",
  "other audience",
  "no end",
  "key confusion",
  "unsigned",
  "rubbish",
  "another scheme",
  "unknown key",
  "secret as token",
  "service key as token",
] as const;

/** Kinds of callers, right and wrong ones. */
export type CredentialName = (typeof names)[number];

/** The headers with which each kind of caller comes. */
export type Credentials = Record<CredentialName, Record<string, string>>;

/** Makes every kind of credential for one project and one of its users. */
export async function makeCredentials(secrets: Secrets, account: Account): Promise<Credentials> {
  const { issuer, signingKey, publishableKey: apikey, secretKey } = secrets;
  const { kid } = signingKey;
  const own = await importJWK(signingKey.privateJwk, "ES256");
  const { privateKey: foreign } = await generateKeyPair("ES256");
  const symmetric = new TextEncoder().encode(secrets.jwtSecret);
  const user = claimsOf(account);
  const sign = (header: { alg: string; kid?: string }, change: Change, key: Parameters<SignJWT["sign"]>[0]) =>
    token(user, issuer, header, change).sign(key);
  const es256 = { alg: "ES256", kid };
  const bearer = async (made: string | Promise<string>) => ({
    apikey,
    authorization: `Bearer ${await made}`,
  });
  return {
    none: {},
    publishable: { apikey },
    secret: { apikey: secretKey },
    "legacy anon": { apikey: secrets.anonKey, authorization: `Bearer ${secrets.anonKey}` },
    "legacy service": { apikey: secrets.serviceRoleKey, authorization: `Bearer ${secrets.serviceRoleKey}` },
    user: await bearer(sign(es256, {}, own)),
    expired: await bearer(sign(es256, { expires: "-1 h" }, own)),
    forged: await bearer(sign(es256, {}, foreign)),
    "other project": await bearer(
      sign({ alg: "ES256", kid: "other" }, { issuer: "https://other.example/auth/v1" }, foreign),
    ),
    "other issuer": await bearer(sign(es256, { issuer: "https://other.example/auth/v1" }, own)),
    "other audience": await bearer(sign(es256, { audience: "somebody" }, own)),
    "no end": await bearer(sign(es256, { expires: null }, own)),
    "key confusion": await bearer(sign({ alg: "HS256", kid }, {}, symmetric)),
    unsigned: await bearer(unsigned(user, issuer)),
    rubbish: await bearer("no.token.atall"),
    "another scheme": { apikey, authorization: "Basic YWRhOnNlY3JldA==" },
    "unknown key": { apikey: `${apikey.slice(0, -1)}${apikey.endsWith("A") ? "B" : "A"}` },
    "secret as token": { apikey, authorization: `Bearer ${secretKey}` },
    "service key as token": { authorization: `Bearer ${secrets.serviceRoleKey}` },
  };
}

interface Change {
  issuer?: string;
  audience?: string;
  expires?: string | null;
}

const claimsOf = ({ id, sessionId }: Account) => ({
  sub: id,
  session_id: sessionId,
  role: "authenticated",
  aal: "aal1",
});

function token(
  claims: Record<string, unknown>,
  issuer: string,
  header: { alg: string; kid?: string },
  change: Change,
) {
  const made = new SignJWT(claims)
    .setProtectedHeader(header)
    .setIssuedAt()
    .setIssuer(change.issuer ?? issuer)
    .setAudience(change.audience ?? "authenticated");
  return change.expires === null ? made : made.setExpirationTime(change.expires ?? "1 h");
}

/** `alg: none`: what its bearer claims, and nobody's signature. */
function unsigned(claims: Record<string, unknown>, issuer: string): string {
  const part = (value: unknown) =>
    btoa(JSON.stringify(value)).replace(/=+$/, "").replaceAll("+", "-").replaceAll("/", "_");
  const payload = { ...claims, iss: issuer, aud: "authenticated", exp: Math.floor(Date.now() / 1000) + 3600 };
  return `${part({ alg: "none", typ: "JWT" })}.${part(payload)}.`;
}

/** A project that exists in a test alone. */
export async function makeSecrets(issuer: string): Promise<Secrets & { publicJwk: JWK }> {
  const pair = await generateKeyPair("ES256", { extractable: true });
  const kid = crypto.randomUUID();
  const random = () => crypto.randomUUID().replaceAll("-", "");
  const jwtSecret = random();
  const legacy = (role: string) =>
    new SignJWT({ role, iss: "supabase" })
      .setProtectedHeader({ alg: "HS256" })
      .setExpirationTime("1 h")
      .sign(new TextEncoder().encode(jwtSecret));
  return {
    issuer,
    signingKey: { kid, privateJwk: { ...(await exportJWK(pair.privateKey)), kid, alg: "ES256" } },
    publicJwk: { ...(await exportJWK(pair.publicKey)), kid, alg: "ES256", use: "sig" },
    publishableKey: `sb_publishable_${random()}`,
    secretKey: `sb_secret_${random()}`,
    anonKey: await legacy("anon"),
    serviceRoleKey: await legacy("service_role"),
    jwtSecret,
  };
}
