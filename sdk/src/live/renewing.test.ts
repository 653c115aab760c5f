import { describe, expect, it } from "vitest";
import { fromDatabase } from "../failure/database.ts";
import { asUser } from "./renewing.ts";

const denied = (code: string, message: string) => () =>
  Promise.reject(fromDatabase({ code, message }, 401, "watch"));

describe("a refusal while somebody is signed in", () => {
  it.each([
    ["without a token", "42501", "permission denied for function my_topic"],
    ["with a token that has expired on its way", "PGRST303", "JWT expired"],
  ])("%s passes (NETWORK_SERVER), and counts when the session is gone", async (_, code, message) => {
    const ask = denied(code, message);
    await expect(asUser(ask, async () => true)).rejects.toMatchObject({ code: "NETWORK_SERVER" });
    await expect(asUser(ask, async () => false)).rejects.toMatchObject({ code: "AUTH_REQUIRED" });
  });

  it.each([
    ["TK003", "AUTH_REQUIRED: this call needs a signed-in user whose session has not ended", "AUTH_REQUIRED"],
    ["TK002", "AUTH_SUSPENDED: this account is suspended", "AUTH_SUSPENDED"],
  ])("by the database itself (%s) is what it says", async (state, message, code) => {
    await expect(asUser(denied(state, message), async () => true)).rejects.toMatchObject({ code });
  });
});
