import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "./bytes/index.ts";
import { openBytes, sealBytes } from "./chunked/index.ts";
import { TAGS, type Tag, tagged } from "./tags.ts";
import { suite } from "./testing/cast.ts";

const all = Object.values(TAGS);
const signing = all.filter((tag) => tag.endsWith("-sig"));
const x = suite.random(40);

/** Whether `fits` holds for each tag with itself, and for no other pair. */
async function onlyWithItself(
  tags: readonly Tag[],
  fits: (made: Tag, offered: Tag) => boolean | Promise<boolean>,
): Promise<void> {
  const pairs = tags.flatMap((made) => tags.map((offered) => [made, offered] as const));
  const found = await Promise.all(pairs.map(async ([made, offered]) => fits(made, offered)));
  const wrong = pairs.filter(([made, offered], at) => found[at] !== (made === offered));
  expect(wrong).toEqual([]);
}

describe("tags", () => {
  it("are different, ASCII, of one protocol, and without the byte that ends them", () => {
    expect(new Set(all).size).toBe(all.length);
    for (const tag of all) expect(tag).toMatch(/^trackit\/1\/[a-z]+(-[a-z]+)*$/);
  });
});

describe("tag_swap_all_pairs: what is made under one tag is nothing under another", () => {
  let key: CryptoKey;
  beforeAll(async () => {
    key = await suite.hmacKey(suite.random(32));
  });

  it("hashes and derived keys", async () => {
    const made = new Map(await Promise.all(all.map(async (tag) => [tag, await suite.hash(tag, x)] as const)));
    expect(new Set([...made.values()].map(toHex)).size).toBe(all.length);
    const keys = await Promise.all(all.map((tag) => suite.expand(key, tagged(tag, x), 32)));
    expect(new Set(keys.map(toHex)).size).toBe(all.length);
  });

  it("MACs", async () => {
    const macs = new Map(
      await Promise.all(all.map(async (tag) => [tag, await suite.mac(key, tagged(tag, x))] as const)),
    );
    await onlyWithItself(all, (made, offered) =>
      suite.checkMac(key, macs.get(made) ?? new Uint8Array(), tagged(offered, x)),
    );
  });

  it("signatures", async () => {
    const [keys, hash, id] = [await suite.makeSigningKeys(), suite.random(32), suite.random(16)];
    const made = new Map(
      await Promise.all(signing.map(async (tag) => [tag, await suite.sign(keys, tag, hash, id)] as const)),
    );
    await onlyWithItself(signing, (tag, offered) =>
      suite.verify(keys.publicKey, made.get(tag) ?? new Uint8Array(), offered, hash, id),
    );
  });

  it("sealed bytes", async () => {
    const sealed = new Map(
      await Promise.all(all.map(async (tag) => [tag, await sealBytes(suite, key, tagged(tag), x)] as const)),
    );
    await onlyWithItself(all, (made, offered) =>
      openBytes(suite, key, tagged(offered), sealed.get(made) ?? new Uint8Array()).then(
        () => true,
        () => false,
      ),
    );
  });

  it("wrapped secrets", async () => {
    const keys = await suite.makeWrapKeys();
    const labels: readonly Tag[] = [TAGS.wrapLabel, TAGS.grantLabel];
    const wraps = new Map(
      await Promise.all(
        labels.map(async (tag) => {
          const label = await suite.hash(tag, x);
          return [tag, await suite.wrap(keys.publicKey, suite.random(32), label)] as const;
        }),
      ),
    );
    await onlyWithItself(labels, async (made, offered) =>
      suite.unwrap(keys.privateKey, wraps.get(made) ?? new Uint8Array(), await suite.hash(offered, x)).then(
        () => true,
        () => false,
      ),
    );
  });
});
