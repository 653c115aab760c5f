import { describe, expect, it } from "vitest";
import { type Bytes, concat, fromBase64url, pad, toBase64url, toHex } from "../bytes/index.ts";
import { sealBytes } from "../chunked/index.ts";
import { encodeFileInfo, type FileInfo } from "../file/index.ts";
import { createSuite } from "../suite/index.ts";
import { TAGS, tagged } from "../tags.ts";
import { argon2id, createLink, doorToken, readFragment, type SlowHash, unlock } from "./index.ts";

const suite = createSuite();
const failure = { code: "CRYPTO_OPEN_FAILED" };
const misuse = { code: "USAGE_INVALID" };
const info: FileInfo = {
  id: suite.random(16),
  version: 2,
  key: suite.random(32),
  size: 5,
  hash: suite.random(32),
  name: "plan.txt",
  type: "text/plain",
  thumbnail: new Uint8Array(0),
};
/** Stands for Argon2id where its slowness is not the point; one test has the real one. */
const slowHash: SlowHash = (password, salt) => suite.sha256(password, salt);
const hashed = async (token: Bytes) => toHex(await suite.hash(TAGS.linkToken, token));

describe("a share link", () => {
  it("opens for who has it, without a password", async () => {
    const { fragment, stored } = await createLink(suite, info);
    expect(fragment).toMatch(/^1\.[\w-]{66}$/);
    const link = readFragment(fragment);
    const { open, access, door } = await unlock(suite, link);
    expect([link.password, await open(stored.body)]).toEqual([false, info]);
    expect([await hashed(access), await hashed(door)]).toEqual([toHex(stored.access), toHex(stored.door)]);
  });

  it("with a password opens for who has both, however the password is typed", async () => {
    const { fragment, stored } = await createLink(suite, info, { password: "Ångström ﬁ", slowHash });
    const link = readFragment(fragment);
    expect(link.password).toBe(true);
    const { open } = await unlock(suite, link, { password: "A\u030angstro\u0308m fi", slowHash });
    expect(await open(stored.body)).toEqual(info);
    const wrong = await unlock(suite, link, { password: "angström fi", slowHash });
    await expect(wrong.open(stored.body)).rejects.toMatchObject(failure);
    expect(toHex(wrong.door)).toBe(toHex(await doorToken(suite, link)));
  });

  it("asks for a password where it has one, and for none where it has none", async () => {
    const [open, closed] = [
      await createLink(suite, info),
      await createLink(suite, info, { password: "x", slowHash }),
    ];
    await expect(unlock(suite, readFragment(closed.fragment))).rejects.toMatchObject(misuse);
    await expect(
      unlock(suite, readFragment(open.fragment), { password: "x", slowHash }),
    ).rejects.toMatchObject(misuse);
    for (const password of ["", "x".repeat(1025)]) {
      await expect(createLink(suite, info, { password, slowHash })).rejects.toMatchObject(misuse);
    }
  });

  it("without its password flag is another link: taking the flag off opens nothing and gives other tokens", async () => {
    const { fragment, stored } = await createLink(suite, info, { password: "x", slowHash });
    const link = { ...readFragment(fragment), password: false };
    const { open, door, access } = await unlock(suite, link);
    await expect(open(stored.body)).rejects.toMatchObject(failure);
    expect([await hashed(door), await hashed(access)]).not.toContain(toHex(stored.door));
    expect(await hashed(access)).not.toBe(toHex(stored.access));
  });

  it("link_offline_guess: nothing that comes before the right password lets a guess be checked", async () => {
    const { fragment, stored } = await createLink(suite, info, { password: "tulip", slowHash });
    // Eve has the link; until her guess is right the server gives her nothing, and her own door token is no hint.
    const link = readFragment(fragment);
    const guesses = await Promise.all(
      ["tulip", "rose"].map((password) => unlock(suite, link, { password, slowHash })),
    );
    expect(new Set(guesses.map(({ door }) => toHex(door))).size).toBe(1);
    expect(new Set(guesses.map(({ access }) => toHex(access))).size).toBe(2);
    // The server has all of `stored` and may know the password; without the secret it derives other tokens and keys.
    const secrets = [new Uint8Array(32), stored.access, stored.door, concat(stored.id, stored.id)];
    for (const secret of secrets) {
      const tried = await unlock(suite, { ...link, secret }, { password: "tulip", slowHash });
      await expect(tried.open(stored.body)).rejects.toMatchObject(failure);
      expect(await hashed(tried.door)).not.toBe(toHex(stored.door));
      expect(await hashed(tried.access)).not.toBe(toHex(stored.access));
    }
  });

  it("every guess costs the slow hash, the door costs none", async () => {
    let times = 0;
    const counted: SlowHash = (...given) => {
      times++;
      return slowHash(...given);
    };
    const { fragment } = await createLink(suite, info, { password: "tulip", slowHash: counted });
    const link = readFragment(fragment);
    await doorToken(suite, link);
    for (const password of ["a", "b", "c"]) await unlock(suite, link, { password, slowHash: counted });
    expect(times).toBe(4);
  });

  it("kdf_params_from_server_ignored: a body that was sealed under a cheaper hash does not open", async () => {
    const { fragment } = await createLink(suite, info, { password: "tulip" });
    const link = readFragment(fragment);
    const { argon2id: any } = await import("hash-wasm");
    const cheap: SlowHash = async (password, salt) =>
      new Uint8Array(
        await any({
          password,
          salt,
          iterations: 1,
          memorySize: 8,
          parallelism: 1,
          hashLength: 32,
          outputType: "binary",
        }),
      );
    // A server that knew the secret could seal such a body; no field of it, and no argument, says how it was hashed.
    const { access } = await unlock(suite, link, { password: "tulip", slowHash: cheap });
    const real = await unlock(suite, link, { password: "tulip" });
    expect(toHex(access)).not.toBe(toHex(real.access));
    const salt = await suite.hash(TAGS.linkSalt, link.id);
    const secret = concat(link.secret, await cheap(new TextEncoder().encode("tulip"), salt));
    const about = concat(Uint8Array.of(1), link.id);
    const key = await suite.hmacKey(await suite.hkdf(secret, salt, tagged(TAGS.linkKey, about), 32));
    const body = await sealBytes(suite, key, tagged(TAGS.linkBody, about), pad(encodeFileInfo(info)));
    await expect(real.open(body)).rejects.toMatchObject(failure);
  });

  it("no byte of the stored body can be changed, cut or added, and another link's does not open", async () => {
    const [{ fragment, stored }, other] = [await createLink(suite, info), await createLink(suite, info)];
    const { open } = await unlock(suite, readFragment(fragment));
    for (let at = 0; at < stored.body.length; at++) {
      const changed = Uint8Array.from(stored.body, (byte, place) => (place === at ? byte ^ 1 : byte));
      await expect(open(changed)).rejects.toMatchObject(failure);
    }
    for (const bytes of [
      stored.body.subarray(1),
      concat(stored.body, new Uint8Array(1)),
      other.stored.body,
    ]) {
      await expect(open(bytes)).rejects.toMatchObject(failure);
    }
  });

  it("of another version, cut, longer, or with unknown flags is no link", async () => {
    const { fragment } = await createLink(suite, info);
    const bytes = fromBase64url(fragment.slice(2));
    const flagged = Uint8Array.from(bytes, (byte, at) => (at === 0 ? 2 : byte));
    const longer = concat(bytes, new Uint8Array(1));
    for (const text of [
      "",
      "1.",
      `2.${fragment.slice(2)}`,
      fragment.slice(2),
      fragment.slice(0, -1),
      `1.${toBase64url(flagged)}`,
      `1.${toBase64url(longer)}`,
    ]) {
      expect(() => readFragment(text)).toThrow(expect.objectContaining(failure));
    }
  });

  it("hides the length of a file's name", async () => {
    const lengths = ["a", "a".repeat(80)].map(
      async (name) => (await createLink(suite, { ...info, name })).stored.body.length,
    );
    expect(new Set(await Promise.all(lengths)).size).toBe(1);
  });
});

it("argon2id is that of RFC 9106 with 64 MiB, three passes and four lanes (answer by OpenSSL)", async () => {
  const salt = Uint8Array.from({ length: 32 }, (_, at) => at);
  const answer = await argon2id(new TextEncoder().encode("correct horse"), salt);
  expect(toHex(answer)).toBe("fc5d642bb060f1becda3a96cf47ed429465a98babc939c96228302fc85e53a4f");
});
