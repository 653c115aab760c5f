import { writeFileSync } from "node:fs";
import { approval, joining, link, recovery, safety } from "./second/extras.ts";
import { expand, H, mac, pad, seal, seeded, sign, signing, t, wrap } from "./second/primitives.ts";
import { tell } from "./second/story.ts";

/**
 * Writes rsa-aes-1.json: known answers made by the second reading of docs/protocol.md. Run it after a change of the
 * specification: `npx tsx tests/vectors/make.ts`.
 */
const story = tell();
const scalar = seeded("any.sign", 32);
const by = signing(scalar);
const key = seeded("any.key", 32);
const sizes = [0, 1, 200, 16_383, 16_384, 40_000];

const vectors = {
  hash: { tag: "trackit/1/message", x: seeded("x", 40), is: H("message", seeded("x", 40)) },
  expand: [32, 64, 76].map((length) => ({
    key,
    info: t("message-root"),
    length,
    is: expand(key, t("message-root"), length),
  })),
  mac: { key, tag: "trackit/1/join-mac", x: seeded("x", 40), is: mac(key, "join-mac", seeded("x", 40)) },
  pad: [0, 1, 252, 253, 1000, 61_440].map((length) => ({
    length,
    padded: pad(Buffer.alloc(length, 7)).length,
  })),
  sealed: sizes.map((length) => ({
    key,
    context: t("file"),
    length,
    hash: H("file", seal(key, seeded("salt", 24), t("file"), seeded("plain", length))),
    salt: seeded("salt", 24),
    seed: "plain",
  })),
  signature: {
    publicKey: by.publicKey,
    id: seeded("id", 16),
    hash: seeded("hash", 32),
    is: sign(by, "message-sig", seeded("hash", 32), seeded("id", 16)),
  },
  wrapped: {
    to: "ada.phone",
    label: seeded("label", 32),
    secret: key,
    is: wrap(story.phone.key, key, seeded("label", 32)),
  },
  people: [story.ada, story.ben].map(({ name, user, salt, log }) => ({
    name,
    user,
    salt,
    root: log.root,
    head: log.head,
    rows: log.rows,
  })),
  devices: [story.phone, story.laptop, story.benPhone].map(
    ({ name, id, sign: { publicKey, scalar: d }, wrapKey }) => ({ name, id, publicKey, scalar: d, wrapKey }),
  ),
  rooms: [story.room, story.self].map(({ id, rows, commits }) => ({ id, rows, commits })),
  grant: story.grant,
  item: story.item,
  links: [link(null), link("häst ﬁ")],
  safety: safety(story),
  recovery: recovery(story),
  approval: approval(story),
  joining: joining(story),
};

const text = JSON.stringify(
  vectors,
  // Buffers answer JSON with a list of numbers; hex is shorter and can be read.
  (_name, value) => (value?.type === "Buffer" ? Buffer.from(value.data).toString("hex") : value),
  1,
);
writeFileSync(new URL("rsa-aes-1.json", import.meta.url), `${text}\n`);
