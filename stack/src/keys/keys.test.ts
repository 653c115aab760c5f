import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { decodeJwt, jwtVerify } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { loadKeys } from "./file.ts";
import { createKeys, type StackKeys } from "./keys.ts";

const secrets = ({ signingKey, databasePasswords, ...texts }: StackKeys) => [
  ...Object.values(texts),
  ...Object.values(databasePasswords),
  signingKey.kid,
  signingKey.privateJwk.d,
];

describe("createKeys()", () => {
  it("no two secrets are alike, in one set and between two", async () => {
    const all = [...secrets(await createKeys()), ...secrets(await createKeys())];
    expect(new Set(all).size).toBe(all.length);
  });

  it("the public half of the signing key holds nothing private", async () => {
    const { signingKey } = await createKeys();
    expect(Object.keys(signingKey.publicJwk).sort()).toEqual([
      "alg",
      "crv",
      "key_ops",
      "kid",
      "kty",
      "use",
      "x",
      "y",
    ]);
  });

  it("the legacy keys are signed, and good whatever the clock said when they were made", async () => {
    vi.useFakeTimers({ now: new Date("1971-01-01") });
    const keys = await createKeys();
    vi.useRealTimers();
    for (const [token, role] of [
      [keys.anonKey, "anon"],
      [keys.serviceRoleKey, "service_role"],
    ] as const) {
      await jwtVerify(token, new TextEncoder().encode(keys.jwtSecret));
      expect(decodeJwt(token)).toMatchObject({ role, exp: Date.UTC(2099, 0, 1) / 1000 });
    }
  });
});

describe("loadKeys()", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "trackit-keys-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("makes a set at first, for its user alone, and gives the same one afterwards", async () => {
    const file = path.join(folder, "data", "keys.json");
    const keys = await loadKeys(file);
    expect(await loadKeys(file, { mayMake: false })).toEqual(keys);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(path.dirname(file))).toEqual(["keys.json"]);
    expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(keys);
  });

  it("makes none where there is a database already", async () => {
    await expect(loadKeys(path.join(folder, "keys.json"), { mayMake: false })).rejects.toThrow(
      "the file is gone",
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
