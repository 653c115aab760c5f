import { createRemoteJWKSet, jwtVerify } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanUp } from "../../stack/src/auth/cleanup.ts";
import type { AuthContext } from "../../stack/src/auth/context.ts";
import { type AuthKit, claimsOf, releaseNames, signIn, startAuthKit } from "./auth-kit.ts";

let kit: AuthKit;
beforeAll(async () => {
  // No grace for used tokens, so that reuse need not be waited for.
  kit = await startAuthKit({ refresh_token_reuse_interval: 0 });
});
afterAll(() => kit.stop());

const refresh = (token: string) => kit.post("/token?grant_type=refresh_token", { refresh_token: token });
const tokenOf = (answer: { body: Record<string, unknown> }): string => String(answer.body.refresh_token);

describe.each(releaseNames)("a session with supabase-js %s", (release) => {
  it("carries the claims of the real server, signed with the published key", async () => {
    const ada = await kit.join("ada", { release });
    const keys = createRemoteJWKSet(new URL(`${kit.url}/.well-known/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(ada.session.access_token, keys, {
      issuer: kit.url,
      audience: "authenticated",
    });
    expect(protectedHeader).toMatchObject({ alg: "ES256", typ: "JWT", kid: expect.any(String) });
    expect(payload).toEqual({
      iss: kit.url,
      sub: ada.id,
      aud: "authenticated",
      exp: (payload.iat ?? 0) + 3600,
      iat: expect.any(Number),
      email: ada.email,
      phone: "",
      app_metadata: { provider: "email", providers: ["email"] },
      user_metadata: expect.objectContaining({ username: ada.data.username }),
      role: "authenticated",
      aal: "aal1",
      amr: [{ method: "password", timestamp: expect.any(Number) }],
      session_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      is_anonymous: false,
    });
    expect(ada.session).toMatchObject({ token_type: "bearer", expires_in: 3600, expires_at: payload.exp });
    const { data, error } = await ada.client.auth.getClaims();
    expect(error).toBeNull();
    expect(data?.claims.sub).toBe(ada.id);
  });

  it("is refreshed with a new token, and stays the same session", async () => {
    const ada = await kit.join("ada", { release });
    const { data, error } = await ada.client.auth.refreshSession();
    expect(error).toBeNull();
    expect(data.session?.refresh_token).not.toBe(ada.session.refresh_token);
    const [before, after] = [claimsOf(ada.session.access_token), claimsOf(data.session?.access_token ?? "")];
    expect(after.session_id).toBe(before.session_id);
    expect(after.amr).toEqual(before.amr);
  });

  it("ends where its owner says: here, elsewhere, everywhere", async () => {
    const ada = await kit.join("ada", { release });
    const [phone, tablet] = [kit.client({ release }), kit.client({ release })];
    await signIn(phone, ada);
    await signIn(tablet, ada);
    const alive = async () =>
      (await Promise.all([ada.client, phone, tablet].map((client) => client.auth.getUser()))).map(
        ({ error }) => error === null,
      );

    expect((await tablet.auth.signOut({ scope: "local" })).error).toBeNull();
    expect(await alive()).toEqual([true, true, false]);
    expect((await phone.auth.signOut({ scope: "others" })).error).toBeNull();
    expect(await alive()).toEqual([false, true, false]);
    await signIn(ada.client, ada);
    expect((await ada.client.auth.signOut()).error).toBeNull();
    expect(await alive()).toEqual([false, false, false]);
  });
});

describe("refresh tokens", () => {
  it("a used one is answered with its child, for a client that lost the answer", async () => {
    const ada = await kit.join("ada");
    const first = await refresh(ada.session.refresh_token);
    const again = await refresh(ada.session.refresh_token);
    expect(again.status).toBe(200);
    expect(tokenOf(again)).toBe(tokenOf(first));
  });

  it("an older one ends its whole family, and no other session", async () => {
    const ada = await kit.join("ada");
    const other = await signIn(kit.client(), ada);
    const second = tokenOf(await refresh(ada.session.refresh_token));
    const third = tokenOf(await refresh(second));
    const stolen = await refresh(ada.session.refresh_token);
    expect(stolen).toMatchObject({ status: 400, body: { code: "refresh_token_already_used" } });
    expect(await refresh(third)).toMatchObject({ status: 400, body: { code: "refresh_token_already_used" } });
    expect((await refresh(other?.refresh_token ?? "")).status).toBe(200);
  });

  it("two tabs that refresh at once end up with one and the same token", async () => {
    const ada = await kit.join("ada");
    const token = ada.session.refresh_token;
    const answers = await Promise.all([refresh(token), refresh(token), refresh(token)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(tokenOf)).size).toBe(1);
  });

  it("an unknown one is refused, and a missing one", async () => {
    expect(await refresh("nothing")).toMatchObject({
      status: 400,
      body: { code: "refresh_token_not_found" },
    });
    expect(await refresh("")).toMatchObject({ status: 400, body: { code: "validation_failed" } });
  });

  it("die with sign-out, ban and deletion", async () => {
    const [ada, ben, eve] = [await kit.join("ada"), await kit.join("ben"), await kit.join("eve")];
    const root = kit.root();
    await ada.client.auth.signOut();
    await root.auth.admin.updateUserById(ben.id, { ban_duration: "1h" });
    await root.auth.admin.deleteUser(eve.id);
    expect(await refresh(ada.session.refresh_token)).toMatchObject({
      body: { code: "refresh_token_not_found" },
    });
    expect(await refresh(ben.session.refresh_token)).toMatchObject({ body: { code: "user_banned" } });
    expect(await refresh(eve.session.refresh_token)).toMatchObject({
      body: { code: "refresh_token_not_found" },
    });
  });
});

describe("an access token whose ground has gone", () => {
  const userWith = (token: string) =>
    fetch(`${kit.url}/user`, {
      headers: {
        apikey: kit.stack.env.PUBLISHABLE_KEY,
        authorization: `Bearer ${token}`,
        "x-supabase-api-version": "2024-01-01",
      },
    });

  it("is refused by /user after sign-out, ban and deletion, and accepted before", async () => {
    const [ada, ben, eve] = [await kit.join("ada"), await kit.join("ben"), await kit.join("eve")];
    for (const { session } of [ada, ben, eve])
      expect((await userWith(session.access_token)).status).toBe(200);
    const root = kit.root();
    await ada.client.auth.signOut();
    await root.auth.admin.updateUserById(ben.id, { ban_duration: "24h" });
    await root.auth.admin.deleteUser(eve.id);
    const answers = await Promise.all([ada, ben, eve].map(({ session }) => userWith(session.access_token)));
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    const codes = await Promise.all(
      answers.map(async (answer) => ((await answer.json()) as { code: string }).code),
    );
    expect(codes).toEqual(["session_not_found", "user_banned", "user_not_found"]);
  });

  it("speaks the older form of errors to older clients", async () => {
    const answer = await fetch(`${kit.url}/user`, { headers: { apikey: kit.stack.env.PUBLISHABLE_KEY } });
    expect(await answer.json()).toEqual({
      code: 401,
      error_code: "no_authorization",
      msg: expect.any(String),
    });
  });

  it("of a key alone is no user, whoever's key it is", async () => {
    const { error } = await kit.client().auth.getUser(kit.stack.env.SECRET_KEY);
    expect(error).toMatchObject({ status: 403, code: "bad_jwt" });
  });
});

describe("sessions that grow old", () => {
  it("cannot be refreshed past the timebox or after too long a rest", async () => {
    const [ada, ben] = [await kit.join("ada"), await kit.join("ben")];
    await kit.sql`update auth.sessions set created_at = now() - interval '4321 hours' where user_id = ${ada.id}`;
    await kit.sql`
      update auth.sessions set refreshed_at = (now() - interval '721 hours') at time zone 'utc'
      where user_id = ${ben.id}`;
    for (const { session } of [ada, ben]) {
      expect(await refresh(session.refresh_token)).toMatchObject({
        status: 400,
        body: { code: "session_expired" },
      });
    }
    const eve = await kit.join("eve");
    await kit.sql`update auth.sessions set created_at = now() - interval '719 hours' where user_id = ${eve.id}`;
    expect((await refresh(eve.session.refresh_token)).status).toBe(200);
  });

  it("go after a day of being dead, and what lives stays", async () => {
    const [ada, ben] = [await kit.join("ada"), await kit.join("ben")];
    for (const { session } of [ada, ben]) await refresh(session.refresh_token);
    const day = kit.sql`interval '25 hours'`;
    await kit.sql`update auth.refresh_tokens set updated_at = now() - ${day} where user_id = ${ada.id} and revoked`;
    const eve = await kit.join("eve");
    await kit.sql`update auth.sessions set created_at = now() - interval '4321 hours' - ${day} where user_id = ${eve.id}`;
    const settings = { timebox: 4320 * 3600, inactivity: 720 * 3600 };
    await cleanUp({ sql: kit.sql, settings } as AuthContext);
    const tokens = (id: string) => kit.sql`select from auth.refresh_tokens where user_id = ${id}`;
    expect(await Promise.all([ada, ben, eve].map(async ({ id }) => (await tokens(id)).length))).toEqual([
      1, 2, 0,
    ]);
    expect(
      await kit.sql`select from auth.sessions where user_id in (${ada.id}, ${ben.id}, ${eve.id})`,
    ).toHaveLength(2);
  });
});
