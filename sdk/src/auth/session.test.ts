import { AuthApiError, AuthRetryableFetchError } from "@supabase/supabase-js";
import { describe, expect, it } from "vitest";
import { createTrackIt } from "../client.ts";

/** A client whose kept session has run out, and whose renewal ends like this. */
function renewal(error: Error) {
  const getSession = async () => ({ data: { session: null }, error });
  return createTrackIt({ auth: { getSession }, from: {}, rpc: {}, realtime: {} });
}

describe("a session that has run out", () => {
  it("and cannot be renewed for lack of a server is not taken for being signed out", async () => {
    const offline = renewal(new AuthRetryableFetchError("fetch failed", 0));
    await expect(offline.profiles.me()).rejects.toMatchObject({ code: "NETWORK_OFFLINE" });
    await expect(offline.auth.session()).rejects.toMatchObject({ code: "NETWORK_OFFLINE" });
    await expect(offline.tasks.list({ due: "today" }).page()).rejects.toMatchObject({
      code: "NETWORK_OFFLINE",
    });
  });

  it("and was ended elsewhere is being signed out", async () => {
    const ended = renewal(new AuthApiError("gone", 400, "refresh_token_not_found"));
    await expect(ended.profiles.me()).rejects.toMatchObject({ code: "AUTH_REQUIRED" });
    await expect(ended.auth.session()).resolves.toBeNull();
  });
});
