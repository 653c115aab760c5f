import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import type { Bytes } from "../bytes/index.ts";
import { damages, suite } from "../testing/cast.ts";
import { itemHead, openItem, sealItem, type VaultEpoch, type VaultPayload } from "./index.ts";

let vault: VaultEpoch;
const failure = { code: "CRYPTO_OPEN_FAILED" };
beforeAll(async () => {
  const key = await suite.hmacKey(suite.random(32));
  vault = { room: suite.random(16), epoch: 3, commit: suite.random(32), key };
});
const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => new Uint8Array(array) as Bytes);
const head = fc.record({ seq: fc.maxSafeNat(), hash: bytes(32) });
const payloads: fc.Arbitrary<VaultPayload> = fc.oneof(
  fc.record({
    kind: fc.constant("file" as const),
    info: fc.record({
      id: bytes(16),
      version: fc.integer({ min: 1, max: 99 }),
      key: bytes(32),
      size: fc.maxSafeNat(),
      hash: bytes(32),
      name: fc.constantFrom("a.png", "Küche.pdf".normalize()),
      type: fc.constantFrom("", "image/png"),
      thumbnail: bytes(20),
    }),
  }),
  fc.record({
    kind: fc.constant("contact" as const),
    root: bytes(32),
    head,
    username: fc.constantFrom("", "ada"),
    verified: fc.boolean(),
    time: fc.maxSafeNat(),
  }),
  fc.record({ kind: fc.constant("deviceName" as const), name: fc.constantFrom("phone", "Ada’s laptop") }),
  fc.record({
    kind: fc.constant("setting" as const),
    name: fc.constant("theme"),
    value: fc.constantFrom("dark", { a: [1, null] }),
  }),
  fc.record({
    kind: fc.constant("room" as const),
    log: head,
    epoch: fc.maxSafeNat(),
    commit: bytes(32),
    place: head,
  }),
  fc.record({ kind: fc.constant("invite" as const), room: bytes(16), secret: bytes(32) }),
  fc.record({ kind: fc.constant("backupKey" as const), key: bytes(32), number: fc.maxSafeNat() }),
);
const name: VaultPayload = { kind: "deviceName", name: "phone" };
const sealed = (payload = name, version = 2) =>
  sealItem(suite, vault, { item: new Uint8Array(16), version, payload });

describe("a vault item", () => {
  it("open(seal(x)) = x, for every kind", async () => {
    await fc.assert(
      fc.asyncProperty(
        payloads,
        bytes(16),
        fc.integer({ min: 1, max: 1e9 }),
        async (payload, item, version) => {
          const made = await sealItem(suite, vault, { item, version, payload });
          expect(await openItem(suite, vault, made)).toEqual({ item, version, payload });
          expect(itemHead(made)).toMatchObject({ epoch: 3, item, version });
        },
      ),
      { numRuns: 40 },
    );
  });

  it("no flipped, cut or added byte is accepted", async () => {
    for (const damaged of damages(await sealed())) {
      await expect(openItem(suite, vault, damaged)).rejects.toMatchObject(failure);
    }
  });

  it("of another room, epoch, commit or key does not open", async () => {
    const made = await sealed();
    const others: Partial<VaultEpoch>[] = [
      { room: suite.random(16) },
      { epoch: 4 },
      { commit: suite.random(32) },
      { key: await suite.hmacKey(suite.random(32)) },
    ];
    for (const other of others) {
      await expect(openItem(suite, { ...vault, ...other }, made)).rejects.toMatchObject(failure);
    }
  });

  it("below what was seen, or of an epoch that a dropped device knows, is refused as rolled back", async () => {
    const made = await sealed();
    const open = (seen: { version?: number; epoch?: number; since?: number }) =>
      openItem(suite, vault, made, seen);
    await expect(open({ version: 2, epoch: 3, since: 3 })).resolves.toMatchObject({ version: 2 });
    for (const seen of [{ version: 3 }, { epoch: 4 }, { since: 4 }]) {
      await expect(open(seen)).rejects.toMatchObject(failure);
    }
  });

  it("is not made out of range", async () => {
    await expect(sealed({ kind: "deviceName", name: "" })).rejects.toMatchObject({ code: "USAGE_INVALID" });
    await expect(sealed(name, 0)).rejects.toMatchObject({ code: "USAGE_INVALID" });
  });
});
