import { createHmac } from "node:crypto";
import { exportJWK, generateKeyPair, importJWK, type JWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeys, type StackKeys } from "../keys/keys.ts";
import { createLog } from "../log.ts";
import type { Caller, Part, RequestContext } from "../part.ts";
import { createGateway, type Gateway } from "./index.ts";

/** A part that tells whom the gateway takes its caller for. */
const mirror: Part = {
  fetch: async (_request: Request, context: RequestContext) => Response.json(context.caller),
  close: async () => {},
};

const ada = "00000000-0000-4000-8000-00000000000a";
let keys: StackKeys;
let gateway: Gateway;
let url: string;

beforeAll(async () => {
  keys = await createKeys();
  const parts = { "/rest/v1": mirror, "/auth/v1": mirror, "/storage/v1": mirror, "/functions/v1": mirror };
  gateway = await createGateway({ port: 0, keys, parts, log: createLog(() => {}) });
  url = `http://127.0.0.1:${gateway.port}`;
});
afterAll(() => gateway?.close());

interface Signing {
  alg: string;
  kid?: string;
  key: Awaited<ReturnType<typeof importJWK>>;
}

async function sign(claims: JWTPayload, { alg, kid, key }: Signing): Promise<string> {
  return new SignJWT(claims).setProtectedHeader({ alg, typ: "JWT", ...(kid ? { kid } : {}) }).sign(key);
}

const now = () => Math.floor(Date.now() / 1000);
const claims = (more: JWTPayload = {}): JWTPayload => ({
  iss: `${url}/auth/v1`,
  aud: "authenticated",
  sub: ada,
  role: "authenticated",
  exp: now() + 600,
  ...more,
});
const ours = async (): Promise<Signing> => ({
  alg: "ES256",
  kid: keys.signingKey.kid,
  key: await importJWK(keys.signingKey.privateJwk, "ES256"),
});
const secretOf = (secret: string): Signing => ({ alg: "HS256", key: new TextEncoder().encode(secret) });

async function ask(apikey: string | null, bearer: string | null, path = "/rest/v1/notes") {
  const headers = new Headers();
  if (apikey !== null) headers.set("apikey", apikey);
  if (bearer !== null) headers.set("authorization", bearer);
  const response = await fetch(url + path, { headers });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, caller: JSON.parse(text) as Caller };
}
const askAs = (token: string) => ask(keys.publishableKey, `Bearer ${token}`);

describe("API keys", () => {
  it("each of the four keys stands for its role", async () => {
    expect((await ask(keys.publishableKey, null)).caller.role).toBe("anon");
    expect((await ask(keys.anonKey, null)).caller.role).toBe("anon");
    expect((await ask(keys.secretKey, null)).caller.role).toBe("service_role");
    expect((await ask(keys.serviceRoleKey, null)).caller.role).toBe("service_role");
  });

  it("a bearer equal to the key is that key, as supabase-js sends it before anybody has signed in", async () => {
    for (const key of [keys.publishableKey, keys.secretKey, keys.anonKey, keys.serviceRoleKey]) {
      expect((await ask(key, `Bearer ${key}`)).status).toBe(200);
    }
  });

  it("the key may come as a query parameter", async () => {
    const answer = await ask(null, null, `/rest/v1/notes?select=id&apikey=${keys.secretKey}`);
    expect(answer.caller.role).toBe("service_role");
  });

  it("no key is 401 in the words of hosted", async () => {
    const answer = await ask(null, null);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      401,
      { message: "No API key found in request", hint: "No `apikey` request header or url param was found." },
    ]);
  });

  it.each([
    ["garbage", () => "garbage"],
    ["the empty string", () => " "],
    ["a key of another project", () => "sb_publishable_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ["a key with one letter more", () => `${keys.secretKey}x`],
    ["a key with one letter less", () => keys.secretKey.slice(0, -1)],
    ["the JWT secret", () => keys.jwtSecret],
    ["a legacy key signed by another project", () => otherLegacyKey],
  ])("%s as key is 401", async (_what, key) => {
    const answer = await ask(key(), null);
    expect(answer.status).toBe(401);
    expect(answer.text).not.toContain(keys.secretKey);
  });

  it("a key that comes only as bearer is no key", async () => {
    expect((await ask(null, `Bearer ${keys.secretKey}`)).status).toBe(401);
  });

  it("the secret key as bearer beside the publishable key does not rise to service_role", async () => {
    expect((await ask(keys.publishableKey, `Bearer ${keys.secretKey}`)).status).toBe(401);
  });
});

let otherLegacyKey: string;
beforeAll(async () => {
  otherLegacyKey = await sign(
    { role: "service_role", iss: "supabase" },
    secretOf("another secret of forty characters, at least"),
  );
});

describe("user tokens", () => {
  it("ada's own token makes her authenticated, with its claims", async () => {
    const token = await sign(claims({ session_id: "s1" }), await ours());
    const { status, caller } = await askAs(token);
    expect([status, caller.role, caller.claims.sub, caller.claims.session_id]).toEqual([
      200,
      "authenticated",
      ada,
      "s1",
    ]);
    // Remembered, it is the same.
    expect((await askAs(token)).caller).toEqual(caller);
  });

  it("a remembered token is refused from the second it expires", async () => {
    // On a busy machine a short life may be over before it is used; then a longer one is tried.
    const remembered = async (seconds: number): Promise<string> => {
      const token = await sign(claims({ exp: now() + seconds }), await ours());
      return (await askAs(token)).status === 200 ? token : remembered(2 * seconds);
    };
    const token = await remembered(1);
    let answer = await askAs(token);
    while (answer.status === 200) answer = await askAs(token);
    expect(JSON.parse(answer.text)).toMatchObject({ code: "PGRST303", message: "JWT expired" });
  });

  it.each([
    ["expired", { exp: 1 }, "PGRST303"],
    ["without an end", { exp: undefined }, "PGRST303"],
    ["not yet valid", { nbf: 4102444800 }, "PGRST303"],
    ["for another audience", { aud: "anon" }, "PGRST303"],
    ["of another issuer", { iss: "https://evil.example/auth/v1" }, "PGRST303"],
    ["without a user", { sub: undefined }, "PGRST303"],
    ["that claims service_role", { role: "service_role" }, "PGRST303"],
    ["that claims anon", { role: "anon" }, "PGRST303"],
    ["that claims postgres", { role: "postgres" }, "PGRST303"],
    ["that claims authenticator", { role: "authenticator" }, "PGRST303"],
    ["that claims a role with SQL in it", { role: 'authenticated"; reset role; --' }, "PGRST303"],
    ["whose role is no text", { role: ["authenticated"] }, "PGRST303"],
  ])("a well-signed token %s is 401", async (_what, change, code) => {
    const answer = await askAs(await sign(claims(change as JWTPayload), await ours()));
    expect([answer.status, JSON.parse(answer.text).code]).toEqual([401, code]);
    expect(answer.headers.get("www-authenticate")).toContain("invalid_token");
  });

  it("a token of another project, with our key's id, is 401", async () => {
    const { privateKey } = await generateKeyPair("ES256");
    const token = await sign(claims(), { alg: "ES256", kid: keys.signingKey.kid, key: privateKey });
    expect((await askAs(token)).status).toBe(401);
  });

  it("a token with another key's id is 401, though our key signed it", async () => {
    const token = await sign(claims(), { ...(await ours()), kid: "other" });
    expect((await askAs(token)).status).toBe(401);
  });

  it.each(["none", "None", "NONE", "nOnE", ""])("alg %j without a signature is 401", async (alg) => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const body = `${part({ alg, typ: "JWT", kid: keys.signingKey.kid })}.${part(claims({ role: "service_role" }))}`;
    for (const token of [`${body}.`, body, `${body}.AAAA`]) expect((await askAs(token)).status).toBe(401);
  });

  it("HS256 with the public key as secret is 401", async () => {
    const secrets = [JSON.stringify(keys.signingKey.publicJwk), keys.signingKey.publicJwk.x ?? ""];
    for (const secret of secrets) {
      expect((await askAs(await hmac(claims(), secret))).status).toBe(401);
      expect((await askAs(await hmac({ role: "service_role" }, secret))).status).toBe(401);
    }
  });

  it("HS256 with the right secret is no way to a user: only the legacy keys' roles are accepted", async () => {
    for (const role of ["authenticated", "postgres", "supabase_admin", ""]) {
      expect((await askAs(await sign(claims({ role }), secretOf(keys.jwtSecret)))).status).toBe(401);
    }
  });

  it("HS256 with a wrong or empty secret is 401", async () => {
    expect((await askAs(otherLegacyKey)).status).toBe(401);
    expect((await askAs(await hmac({ role: "service_role" }, ""))).status).toBe(401);
  });

  it("a key smuggled into the header is not used", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
    const jwk: JWK = await exportJWK(publicKey);
    const token = await new SignJWT(claims())
      .setProtectedHeader({ alg: "ES256", kid: keys.signingKey.kid, jwk })
      .sign(privateKey);
    expect((await askAs(token)).status).toBe(401);
  });

  it("a token with one letter changed is 401, in each of its parts", async () => {
    const token = await sign(claims(), await ours());
    for (const place of [5, token.indexOf(".") + 10, token.length - 10]) {
      const letter = token[place] === "A" ? "B" : "A";
      expect((await askAs(token.slice(0, place) + letter + token.slice(place + 1))).status).toBe(401);
    }
  });

  it.each(["Bearer", "Bearer ", ""])("%j names no token: the key alone counts", async (header) => {
    expect((await ask(keys.publishableKey, header)).caller.role).toBe("anon");
  });

  it.each(["Bearer a.b.c", "Bearer garbage", "Basic YTpi", "Bearer null", "Bearer undefined", "Token x"])(
    "%j is 401, never anonymous",
    async (header) => {
      expect((await ask(keys.publishableKey, header)).status).toBe(401);
    },
  );

  it("a token does not spare the key", async () => {
    const token = await sign(claims(), await ours());
    expect((await ask(null, `Bearer ${token}`)).status).toBe(401);
    expect((await ask("garbage", `Bearer ${token}`)).status).toBe(401);
  });
});

describe("what each part asks for", () => {
  it("Auth's clients get its own words for a bad token", async () => {
    const answer = await ask(keys.publishableKey, "Bearer a.b.c", "/auth/v1/user");
    expect([answer.status, JSON.parse(answer.text).error_code]).toEqual([403, "bad_jwt"]);
  });

  it.each([
    "/auth/v1/verify?token=x",
    "/auth/v1/.well-known/jwks.json",
    "/auth/v1/authorize",
    "/auth/v1/callback",
  ])("%s opens by link, without a key, as a stranger", async (path) => {
    expect((await ask(null, null, path)).caller.role).toBe("anon");
    expect((await ask(null, `Bearer ${otherLegacyKey}`, path)).caller).toMatchObject({
      role: "anon",
      token: null,
    });
  });

  it.each([
    "/auth/v1/verify/../user",
    "/auth/v1/verifyx",
    "/auth/v1/.well-known/../admin/users",
    "/auth/v1/user",
  ])("%s does not", async (path) => {
    expect([401, 404]).toContain((await ask(null, null, path)).status);
  });

  it("Storage serves strangers, and refuses a bad token all the same", async () => {
    expect((await ask(null, null, "/storage/v1/object/public/x")).caller.role).toBe("anon");
    expect((await ask(null, "Bearer a.b.c", "/storage/v1/object/x")).status).toBe(400);
    const token = await sign(claims(), await ours());
    expect((await ask(null, `Bearer ${token}`, "/storage/v1/object/x")).caller.role).toBe("authenticated");
  });

  it("a token that Storage took without a key does not open REST without one", async () => {
    const token = await sign(claims(), await ours());
    expect((await ask(null, `Bearer ${token}`, "/storage/v1/object/x")).status).toBe(200);
    expect((await ask(null, `Bearer ${token}`)).status).toBe(401);
    expect((await ask("undefined", `Bearer ${token}`)).status).toBe(401);
  });

  it("functions judge for themselves", async () => {
    expect((await ask(null, "Bearer a.b.c", "/functions/v1/hello")).status).toBe(200);
  });
});

/** An HS256 token by hand: libraries refuse secrets as short as an attacker may try. */
async function hmac(payload: JWTPayload, secret: string): Promise<string> {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const body = `${part({ alg: "HS256", typ: "JWT", kid: keys.signingKey.kid })}.${part(payload)}`;
  return `${body}.${createHmac("sha256", secret).update(body).digest("base64url")}`;
}
