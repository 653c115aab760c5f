import { describe, expect, it } from "vitest";
import { type Bytes, concat, equal, fromHex, toBase32 } from "../bytes/index.ts";
import { createSuite, isSigningKey } from "../suite/index.ts";
import { TAGS } from "../tags.ts";
import {
  type BackupHead,
  backupKey,
  createRecoveryCode,
  openBackup,
  readRecoveryCode,
  recoveryKeys,
  sealBackup,
} from "./index.ts";

const suite = createSuite();
const failure = { code: "CRYPTO_OPEN_FAILED" };
const zeros = (length: number): Bytes => new Uint8Array(length);

describe("a recovery code", () => {
  it("is 56 letters, and signs for the public key that goes into the log", async () => {
    const { text, keys, scalar } = await createRecoveryCode(suite);
    expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){13}[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(isSigningKey(keys.publicKey)).toBe(true);
    const signature = await suite.sign(keys, TAGS.deviceEntrySig, zeros(32), zeros(16));
    expect(await suite.verify(keys.publicKey, signature, TAGS.deviceEntrySig, zeros(32), zeros(16))).toBe(
      true,
    );
    expect(equal(await readRecoveryCode(suite, text), scalar)).toBe(true);
    await expect(suite.subtle.exportKey("jwk", keys.privateKey)).rejects.toThrow();
  });

  it("is read as people type it", async () => {
    const { text, scalar } = await createRecoveryCode(suite);
    const typed = [text.toLowerCase(), text.replaceAll("-", ""), ` ${text.replaceAll("-", "  ")}\n`];
    const unclear = text.replaceAll("0", "o").replaceAll("1", "l");
    for (const one of [...typed, unclear])
      expect(equal(await readRecoveryCode(suite, one), scalar)).toBe(true);
  });

  it("with any one letter mistyped, missing or too much is told as a typing mistake", async () => {
    const { text } = await createRecoveryCode(suite);
    const letters = text.replaceAll("-", "");
    const wrong = [
      ...Array.from(
        letters,
        (letter, at) => letters.slice(0, at) + (letter === "7" ? "8" : "7") + letters.slice(at + 1),
      ),
      letters.slice(1),
      `${letters}0`,
      "",
      "U".repeat(56),
      "0".repeat(56), // Zero is no scalar.
      "Z".repeat(56),
    ];
    const outcomes = wrong.map((one) =>
      readRecoveryCode(suite, one).then(
        () => "taken",
        (error: { code?: string; message: string }) =>
          `${error.code}, quoted: ${error.message.includes(one.slice(0, 8) || " ?")}`,
      ),
    );
    expect(new Set(await Promise.all(outcomes))).toEqual(new Set(["USAGE_INVALID, quoted: false"]));
  });

  it("that is well written and no scalar is none", async () => {
    const order = fromHex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    for (const scalar of [zeros(32), order]) {
      const text = toBase32(scalar) + toBase32(await suite.hash(TAGS.recoveryChecksum, scalar), 20);
      await expect(readRecoveryCode(suite, text)).rejects.toMatchObject({ code: "USAGE_INVALID" });
    }
  });

  it("of somebody else is a wrong code, not a mistyped one", async () => {
    const [ada, eve] = await Promise.all([createRecoveryCode(suite), createRecoveryCode(suite)]);
    const scalar = await readRecoveryCode(suite, eve.text);
    await expect(recoveryKeys(suite, scalar, ada.keys.publicKey)).rejects.toMatchObject(failure);
    await recoveryKeys(suite, scalar, eve.keys.publicKey);
  });

  it("gives a backup key for this user and this root alone", async () => {
    const [scalar, user, root] = [suite.random(32), suite.random(16), suite.random(32)];
    const keys = await Promise.all([
      backupKey(suite, scalar, user, root),
      backupKey(suite, scalar, suite.random(16), root),
      backupKey(suite, scalar, user, suite.random(32)),
      backupKey(suite, suite.random(32), user, root),
    ]);
    expect(new Set(keys.map(String)).size).toBe(4);
  });
});

describe("a backup", () => {
  const key = suite.random(32);
  const about: BackupHead = {
    user: suite.random(16),
    root: suite.random(32),
    keyId: suite.random(16),
    number: 4,
  };
  const room = suite.random(16);
  const content = {
    pins: {
      contacts: [
        {
          user: suite.random(16),
          root: suite.random(32),
          head: { seq: 3, hash: suite.random(32) },
          username: "ben",
        },
      ],
      rooms: [],
    },
    secrets: [1, 2, 300].map((epoch) => ({ room, epoch, secret: suite.random(32) })),
  };

  it("comes back as it was", async () => {
    const bytes = await sealBackup(suite, key, about, content);
    expect(await openBackup(suite, key, bytes)).toEqual({ ...about, ...content });
  });

  it("does not open with another code's key, with a byte changed, cut or added, or as another number", async () => {
    const bytes = await sealBackup(suite, key, about, content);
    await expect(openBackup(suite, suite.random(32), bytes)).rejects.toMatchObject(failure);
    for (let at = 0; at < bytes.length; at++) {
      const changed = Uint8Array.from(bytes, (byte, place) => (place === at ? byte ^ 1 : byte));
      await expect(openBackup(suite, key, changed)).rejects.toMatchObject(failure);
    }
    for (const other of [zeros(0), bytes.subarray(0, 73), bytes.subarray(0, -1), concat(bytes, zeros(1))]) {
      await expect(openBackup(suite, key, other)).rejects.toMatchObject(failure);
    }
  });

  it("of more than 16 MiB is not made", async () => {
    const secret = suite.random(32);
    const secrets = Array.from({ length: 300_000 }, (_, at) => ({ room, epoch: at + 1, secret }));
    await expect(sealBackup(suite, key, about, { ...content, secrets })).rejects.toMatchObject({
      code: "USAGE_INVALID",
    });
  });

  it("has each epoch once, in order", async () => {
    const [one] = content.secrets;
    if (!one) throw new Error("no secret");
    for (const secrets of [[one, one], [...content.secrets].reverse()]) {
      await expect(sealBackup(suite, key, about, { ...content, secrets })).rejects.toMatchObject({
        code: "USAGE_INVALID",
      });
    }
  });
});
