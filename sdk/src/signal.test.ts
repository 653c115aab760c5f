import { describe, expect, it } from "vitest";
import { createTrackIt, type KeyValue, type TrackIt } from "./index.ts";
import type { CallOptions } from "./types.ts";

const ID = "019a9a3e-0000-7000-8000-000000000001";
const email = "ada@example.com";
const password = "correct horse 1";

/** A device on which ada has signed in, with a token that is good for long. */
function deviceOfAda(): KeyValue {
  const user = { id: ID, email, aud: "authenticated", created_at: "2026-01-01T00:00:00Z" };
  const token = { access_token: "a.b.c", refresh_token: "r", token_type: "bearer", expires_in: 3600 };
  const kept = new Map([["trackit-127.0.0.1:9", JSON.stringify({ ...token, expires_at: 4e9, user })]]);
  return {
    get: async (key) => kept.get(key) ?? null,
    set: async (key, value) => void kept.set(key, value),
    remove: async (key) => void kept.delete(key),
  };
}

function trackitWith(send: typeof fetch): TrackIt {
  return createTrackIt({
    url: "http://127.0.0.1:9",
    key: "sb_publishable_x",
    fetch: send,
    storage: { device: deviceOfAda() },
  });
}

const proof = { email, code: "123456" };
const verbs: Record<string, (trackit: TrackIt, options: CallOptions) => Promise<unknown>> = {
  "auth.signUp": ({ auth }, o) => auth.signUp({ email, password, username: "ada" }, o),
  "auth.confirm": ({ auth }, o) => auth.confirm(proof, o),
  "auth.resend": ({ auth }, o) => auth.resend(email, o),
  "auth.signIn": ({ auth }, o) => auth.signIn({ email, password }, o),
  "auth.signOut": ({ auth }, o) => auth.signOut(o),
  "auth.recover": ({ auth }, o) => auth.recover(email, o),
  "auth.resetPassword": ({ auth }, o) => auth.resetPassword({ ...proof, password }, o),
  "auth.updateEmail": ({ auth }, o) => auth.updateEmail(email, o),
  "auth.updatePassword": ({ auth }, o) => auth.updatePassword(password, o),
  "auth.reauthenticate": ({ auth }, o) => auth.reauthenticate(o),
  "auth.session": ({ auth }, o) => auth.session(o),
  "auth.user": ({ auth }, o) => auth.user(o),
  "auth.sessions.list": ({ auth }, o) => auth.sessions.list(o),
  "auth.sessions.revoke": ({ auth }, o) => auth.sessions.revoke(ID, o),
  "auth.totp.enrol": ({ auth }, o) => auth.totp.enrol(o),
  "auth.totp.verify": ({ auth }, o) => auth.totp.verify(ID, "123456", o),
  "auth.totp.challenge": ({ auth }, o) => auth.totp.challenge("123456", o),
  "auth.totp.list": ({ auth }, o) => auth.totp.list(o),
  "auth.totp.remove": ({ auth }, o) => auth.totp.remove(ID, o),
  "profiles.me": ({ profiles }, o) => profiles.me(o),
  "profiles.get": ({ profiles }, o) => profiles.get("ben", o),
  "profiles.update": ({ profiles }, o) => profiles.update({ displayName: "Ada" }, o),
  "profiles.usernameAvailable": ({ profiles }, o) => profiles.usernameAvailable("ada", o),
  "limits.list": ({ limits }, o) => limits.list(o),
  "mail.preferences": ({ mail }, o) => mail.preferences(o),
  "mail.setPreference": ({ mail }, o) => mail.setPreference("reminders", false, o),
  "mail.unsubscribe": ({ mail }, o) => mail.unsubscribe("token", o),
  "activities.list": ({ activities }, o) => activities.list({}, o).toArray(),
  "goals.create": ({ goals }, o) => goals.create({ title: "Run" }, o),
  "goals.create with tasks": ({ goals }, o) => goals.create({ title: "Run", tasks: [{ title: "a" }] }, o),
  export: (trackit, { signal }) => trackit.export({ format: "json", signal }).text(),
  import: (trackit, { signal }) => trackit.import("kind,title\ntask,a", { signal }),
};
for (const noun of ["goals", "tasks"] as const) {
  verbs[`${noun}.createMany`] = (trackit, o) => trackit[noun].createMany([{ title: "Run" }], o);
  verbs[`${noun}.get`] = (trackit, o) => trackit[noun].get(ID, o);
  verbs[`${noun}.list`] = (trackit, o) => trackit[noun].list({ due: "today" }, o).toArray();
  verbs[`${noun}.list.page`] = (trackit, o) => trackit[noun].list().page(o);
  verbs[`${noun}.update`] = (trackit, o) => trackit[noun].update(ID, { title: "Run" }, o);
  verbs[`${noun}.setStatus`] = (trackit, o) => trackit[noun].setStatus(ID, "done", o);
  verbs[`${noun}.reschedule`] = (trackit, o) => trackit[noun].reschedule(ID, null, o);
  verbs[`${noun}.reorder`] = (trackit, o) => trackit[noun].reorder(ID, "first", o);
  verbs[`${noun}.remove`] = (trackit, o) => trackit[noun].remove(ID, o);
  verbs[`${noun}.restore`] = (trackit, o) => trackit[noun].restore(ID, o);
}

describe("every call that talks to the server", () => {
  it.each(Object.entries(verbs))("%s sends nothing once its signal has fired", async (_, call) => {
    let sent = 0;
    const trackit = trackitWith(async () => {
      sent++;
      return new Response("{}");
    });
    await expect(call(trackit, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "NETWORK_ABORTED",
    });
    expect(sent).toBe(0);
    await trackit.close();
  });

  it.each(Object.entries(verbs))("%s ends when its signal fires under way", async (name, call) => {
    const stop = new AbortController();
    // Answers nothing; the signal fires with the first request.
    const trackit = trackitWith((_, init) => {
      stop.abort();
      return new Promise((_, reject) => {
        if (init?.signal?.aborted) reject(init.signal.reason);
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
    });
    // Reading the kept session asks no server: nothing fires on the way.
    if (name === "auth.session") return trackit.close();
    await expect(call(trackit, { signal: stop.signal })).rejects.toMatchObject({ code: "NETWORK_ABORTED" });
    await trackit.close();
  });
});
