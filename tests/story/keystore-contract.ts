import fc from "fast-check";
import { createSuite } from "../../sdk/src/crypto/suite/index.ts";
import { TAGS } from "../../sdk/src/crypto/tags.ts";
import type { Change, Guard, Keystore, Pin } from "../../sdk/src/store/keys/types.ts";

/** What a kind of keystore has to offer to be tried. Runs in browsers too, so nothing of a test runner is here. */
export interface Kit {
  /** A keystore of this user, new for each test. */
  open(user: string): Promise<Keystore>;
  /** The same again after a close; null where nothing outlives one. */
  reopen: ((user: string, keystore: Keystore) => Promise<Keystore>) | null;
  seed: number;
}

type Case = [name: string, run: (kit: Kit) => Promise<void>];

const bytes = (length: number, fill = 7): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(fill);
const text = (words: string): Uint8Array => new TextEncoder().encode(words);
const pin = (seq: number, fill = seq): Pin => ({ seq, hash: bytes(32, fill) });
const label = text("label");

function same(actual: unknown, wanted: unknown, what: string): void {
  const [one, other] = [plain(actual), plain(wanted)];
  if (one !== other) throw new Error(`${what}: ${one}, wanted ${other}`);
}

function plain(value: unknown): string {
  return (
    JSON.stringify(value, (_key, one: unknown) => (one instanceof Uint8Array ? `0x${[...one]}` : one)) ?? "-"
  );
}

async function refused(code: string, run: () => Promise<unknown>): Promise<void> {
  const error = await run().then(
    () => null,
    (cause: unknown) => cause,
  );
  same(error && Reflect.get(Object(error), "code"), code, "refusal");
}

async function macOf(key: CryptoKey): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, bytes(3)));
}

async function sealedFor(
  wrap: Uint8Array<ArrayBuffer>,
  secret: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  const kind = { name: "RSA-OAEP", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("spki", wrap, kind, false, ["encrypt"]);
  const how = { name: "RSA-OAEP", label: new Uint8Array(label) };
  return new Uint8Array(await crypto.subtle.encrypt(how, key, secret));
}

const keys: Case[] = [
  [
    "ada's device is made once, whoever asks at once, and is there again",
    async (kit) => {
      const ada = await kit.open("ada");
      same(await ada.device(), null, "before");
      await refused("USAGE_INVALID", () => ada.sign(TAGS.commitSig, bytes(32), bytes(16)));
      const [one, two] = await Promise.all([ada.generate(), ada.generate()]);
      same(one, two, "two at once");
      same([one.sign.length, one.wrap.length], [65, 422], "lengths");
      same(await ada.generate(), one, "later");
      if (kit.reopen) same(await (await kit.reopen("ada", ada)).device(), one, "opened again");
    },
  ],
  [
    "a device is replaced only by who names it",
    async (kit) => {
      const ada = await kit.open("ada");
      const old = await ada.generate();
      same(await ada.generate({ instead: bytes(65) }), old, "another named");
      const [next, same2] = await Promise.all([
        ada.generate({ instead: old.sign }),
        ada.generate({ instead: old.sign }),
      ]);
      same(next, same2, "of two that replace one does");
      if (plain(next) === plain(old)) throw new Error("not replaced");
      const again = kit.reopen ? await kit.reopen("ada", ada) : ada;
      same(await again.device(), next, "the new one is kept");
    },
  ],
  [
    "signatures hold for their tag, hash and signer, with a low s, and for no other",
    async (kit) => {
      const ada = await kit.open("ada");
      const suite = createSuite();
      const { sign } = await ada.generate();
      for (let round = 0; round < 8; round++) {
        const signature = await ada.sign(TAGS.commitSig, bytes(32, round), bytes(16));
        const verify = (
          tag: (typeof TAGS)["commitSig"] | (typeof TAGS)["joinSig"],
          hash: number,
          signer: number,
        ) => suite.verify(sign, signature, tag, bytes(32, hash), bytes(16, signer));
        same(await verify(TAGS.commitSig, round, 7), true, "its own");
        same(await verify(TAGS.joinSig, round, 7), false, "another tag");
        same(await verify(TAGS.commitSig, round + 1, 7), false, "another hash");
        same(await verify(TAGS.commitSig, round, 8), false, "another signer");
      }
      await refused("USAGE_INVALID", () => ada.sign(TAGS.message, bytes(32), bytes(16)));
      await refused("USAGE_INVALID", () => ada.sign(TAGS.commitSig, bytes(31), bytes(16)));
    },
  ],
  [
    "a wrap opens for its device and label alone, and holds exactly 32 bytes",
    async (kit) => {
      const [ada, ben] = [await kit.open("ada"), await kit.open("ben")];
      const { wrap } = await ada.generate();
      await ben.generate();
      const wrapped = await sealedFor(wrap, bytes(32));
      const secret = await ada.unwrap("a", wrapped, label);
      const wanted = await createSuite().hmacKey(bytes(32));
      same(secret && (await macOf(secret.key)), await macOf(wanted), "key");
      same(await ada.unwrap("a", wrapped, text("other")), null, "label");
      same(await ben.unwrap("a", wrapped, label), null, "device");
      for (const length of [0, 1, 31, 33, 64]) {
        same(await ada.unwrap("a", await sealedFor(wrap, bytes(length)), label), null, `${length} bytes`);
      }
      for (const cut of [bytes(384), wrapped.slice(1), bytes(0)]) {
        same(await ada.unwrap("a", cut, label), null, `${cut.length} bytes of wrap`);
      }
      same(await ada.secret("a"), null, "nothing is kept by opening");
    },
  ],
  [
    "a new secret goes to every device that it is wrapped for",
    async (kit) => {
      const [ada, ben] = [await kit.open("ada"), await kit.open("ben")];
      const devices = [await ada.generate(), await ben.generate()];
      const made = await ada.makeSecret("room/1");
      const recipients = devices.map(({ wrap }) => ({ wrap, label }));
      const [hers, his] = await ada.wrap("room/1", made.sealed, recipients);
      const mac = await macOf(made.key);
      for (const [who, wrapped] of [
        [ada, hers],
        [ben, his],
      ] as const) {
        const got = wrapped && (await who.unwrap("room/1", wrapped, label));
        same(got && (await macOf(got.key)), mac, "secret");
      }
      await refused("USAGE_INVALID", () => ada.wrap("room/1", made.sealed, [{ wrap: bytes(422), label }]));
      await refused("CRYPTO_UNREADABLE", () => ada.wrap("room/2", made.sealed, recipients));
    },
  ],
  [
    "no key that is handed out can be taken out",
    async (kit) => {
      const ada = await kit.open("ada");
      const { wrap } = await ada.generate();
      const made = await ada.makeSecret("a");
      await ada.batch([{ secret: "a", sealed: made.sealed }]);
      const got = await ada.unwrap("b", await sealedFor(wrap, bytes(32)), label);
      for (const key of [
        made.key,
        got?.key,
        await ada.secret("a"),
        (await ada.sealSecret("c", bytes(32))).key,
      ]) {
        if (!key) throw new Error("no key");
        same([key.extractable, key.usages, key.algorithm.name], [false, ["sign"], "HMAC"], "key");
        same((key.algorithm as HmacKeyAlgorithm).length, 256, "length");
        const taken = await Promise.all(
          (["raw", "jwk"] as const).map((format) =>
            crypto.subtle.exportKey(format, key).then(
              () => true,
              () => false,
            ),
          ),
        );
        same(taken, [false, false], "exported");
      }
    },
  ],
];

const kept: Case[] = [
  [
    "secrets are kept under their own id, listed, opened in passing, and deleted",
    async (kit) => {
      const ada = await kit.open("ada");
      const secret = await ada.sealSecret("room/1", bytes(32, 5));
      same(await ada.batch([{ secret: "room/1", sealed: secret.sealed }]), true, "batch");
      await refused("CRYPTO_UNREADABLE", () =>
        ada.batch([
          { record: "beside", value: bytes(1) },
          { secret: "room/2", sealed: secret.sealed },
        ]),
      );
      same(await ada.get("beside"), null, "all or nothing");
      const renamed = { secret: "room/2", sealed: secret.sealed, from: "room/1" };
      same(await ada.batch([renamed]), true, "under another id, of whoever knows the first");
      const moved = await ada.secret("room/2");
      same(moved && (await macOf(moved)), await macOf(secret.key), "the same key");
      await ada.batch([{ secret: "room/2", sealed: null }]);
      const again = kit.reopen ? await kit.reopen("ada", ada) : ada;
      const key = await again.secret("room/1");
      same(key && (await macOf(key)), await macOf(secret.key), "key");
      same([await again.secrets("room/"), await again.secrets("z")], [["room/1"], []], "list");
      let passing: Uint8Array | null = null;
      const seen = await again.withSecrets(["room/1", "room/9"], ([one, none]) => {
        passing = one ?? null;
        return [[...(one ?? [])], none];
      });
      same(seen, [[...bytes(32, 5)], null], "bytes");
      same(passing, bytes(32, 0), "overwritten");
      await again.batch([{ secret: "room/1", sealed: null }]);
      same(await again.secret("room/1"), null, "deleted");
    },
  ],
  [
    "a pin moves from where it stands, forward, and never back",
    async (kit) => {
      const ada = await kit.open("ada");
      const move = (from: Pin | null, to: Pin) => ada.batch([{ pin: "room", from, to }]);
      same(await ada.pin("room"), null, "at first");
      same(await move(pin(1), pin(2)), false, "from what is not there");
      same(await move(null, pin(3)), true, "set");
      same(await move(null, pin(9)), false, "set again");
      same(await move(pin(3, 4), pin(5)), false, "from another history");
      same(await move(pin(3), pin(5)), true, "forward");
      same(await move(pin(5), pin(5)), true, "the same");
      await refused("USAGE_INVALID", () => move(pin(5), pin(4)));
      await refused("USAGE_INVALID", () => move(pin(5), pin(5, 6)));
      await refused("USAGE_INVALID", () => move(null, { seq: 2 ** 53, hash: bytes(32) }));
      await refused("USAGE_INVALID", () => move(null, { seq: 1, hash: bytes(31) }));
      const twice: Change[] = [pin(6), pin(7)].map((to) => ({ pin: "room", from: pin(5), to }));
      await refused("USAGE_INVALID", () => ada.batch(twice));
      same(await (kit.reopen ? await kit.reopen("ada", ada) : ada).pin("room"), pin(5), "kept");
    },
  ],
  [
    "of many that move a pin at once each step is one's alone",
    async (kit) => {
      const ada = await kit.open("ada");
      let moved = 0;
      const climb = async (): Promise<void> => {
        for (let wins = 0; wins < 5; ) {
          const from = await ada.pin("room");
          if (await ada.batch([{ pin: "room", from, to: pin((from?.seq ?? 0) + 1) }])) {
            wins += 1;
            moved += 1;
          }
        }
      };
      await Promise.all([climb(), climb(), climb()]);
      same([moved, (await ada.pin("room"))?.seq], [15, 15], "steps");
    },
  ],
  [
    "random batches do what a Map does, also when it is opened again",
    async (kit) => {
      const names = ["a", "a/1", "a/2", "b", "a\uffff", "é", "e\u0301"];
      const name = fc.constantFrom(...names);
      const value = fc.option(fc.uint8Array({ maxLength: 40 }));
      const record = fc.record({ record: name, value });
      const move = fc.record({
        pin: name,
        from: fc.integer({ min: 0, max: 4 }),
        by: fc.integer({ min: 0, max: 2 }),
      });
      const step = fc.record({
        records: fc.array(record, { maxLength: 3 }),
        move: fc.option(move),
        guard: fc.option(fc.record({ record: name, holds: fc.boolean() })),
        reopen: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
      });
      let users = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
          users += 1;
          let ada = await kit.open(`ada-${users}`);
          const model = new Map<string, Uint8Array>();
          const pins = new Map<string, Pin>();
          for (const { records, move: wanted, guard, reopen } of steps) {
            if (reopen && kit.reopen) ada = await kit.reopen(`ada-${users}`, ada);
            const guards: Guard[] = guard
              ? [{ record: guard.record, value: guard.holds ? (model.get(guard.record) ?? null) : bytes(41) }]
              : [];
            const from = wanted && (wanted.from === 0 ? null : pin(wanted.from));
            const to = wanted && pin(wanted.from + Math.max(wanted.by, wanted.from === 0 ? 1 : 0));
            const changes: Change[] = to ? [...records, { pin: wanted.pin, from, to }] : records;
            const stands = !wanted || plain(pins.get(wanted.pin) ?? null) === plain(from);
            const passes = stands && (!guard || guard.holds);
            same(await ada.batch(changes, guards), passes, "batch");
            if (passes) {
              for (const { record: at, value: put } of records) put ? model.set(at, put) : model.delete(at);
              if (wanted && to) pins.set(wanted.pin, to);
            }
            for (const at of names) {
              same(await ada.get(at), model.get(at) ?? null, `record ${at}`);
              same(await ada.pin(at), pins.get(at) ?? null, `pin ${at}`);
            }
            for (const prefix of ["", "a", "a/", "z"]) {
              const below = [...model]
                .filter(([at]) => at.startsWith(prefix))
                .sort(([a], [b]) => (a < b ? -1 : 1));
              same(await ada.list(prefix), below, `list ${prefix}`);
            }
          }
          await ada.wipe();
          same(await ada.list(""), [], "wiped");
          await ada.close();
        }),
        { seed: kit.seed, numRuns: 12 },
      );
    },
  ],
];

const apart: Case[] = [
  [
    "what is sealed for elsewhere opens at its place, for its user, unchanged, and nowhere else",
    async (kit) => {
      const [ada, ben] = [await kit.open("ada"), await kit.open("ben")];
      const sealed = await ada.seal("archive/1", text("marathon"));
      const twin = await ada.seal("archive/1", text("marathon"));
      if (plain(sealed) === plain(twin)) throw new Error("sealed alike twice");
      const again = kit.reopen ? await kit.reopen("ada", ada) : ada;
      same(await again.open("archive/1", sealed), text("marathon"), "opened");
      await refused("CRYPTO_UNREADABLE", () => again.open("archive/2", sealed));
      await refused("CRYPTO_UNREADABLE", () => ben.open("archive/1", sealed));
      for (let at = 0; at < sealed.length; at++) {
        const flipped = sealed.slice();
        flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 8));
        await refused("CRYPTO_UNREADABLE", () => again.open("archive/1", flipped));
      }
      await refused("CRYPTO_UNREADABLE", () => again.open("archive/1", sealed.slice(0, -1)));
    },
  ],
  [
    "ben, on the same device, sees nothing of ada's",
    async (kit) => {
      const [ada, ben] = [await kit.open("ada"), await kit.open("ben")];
      const device = await ada.generate();
      await ada.batch([
        { record: "note", value: text("ada's") },
        { secret: "s", sealed: (await ada.makeSecret("s")).sealed },
        { pin: "p", from: null, to: pin(1) },
      ]);
      same(
        [await ben.device(), await ben.get("note"), await ben.secret("s"), await ben.pin("p")],
        [null, null, null, null],
        "his",
      );
      same([await ben.list(""), await ben.secrets("")], [[], []], "lists");
      await ben.wipe();
      same(await ada.device(), device, "hers are there");
      same(await ada.get("note"), text("ada's"), "hers are there");
    },
  ],
  [
    "a wipe leaves nothing, and a fresh start",
    async (kit) => {
      const ada = await kit.open("ada");
      const old = await ada.generate();
      const sealed = await ada.seal("x", bytes(1));
      await ada.batch([
        { record: "note", value: bytes(1) },
        { pin: "p", from: null, to: pin(9) },
      ]);
      await ada.wipe();
      same([await ada.device(), await ada.get("note"), await ada.pin("p")], [null, null, null], "wiped");
      await refused("CRYPTO_UNREADABLE", () => ada.open("x", sealed));
      same(await ada.batch([{ pin: "p", from: null, to: pin(1) }]), true, "starts anew");
      if (plain(await ada.generate()) === plain(old)) throw new Error("the wiped device came back");
    },
  ],
  [
    "a wipe among writes leaves nothing that does not open",
    async (kit) => {
      const ada = await kit.open("ada");
      for (let round = 0; round < 10; round++) {
        const write = (name: string) =>
          ada.batch([{ record: name, value: bytes(4) }]).catch((error) => error.code);
        const turns = async (left: number): Promise<void> => {
          for (; left > 0; left--) await Promise.resolve();
        };
        const all = [
          write("a"),
          turns(3 * round).then(() => ada.wipe()),
          write("b"),
          turns(round).then(() => write("c")),
        ];
        const done = (await Promise.all(all)).filter((one) => typeof one === "string");
        same(
          done.filter((code) => code !== "USAGE_STORAGE"),
          [],
          "refusals",
        );
        for (const [, value] of await ada.list("")) same(value, bytes(4), "what is left");
        same(await write("d"), true, "and it goes on");
      }
    },
  ],
  [
    "arguments of another form are refused with their names, and change nothing",
    async (kit) => {
      const ada = await kit.open("ada");
      for (const name of ["", "x".repeat(513), "\ud800"]) {
        await refused("USAGE_INVALID", () => ada.get(name));
        await refused("USAGE_INVALID", () => ada.batch([{ record: name, value: bytes(1) }]));
        await refused("USAGE_INVALID", () => ada.makeSecret(name));
      }
      await refused("USAGE_INVALID", () => ada.sealSecret("a", bytes(31)));
      await refused("USAGE_INVALID", () => ada.batch([], [{ record: "", value: null }]));
      same(await ada.list(""), [], "records");
    },
  ],
];

/** What every keystore does, wherever it stands. */
export const contract: readonly Case[] = [...keys, ...kept, ...apart];
