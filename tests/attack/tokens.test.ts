import { createPublicKey } from "node:crypto";
import { readFile } from "node:fs/promises";
import { decodeJwt, exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refusal } from "../support/http.ts";
import { as, asService, createPeople, type Person } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";

let stack: TestStack;
let other: TestStack;
let ada: Person;
let eve: Person;
let eveElsewhere: Person;
let publicKey: JWK;

beforeAll(async () => {
  [stack, other] = await Promise.all([openStack(), openStack()]);
  ({ ada, eve } = await createPeople(stack, "ada", "eve"));
  eveElsewhere = (await createPeople(other, "eve")).eve;
  await stack.db.query("insert into public.goals (owner_id, title) values ($1, 'Run')", [ada.id]);
  const jwks = await stack.send({ path: "/auth/v1/.well-known/jwks.json" });
  [publicKey] = (jwks.json as { keys: [JWK] }).keys;
});
afterAll(() => Promise.all([stack?.close(), other?.close()]));

const list = (headers: Record<string, string>) =>
  stack.send({ path: "/rest/v1/goals?select=title", headers });
const me = (headers: Record<string, string>) => stack.send({ path: "/auth/v1/user", headers });
const withToken = (token: string) => as(stack, { token });

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const claimsOf = (person: Person): JWTPayload => decodeJwt(person.token);

describe("a key", () => {
  it("is wanted of everybody (401), and the publishable one is enough to ask", async () => {
    expect(await list({})).toMatchObject({ status: 401, json: { message: "No API key found in request" } });
    expect(await list({ authorization: `Bearer ${ada.token}` })).toMatchObject({ status: 401 });
    expect(await list(as(stack, ada))).toMatchObject({ status: 200, json: [{ title: "Run" }] });
  });

  it.each([
    ["garbage", "garbage"],
    ["a publishable key of nobody's", "sb_publishable_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ["a secret key of nobody's", "sb_secret_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ["a blank", " "],
  ])("that is %s is refused (401)", async (_, apikey) => {
    expect(await list({ apikey })).toMatchObject({ status: 401, json: { message: /key/i } });
    expect(await list({ ...as(stack, ada), apikey })).toMatchObject({ status: 401 });
  });

  it("of another project is refused (401), in header and query alike", async () => {
    for (const key of [other.env.SECRET_KEY, other.env.SERVICE_ROLE_KEY, other.env.PUBLISHABLE_KEY]) {
      expect((await list({ apikey: key })).status).toBe(401);
      expect((await stack.send({ path: `/rest/v1/goals?apikey=${key}` })).status).toBe(401);
    }
    expect(await list(asService(stack))).toMatchObject({ status: 200, json: [{ title: "Run" }] });
  });

  it("that is secret does not work as somebody's bearer token beside another key (401)", async () => {
    expect(refusal(await list(withToken(stack.env.SECRET_KEY)))).toBe("401 PGRST301");
  });
});

describe("a bearer token", () => {
  const forgeries: [string, string, () => string | Promise<string>][] = [
    ["is garbage", "401 PGRST301", () => "garbage"],
    ["is three dots", "401 PGRST301", () => "..."],
    [
      "says alg none",
      "401 PGRST301",
      () => `${base64url({ alg: "none", typ: "JWT" })}.${base64url(claimsOf(ada))}.`,
    ],
    [
      "says alg none and keeps a signature",
      "401 PGRST301",
      () => `${base64url({ alg: "none", kid: publicKey.kid })}.${ada.token.split(".").slice(1).join(".")}`,
    ],
    [
      "is signed with a secret of the forger's",
      "401 PGRST301",
      () => signHs256(claimsOf(ada), Buffer.from("a secret that is long enough to sign with")),
    ],
    [
      "is signed HS256 with the public key as PEM",
      "401 PGRST301",
      async () => signHs256(claimsOf(ada), await pem()),
    ],
    [
      "is signed HS256 with the public key as JWK",
      "401 PGRST301",
      () => signHs256(claimsOf(ada), Buffer.from(JSON.stringify(publicKey))),
    ],
    [
      "is signed ES256 by a key of the forger's under the project's kid",
      "401 PGRST301",
      () => signEs256(claimsOf(ada), { kid: publicKey.kid }),
    ],
    [
      "brings its own key along",
      "401 PGRST301",
      async () => {
        const pair = await generateKeyPair("ES256", { extractable: true });
        const jwk = await exportJWK(pair.publicKey);
        return signEs256(claimsOf(ada), { kid: publicKey.kid, jwk }, pair.privateKey);
      },
    ],
    ["is a user token of another project", "401 PGRST301", () => eveElsewhere.token],
    [
      "has a payload that was changed after signing",
      "401 PGRST301",
      () => spliced(eve, { ...claimsOf(eve), sub: ada.id }),
    ],
    [
      "has a role that was changed after signing",
      "401 PGRST301",
      () => spliced(eve, { ...claimsOf(eve), role: "service_role" }),
    ],
    ["has lost its signature", "401 PGRST301", () => `${eve.token.split(".").slice(0, 2).join(".")}.`],
  ];

  it.each(forgeries)("that %s is refused by REST (%s) and by Auth (403 bad_jwt)", async (_, code, forge) => {
    const token = await forge();
    expect(refusal(await list(withToken(token)))).toBe(code);
    expect(refusal(await me(withToken(token)))).toBe("403 bad_jwt");
  });

  it("that is right is taken by both", async () => {
    expect(await list(as(stack, ada))).toMatchObject({ status: 200, json: [{ title: "Run" }] });
    expect(await me(as(stack, ada))).toMatchObject({ status: 200, json: { id: ada.id } });
  });
});

/** What only the holder of the project's own keys could make, and what must not work even so. */
describe("a token that the project's own key has signed", () => {
  it.each([
    ["has expired", { exp: 1_700_000_000 }, "401 PGRST303"],
    ["never expires", { exp: undefined }, "401 PGRST303"],
    ["claims the role service_role", { role: "service_role" }, "401 PGRST303"],
    ["claims the role postgres", { role: "postgres" }, "401 PGRST303"],
    ["claims the role supabase_admin", { role: "supabase_admin" }, "401 PGRST303"],
    ["claims the role anon", { role: "anon" }, "401 PGRST303"],
    ["claims no role", { role: undefined }, "401 PGRST303"],
    ["was made for another audience", { aud: "somebody else" }, "401 PGRST303"],
    ["was made by another issuer", { iss: "http://127.0.0.1:1/auth/v1" }, "401 PGRST303"],
    ["is not valid yet", { nbf: 4_000_000_000 }, "401 PGRST303"],
  ])("and that %s is refused", async (_, change, code) => {
    const token = await sign({ ...claimsOf(ada), ...change } as JWTPayload);
    expect(refusal(await list(withToken(token)))).toBe(code);
    expect((await me(withToken(token))).status).toBe(403);
  });

  it.each([
    ["no session", { session_id: undefined }],
    ["a session that never was", { session_id: crypto.randomUUID() }],
    ["rubbish for a session", { session_id: "rubbish" }],
    ["the session of somebody else", { sub: "", session_id: "eve's" }],
  ])("and that names %s reads nothing (0 rows)", async (what, change) => {
    const session = what.endsWith("else") ? { session_id: eve.sessionId } : change;
    const token = await sign({ ...claimsOf(ada), ...session });
    expect(await list(withToken(token))).toMatchObject({ status: 200, json: [] });
    expect((await me(withToken(token))).status).toBe(403);
  });

  it("and whose subject is no UUID is refused without a word from inside (4xx)", async () => {
    const answer = await list(withToken(await sign({ ...claimsOf(ada), sub: "' or true --" })));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });

  it("and that is as Auth makes it reads ada's goal", async () => {
    expect(await list(withToken(await sign(claimsOf(ada))))).toMatchObject({ json: [{ title: "Run" }] });
  });

  it("is refused once its time has come, although it was remembered", async () => {
    const remembered = async (seconds: number): Promise<string> => {
      const token = await sign({ ...claimsOf(ada), exp: Math.floor(Date.now() / 1000) + seconds });
      // On a busy machine a short life may be over before it is used; then a longer one is tried.
      return (await list(withToken(token))).status === 200 ? token : remembered(2 * seconds);
    };
    const token = await remembered(2);
    await expect
      .poll(async () => refusal(await list(withToken(token))), { interval: 100 })
      .toBe("401 PGRST303");
  });

  it("says admin in its metadata without being one: roles are read from the table", async () => {
    const token = await sign({
      ...claimsOf(eve),
      app_metadata: { role: "admin", roles: ["admin"] },
      user_metadata: { role: "admin" },
    });
    const profiles = await stack.send({ path: "/rest/v1/profiles?select=id", headers: withToken(token) });
    expect(profiles.json).toEqual([{ id: eve.id }]);
  });
});

describe("a legacy key", () => {
  const secret = () => Buffer.from(stack.env.JWT_SECRET);

  it.each(["authenticated", "postgres", "supabase_admin", "authenticator", ""])(
    "made with the right secret for the role %j is refused: HS256 stands for anon and service_role alone",
    async (role) => {
      const token = await signHs256({ ...claimsOf(ada), role }, secret());
      expect(refusal(await list(withToken(token)))).toBe("401 PGRST303");
      expect((await list({ apikey: token })).status).toBe(401);
    },
  );

  it("is itself taken", async () => {
    const headers = { apikey: stack.env.ANON_KEY, authorization: `Bearer ${stack.env.SERVICE_ROLE_KEY}` };
    expect(await list(headers)).toMatchObject({ status: 200, json: [{ title: "Run" }] });
  });
});

function signHs256(claims: JWTPayload, secret: Uint8Array): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg: "HS256", kid: publicKey.kid ?? "" }).sign(secret);
}

async function signEs256(
  claims: JWTPayload,
  header: { kid?: string | undefined; jwk?: JWK },
  key?: Parameters<SignJWT["sign"]>[0],
): Promise<string> {
  const signer = key ?? (await generateKeyPair("ES256")).privateKey;
  const { kid = "", ...rest } = header;
  return new SignJWT(claims).setProtectedHeader({ alg: "ES256", typ: "JWT", kid, ...rest }).sign(signer);
}

async function pem(): Promise<Uint8Array> {
  const key = createPublicKey({ key: publicKey as Record<string, string>, format: "jwk" });
  return Buffer.from(key.export({ type: "spki", format: "pem" }));
}

function spliced(person: Person, claims: JWTPayload): string {
  const [head, , signature] = person.token.split(".");
  return `${head}.${base64url(claims)}.${signature}`;
}

/** Signs with the project's private key, which only the stack's data directory holds. */
async function sign(claims: JWTPayload): Promise<string> {
  const keys = JSON.parse(await readFile(`${stack.data}/keys.json`, "utf8")) as {
    signingKey: { kid: string; privateJwk: JWK };
  };
  const key = await importJWK(keys.signingKey.privateJwk, "ES256");
  return signEs256(claims, { kid: keys.signingKey.kid }, key);
}
