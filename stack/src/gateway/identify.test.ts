import { beforeAll, describe, expect, it } from "vitest";
import { createKeys, type StackKeys } from "../keys/keys.ts";
import { createIdentifier } from "./identify.ts";

let keys: StackKeys;
beforeAll(async () => {
  keys = await createKeys();
});

describe("what an identifier remembers", () => {
  const authorization = "Bearer of-ada";
  const caller = { role: "authenticated" as const, claims: { sub: "ada" }, token: "of-ada" };

  it("is the key and the token together, until the token's time has come", async () => {
    let now = 0;
    const identifier = createIdentifier(
      keys,
      async () => ({ caller, expiresAt: 10 }),
      () => now,
    );
    const credentials = { apikey: keys.publishableKey, authorization };
    expect(identifier.recall(credentials)).toBeNull();
    expect(await identifier.identify(credentials)).toEqual({ caller });
    expect(identifier.recall(credentials)).toBe(caller);
    expect(identifier.recall({ apikey: "another", authorization })).toBeNull();
    now = 10;
    expect(identifier.recall(credentials)).toBeNull();
  });

  it("is of no use on a route that wants a key, when it came from one that does not", async () => {
    const identifier = createIdentifier(
      keys,
      async () => ({ caller, expiresAt: 10 }),
      () => 0,
    );
    const keyless = { apikey: undefined, authorization };
    expect(await identifier.identify({ ...keyless, keyOptional: true })).toEqual({ caller });
    expect(identifier.recall({ ...keyless, keyOptional: true })).toBe(caller);
    for (const apikey of [undefined, "", "undefined"]) {
      expect(identifier.recall({ apikey, authorization })).toBeNull();
    }
    expect(await identifier.identify(keyless)).toEqual({ refusal: "no-key" });
  });
});
