import { afterEach, describe, expect, it, vi } from "vitest";
import { createTrackIt } from "./client.ts";

const url = "http://127.0.0.1:26431";

const refused = (options: { url: string; key: string }) => {
  try {
    createTrackIt(options);
    return null;
  } catch (error) {
    return error;
  }
};

describe("createTrackIt()", () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each(["", "localhost:26431", "ftp://example.com", `${url}/rest/v1`, `${url}/auth/v1/`])(
    "refuses the url %j (USAGE_INVALID)",
    (wrong) => {
      const error = refused({ url: wrong, key: "sb_publishable_x" });
      expect(error).toMatchObject({ code: "USAGE_INVALID", field: "url", value: wrong });
    },
  );

  it("takes a project's url, also below a path", () => {
    expect(refused({ url, key: "sb_publishable_x" })).toBeNull();
    expect(refused({ url: `${url}/supabase/`, key: "sb_publishable_x" })).toBeNull();
  });

  it("refuses no key, and in a page the secret key, which it does not repeat", () => {
    expect(refused({ url, key: "" })).toMatchObject({ code: "USAGE_INVALID", field: "key" });
    expect(refused({ url, key: "sb_secret_abc" })).toBeNull();
    vi.stubGlobal("document", {});
    const error = refused({ url, key: "sb_secret_abc" });
    expect(error).toMatchObject({ code: "USAGE_INVALID", field: "key" });
    expect(JSON.stringify(error)).not.toContain("abc");
    expect(refused({ url, key: "sb_publishable_x" })).toBeNull();
  });
});
