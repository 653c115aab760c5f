import { describe, expect, it, vi } from "vitest";
import { keystoreOn } from "./engine.ts";
import { memoryKeystore, memoryShelf } from "./memory.ts";
import type { Shelf } from "./shelf.ts";

const pin = { seq: 1, hash: new Uint8Array(32) };
const unreadable = { code: "CRYPTO_UNREADABLE" };

async function ada() {
  const values = new Map<string, Uint8Array<ArrayBuffer>>();
  const shelf = memoryShelf(values);
  const keystore = keystoreOn(shelf, "ada", "memory");
  await keystore.batch([
    { record: "note", value: new TextEncoder().encode("MARKER") },
    { record: "other", value: new Uint8Array(6) },
    { secret: "s", sealed: (await keystore.sealSecret("s", new Uint8Array(32).fill(5))).sealed },
    { pin: "p", from: null, to: pin },
  ]);
  return { values, shelf, keystore };
}

describe("what stands on the shelf", () => {
  it("shows no value, no secret and no pin", async () => {
    const { values } = await ada();
    const all = [...values.values()].map((one) => Buffer.from(one).toString("latin1")).join("\n");
    expect(all).not.toMatch(/MARKER/);
    expect(all).not.toContain("\x05\x05\x05\x05");
    expect([...values.values()].map(({ length }) => length)).toEqual([34, 34, 60, 68]);
  });

  it("is CRYPTO_UNREADABLE when any byte of it was changed, and is not overwritten", async () => {
    const { values, keystore } = await ada();
    for (const [key, whole] of [...values]) {
      for (let at = 0; at < whole.length; at++) {
        const flipped = whole.slice();
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        values.set(key, flipped);
        if (key.startsWith("record/"))
          await expect(keystore.get(key.slice(7))).rejects.toMatchObject(unreadable);
        if (key.startsWith("secret/")) {
          await expect(keystore.secret("s")).rejects.toMatchObject(unreadable);
          await expect(keystore.withSecrets(["s"], () => {})).rejects.toMatchObject(unreadable);
        }
        if (key.startsWith("pin/")) {
          await expect(keystore.pin("p")).rejects.toMatchObject(unreadable);
          const move = keystore.batch([{ pin: "p", from: pin, to: { ...pin, seq: 2 } }]);
          await expect(move).rejects.toMatchObject(unreadable);
        }
        expect(values.get(key)).toBe(flipped);
      }
      values.set(key, whole);
    }
  });

  it("opens in its own place alone: not as another record, nor as a pin, nor for ben", async () => {
    const { values, shelf, keystore } = await ada();
    const note = values.get("record/note");
    if (!note) throw new Error("no note");
    for (const place of ["record/other", "pin/p", "secret/s"]) {
      const before = values.get(place);
      values.set(place, note);
      await expect(
        keystore
          .get("other")
          .then(() => keystore.pin("p"))
          .then(() => keystore.secret("s")),
      ).rejects.toMatchObject(unreadable);
      if (before) values.set(place, before);
    }
    await expect(keystoreOn(shelf, "ben", "memory").get("note")).rejects.toMatchObject(unreadable);
  });
});

describe("a device's private keys", () => {
  it("can be used by the shelf's owner and taken out by nobody", async () => {
    const { shelf } = await ada();
    const { id, key } = await shelf.seal();
    const { sign, wrap } = await shelf.makeDevice(id, null);
    expect([sign.usages, wrap.usages]).toEqual([["sign"], ["unwrapKey"]]);
    for (const [one, format] of [
      [sign, "pkcs8"],
      [wrap, "pkcs8"],
      [key, "raw"],
    ] as const) {
      await expect(crypto.subtle.exportKey(format, one)).rejects.toThrow(/extractable/);
    }
  });
});

describe("a batch", () => {
  it("that somebody overtakes between its reading and its writing looks again", async () => {
    const inner = memoryShelf();
    const other = keystoreOn(inner, "ada", "memory");
    await other.batch([{ pin: "p", from: null, to: pin }]);
    let overtaken = false;
    const slow: Shelf = {
      ...inner,
      batch: async (seal, changes, guards) => {
        if (!overtaken) {
          overtaken = true;
          await other.batch([{ pin: "p", from: pin, to: { ...pin, seq: 5 } }]);
        }
        return inner.batch(seal, changes, guards);
      },
    };
    const keystore = keystoreOn(slow, "ada", "memory");
    expect(await keystore.batch([{ pin: "p", from: pin, to: { ...pin, seq: 2 } }])).toBe(false);
    expect((await keystore.pin("p"))?.seq).toBe(5);
  });

  it("that only somebody's equal value stood in the way of is written after all", async () => {
    const inner = memoryShelf();
    const other = keystoreOn(inner, "ada", "memory");
    await other.batch([{ pin: "p", from: null, to: pin }]);
    let tries = 0;
    const slow: Shelf = {
      ...inner,
      batch: async (seal, changes, guards) => {
        tries += 1;
        // The same pin, sealed anew: other bytes, nothing else.
        if (tries === 1) await other.batch([{ pin: "p", from: pin, to: pin }]);
        return inner.batch(seal, changes, guards);
      },
    };
    const keystore = keystoreOn(slow, "ada", "memory");
    expect(await keystore.batch([{ pin: "p", from: pin, to: { ...pin, seq: 2 } }])).toBe(true);
    expect(tries).toBe(2);
  });
});

describe("a page by plain http", () => {
  it("is told where to go (CRYPTO_INSECURE_CONTEXT)", async () => {
    vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
    try {
      const refusal = { code: "CRYPTO_INSECURE_CONTEXT", hint: expect.stringMatching(/https.*localhost/) };
      await expect(memoryKeystore().device()).rejects.toMatchObject(refusal);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});
