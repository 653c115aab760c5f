import { createHmac } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuthEvent, Session } from "../../sdk/src/index.ts";
import { makes, PASSWORD, refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;

beforeAll(async () => {
  kit = await startSdkKit();
});
afterAll(() => kit.stop());

const NEXT = "another horse 2";

describe.each(makes)("an account's life with %s", (make) => {
  it("ada signs up, confirms with the mailed code, signs out and in, and has the profile that she asked for", async () => {
    const { auth, profiles } = kit.made(make);
    const username = kit.username("ada");
    const email = `${username}@example.com`;
    const input = {
      email,
      password: PASSWORD,
      username,
      displayName: "Ada L.",
      locale: "pt-BR",
      timeZone: "Europe/Lisbon",
    };
    expect(await auth.signUp(input)).toEqual({ session: null });
    await expect(auth.signIn({ email, password: PASSWORD })).rejects.toMatchObject(
      refusal("AUTH_EMAIL_UNCONFIRMED"),
    );

    const { code } = await kit.mail(email);
    await expect(
      auth.confirm({ email, code: code === "000000" ? "111111" : "000000" }),
    ).rejects.toMatchObject(refusal("AUTH_CODE_INVALID", { field: "code" }));
    const session = await auth.confirm({ email, code });
    expect(session?.user).toMatchObject({ email, emailConfirmed: true });
    expect(await profiles.me()).toMatchObject({
      username,
      displayName: "Ada L.",
      locale: "pt-BR",
      timeZone: "Europe/Lisbon",
      status: "active",
    });
    await auth.signOut();
    expect(await auth.session()).toBeNull();
    expect(await auth.user()).toBeNull();
    await expect(auth.signIn({ email, password: NEXT })).rejects.toMatchObject(refusal("AUTH_CREDENTIALS"));
    expect((await auth.signIn({ email: ` ${email} `, password: PASSWORD })).user.email).toBe(email);
    expect((await auth.user())?.email).toBe(email);
  });
});

describe("signing up", () => {
  it("a taken, reserved or malformed username is refused with its reason, and the corrected call succeeds", async () => {
    const taken = await kit.register("ada");
    const { auth, profiles } = kit.trackit();
    const email = `${kit.username("ben")}@example.com`;
    const signUp = (username: string) => auth.signUp({ email, password: PASSWORD, username });
    await expect(signUp(taken.username.toUpperCase())).rejects.toMatchObject(
      refusal("CONFLICT_USERNAME_TAKEN", { field: "username" }),
    );
    await expect(signUp("ad.min")).rejects.toMatchObject(refusal("USAGE_INVALID", { field: "username" }));
    await expect(signUp("a b")).rejects.toMatchObject(
      refusal("USAGE_INVALID", { field: "username", value: "a b" }),
    );
    expect(await profiles.usernameAvailable(taken.username)).toBe(false);
    const free = kit.username("ben");
    expect(await profiles.usernameAvailable(free)).toBe(true);
    expect(await signUp(free)).toEqual({ session: null });
  });

  it("a weak password is refused with its rule (AUTH_PASSWORD_WEAK), and never quoted", async () => {
    const { auth } = kit.trackit();
    const username = kit.username("ben");
    const email = `${username}@example.com`;
    const weak = await auth.signUp({ email, password: "short1", username }).catch((error: unknown) => error);
    expect(weak).toMatchObject(refusal("AUTH_PASSWORD_WEAK", { field: "password" }));
    expect(JSON.stringify(weak)).not.toContain("short1");
    const empty = await auth.signUp({ email, password: "", username }).catch((error: unknown) => error);
    expect(empty).toMatchObject(refusal("USAGE_INVALID", { field: "password", value: undefined }));
    const proof = { email, code: "12345x", password: "very secret 1" };
    const reset = await auth.resetPassword(proof).catch((error: unknown) => error);
    expect(reset).toMatchObject(refusal("USAGE_INVALID"));
    expect(`${reset}${JSON.stringify(reset)}`).not.toMatch(/12345x|very secret/);
  });

  it("nothing tells a stranger that an address has an account", async () => {
    const ada = await kit.register("ada");
    const { auth } = kit.trackit();
    const again = await auth.signUp({ email: ada.email, password: PASSWORD, username: kit.username("eve") });
    expect(again).toEqual({ session: null });
    await auth.recover("nobody-at-all@example.com");
    await auth.recover(ada.email);
    const nobody = auth.signIn({ email: "nobody-at-all@example.com", password: PASSWORD });
    await expect(nobody).rejects.toMatchObject(refusal("AUTH_CREDENTIALS"));
  });

  it("the confirmation can be sent again, and the link's token confirms too", async () => {
    const { auth } = kit.trackit();
    const username = kit.username("ben");
    const email = `${username}@example.com`;
    await auth.signUp({ email, password: PASSWORD, username });
    await kit.mail(email);
    await auth.resend(email);
    const { tokenHash } = await kit.mail(email, 2);
    expect((await auth.confirm({ tokenHash }))?.user.email).toBe(email);
  });
});

describe("passwords", () => {
  it("ada recovers with the mailed token; a refused new password can be corrected with the same token", async () => {
    const ada = await kit.register("ada");
    const { auth } = kit.trackit();
    await auth.recover(ada.email);
    const { tokenHash } = await kit.mail(ada.email);
    await expect(auth.resetPassword({ tokenHash, password: "weak" })).rejects.toMatchObject(
      refusal("AUTH_PASSWORD_WEAK"),
    );
    const session = await auth.resetPassword({ tokenHash, password: NEXT });
    expect(session.user.email).toBe(ada.email);
    await auth.signOut();
    await expect(auth.signIn({ email: ada.email, password: PASSWORD })).rejects.toMatchObject(
      refusal("AUTH_CREDENTIALS"),
    );
    await auth.signIn({ email: ada.email, password: NEXT });
    const eve = kit.trackit();
    await expect(eve.auth.resetPassword({ tokenHash, password: NEXT })).rejects.toMatchObject(
      refusal("AUTH_CODE_INVALID"),
    );
  });

  it("ada changes her password, and not to the same one (AUTH_PASSWORD_SAME)", async () => {
    const { trackit, email } = await kit.join("ada");
    await expect(trackit.auth.updatePassword(PASSWORD)).rejects.toMatchObject(refusal("AUTH_PASSWORD_SAME"));
    await trackit.auth.updatePassword(NEXT);
    await trackit.auth.signOut();
    await trackit.auth.signIn({ email, password: NEXT });
    await expect(kit.trackit().auth.updatePassword(NEXT)).rejects.toMatchObject(refusal("AUTH_REQUIRED"));
  });

  it("an old session is asked to reauthenticate, and goes on with the mailed code", async () => {
    const { trackit, email, id } = await kit.join("ada");
    await kit.sql`update auth.sessions set created_at = now() - interval '2 days' where user_id = ${id}`;
    await expect(trackit.auth.updatePassword(NEXT)).rejects.toMatchObject(refusal("AUTH_REAUTHENTICATION"));
    await trackit.auth.reauthenticate();
    const { code } = await kit.mail(email);
    expect((await trackit.auth.updatePassword(NEXT, { code })).email).toBe(email);
  });

  it("a change of address is confirmed from both", async () => {
    const { trackit, email } = await kit.join("ada");
    const next = `${kit.username("ada")}@example.com`;
    expect((await trackit.auth.updateEmail(next)).newEmail).toBe(next);
    const [old, fresh] = await Promise.all([kit.mail(email), kit.mail(next)]);
    expect(await trackit.auth.confirm({ tokenHash: old.tokenHash, kind: "email_change" })).toBeNull();
    const session = await trackit.auth.confirm({ tokenHash: fresh.tokenHash, kind: "email_change" });
    expect(session?.user.email).toBe(next);
  });
});

describe("sessions", () => {
  it("ada sees her devices and ends one, whose next request is refused; eve cannot end it", async () => {
    const phone = await kit.join("ada");
    const laptop = kit.trackit();
    await laptop.auth.signIn({ email: phone.email, password: PASSWORD });
    const list = await laptop.auth.sessions.list();
    expect(list.map((session) => session.current).sort()).toEqual([false, true]);
    const other = list.find((session) => !session.current)?.id ?? "";
    const eve = await kit.join("eve");
    await expect(eve.trackit.auth.sessions.revoke(other)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    expect((await phone.trackit.profiles.me()).id).toBe(phone.id);
    await laptop.auth.sessions.revoke(other);
    await expect(phone.trackit.profiles.me()).rejects.toMatchObject(refusal("AUTH_REQUIRED"));
    expect((await laptop.profiles.me()).id).toBe(phone.id);
  });

  it("signing out others leaves this device in; signing out everywhere leaves none", async () => {
    const here = await kit.join("ada");
    const there = kit.trackit();
    await there.auth.signIn({ email: here.email, password: PASSWORD });
    await here.trackit.auth.signOut({ scope: "others" });
    await expect(there.profiles.me()).rejects.toMatchObject(refusal("AUTH_REQUIRED"));
    expect((await here.trackit.profiles.me()).id).toBe(here.id);
    await there.auth.signIn({ email: here.email, password: PASSWORD });
    await there.auth.signOut({ scope: "everywhere" });
    await expect(here.trackit.profiles.me()).rejects.toMatchObject(refusal("AUTH_REQUIRED"));
  });

  it("listeners may await the client that calls them, and hear no more once they have left", async () => {
    const { email } = await kit.register("ada");
    const { auth, profiles } = kit.trackit();
    const heard: AuthEvent[] = [];
    const met = new Promise<Session | null>((resolve) => {
      const stop = auth.onChange(async (event) => {
        heard.push(event);
        if (event !== "signedIn") return;
        // With the auth client's own callbacks, this awaits itself for ever.
        await profiles.me();
        resolve(await auth.session());
        stop();
      });
    });
    await auth.signIn({ email, password: PASSWORD });
    expect((await met)?.user.email).toBe(email);
    const before = heard.length;
    await auth.signOut();
    await auth.signIn({ email, password: PASSWORD });
    await profiles.me();
    expect(heard).toHaveLength(before);
    expect(heard).toContain("initial");
  });

  it("a call that was given up ends with NETWORK_ABORTED, one that takes too long with NETWORK_TIMEOUT", async () => {
    const { email } = await kit.register("ada");
    const { auth } = kit.trackit();
    const abort = AbortSignal.abort();
    await expect(auth.signIn({ email, password: PASSWORD }, { signal: abort })).rejects.toMatchObject(
      refusal("NETWORK_ABORTED"),
    );
    const silent: typeof fetch = (_input, init) =>
      new Promise((_, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
    const waiting = kit.trackit({ timeout: 20, fetch: silent });
    await expect(waiting.auth.signIn({ email, password: PASSWORD })).rejects.toMatchObject(
      refusal("NETWORK_TIMEOUT"),
    );
    await expect(waiting.goals.list().toArray()).rejects.toMatchObject(refusal("NETWORK_TIMEOUT"));
    const stop = new AbortController();
    const call = waiting.goals.list({}, { signal: stop.signal }).toArray();
    stop.abort();
    await expect(call).rejects.toMatchObject(refusal("NETWORK_ABORTED"));
    const nowhere = kit.trackit({ url: await closedPort() });
    await expect(nowhere.auth.signIn({ email, password: PASSWORD })).rejects.toMatchObject(
      refusal("NETWORK_OFFLINE"),
    );
    await expect(nowhere.tasks.list().toArray()).rejects.toMatchObject(refusal("NETWORK_OFFLINE"));
  });
});

describe("the second factor", () => {
  it("ada enrols, is asked at her next sign-in, and gives it; a wrong code is refused (AUTH_FACTOR)", async () => {
    const { trackit, email } = await kit.join("ada");
    const { totp } = trackit.auth;
    const enrolment = await totp.enrol({ name: "phone" });
    expect(enrolment.uri).toMatch(/^otpauth:\/\/totp\//);
    const wrong = String((Number(totpCode(enrolment.secret)) + 1) % 1_000_000).padStart(6, "0");
    await expect(totp.verify(enrolment.factorId, wrong)).rejects.toMatchObject(refusal("AUTH_FACTOR"));
    const verified = await totp.verify(enrolment.factorId, totpCode(enrolment.secret));
    expect(verified.needsSecondFactor).toBe(false);
    expect(await totp.list()).toMatchObject([{ name: "phone", verified: true }]);

    const again = kit.trackit();
    const session = await again.auth.signIn({ email, password: PASSWORD });
    expect(session.needsSecondFactor).toBe(true);
    await expect(again.goals.list().toArray()).rejects.toMatchObject(refusal("AUTH_SECOND_FACTOR"));
    await expect(again.goals.create({ title: "x" })).rejects.toMatchObject(refusal("AUTH_SECOND_FACTOR"));
    const full = await again.auth.totp.challenge(totpCode(enrolment.secret, 1));
    expect(full.needsSecondFactor).toBe(false);
    expect(await again.goals.list().toArray()).toEqual([]);
    await again.auth.totp.remove(enrolment.factorId);
    expect(await again.auth.totp.list()).toEqual([]);
    await expect(again.auth.totp.challenge("123456")).rejects.toMatchObject(refusal("AUTH_FACTOR"));
  });
});

describe("profiles", () => {
  it("ada changes hers, with a version; eve finds her by name and sees four fields", async () => {
    const ada = await kit.join("ada");
    const eve = await kit.join("eve");
    const me = await ada.trackit.profiles.me();
    const next = await ada.trackit.profiles.update(
      { displayName: "Ada <b>", preferences: { theme: "dark" }, timeZone: "America/Sao_Paulo" },
      { version: me.version },
    );
    expect(next).toMatchObject({
      displayName: "Ada < b>",
      preferences: { theme: "dark" },
      version: me.version + 1,
    });
    await expect(
      ada.trackit.profiles.update({ locale: "en" }, { version: me.version }),
    ).rejects.toMatchObject(
      refusal("CONFLICT_VERSION", { details: { mine: { locale: "en" }, theirs: { version: next.version } } }),
    );
    expect(await eve.trackit.profiles.get(ada.username.toUpperCase())).toEqual({
      id: ada.id,
      username: ada.username,
      displayName: "Ada < b>",
      avatarUrl: null,
    });
    expect(await eve.trackit.profiles.get("nobody-here")).toBeNull();
    await expect(eve.trackit.profiles.update({ username: ada.username })).rejects.toMatchObject(
      refusal("CONFLICT_USERNAME_TAKEN", { field: "username" }),
    );
    await expect(eve.trackit.profiles.update({ timeZone: "Mars/Olympus" })).rejects.toMatchObject(
      refusal("USAGE_INVALID", { field: "timeZone" }),
    );
    await expect(eve.trackit.profiles.update({ status: "active" } as never)).rejects.toMatchObject(
      refusal("USAGE_UNKNOWN_FIELD", { field: "status" }),
    );
  });

  it("looking up names ends with LIMIT_RATE and says how long to wait", async () => {
    const eve = await kit.join("eve");
    const calls = Array.from({ length: 70 }, () => eve.trackit.profiles.get("nobody-here"));
    const refused = (await Promise.allSettled(calls)).flatMap((call) =>
      call.status === "rejected" ? [call.reason] : [],
    );
    expect(refused).toHaveLength(10);
    expect(refused[0]).toMatchObject(refusal("LIMIT_RATE", { retryAfter: expect.any(Number) }));
    const ada = await kit.join("ada");
    expect(await ada.trackit.profiles.get("nobody-here")).toBeNull();
  });
});

/**
 * RFC 6238 with the parameters of every authenticator: SHA-1, 30 seconds, 6 digits. A code works once; the one of
 * the next half minute is taken already.
 */
function totpCode(secret: string, stepsAhead = 0): string {
  const bits = [...secret.replace(/=+$/, "")].map((c) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0"),
  );
  const key = Buffer.from((bits.join("").match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + stepsAhead));
  const hash = createHmac("sha1", key).update(counter).digest();
  const offset = (hash.at(-1) ?? 0) & 15;
  return String((hash.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/** An address where nobody listens: a port that was free a moment ago. */
async function closedPort(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}
