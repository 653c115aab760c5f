import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type Bytes, concat, equal } from "../bytes/index.ts";
import { TAGS } from "../tags.ts";
import {
  addChange,
  addDevice,
  append,
  cheapWrapKey,
  damages,
  newSigner,
  now,
  otherS,
  type Person,
  person,
  revoke,
  suite,
} from "../testing/cast.ts";
import {
  addedBy,
  applyDeviceEntry,
  type DeviceEntry,
  decodeDeviceEntry,
  deviceAt,
  devicesAt,
  encodeDeviceEntry,
  isOnLog,
  makeDeviceEntry,
  nameHashAt,
  openName,
  recoveryKey,
  type Signer,
  startDeviceLog,
} from "./index.ts";

let ada: Person;
let ben: Person;
beforeAll(async () => {
  ada = await person("ada");
  ben = await person("ben");
});

const renamed = (who: Person, first: number) => {
  const nameHash = new Uint8Array(32).fill(first);
  return makeDeviceEntry(suite, who.log, { op: "rename", nameHash, time: now() }, { signer: who.phone });
};

const bytes = (length: number) =>
  fc.uint8Array({ minLength: length, maxLength: length }).map((array) => new Uint8Array(array));
const changes = fc.oneof(
  fc.record({
    op: fc.constant("add" as const),
    temporary: fc.boolean(),
    wrapKey: bytes(422),
    signingKey: bytes(65),
    nameHash: bytes(32),
  }),
  fc.record({
    op: fc.constant("revoke" as const),
    keys: fc
      .uniqueArray(bytes(16), { minLength: 1, maxLength: 64, selector: (key) => key.join() })
      .map((keys) => keys.sort((one, other) => Buffer.compare(one, other))),
  }),
  fc.record({ op: fc.constant("rename" as const), nameHash: bytes(32) }),
  fc.record({ op: fc.constant("recovery" as const), signingKey: bytes(65) }),
);
const places = fc.record({
  user: bytes(16),
  root: bytes(32),
  seq: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  prev: bytes(32),
  signer: bytes(16),
  time: fc.maxSafeNat(),
});

describe("the encoding of an entry", () => {
  it("decode(encode(x)) = x", () => {
    fc.assert(
      fc.property(places, changes, (place, change) => {
        const entry = { ...place, ...change } as DeviceEntry;
        const signed = concat(encodeDeviceEntry(entry), new Uint8Array(128));
        expect(decodeDeviceEntry(signed).entry).toEqual(entry);
      }),
    );
  });

  it("rubbish of any length is void, never an exception", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 900 }), async (rubbish) => {
        const { log, verdict } = await applyDeviceEntry(suite, ada.log, new Uint8Array(rubbish));
        expect(verdict).toEqual({ void: "malformed" });
        expect(log).toEqual({ ...ada.log, rows: 2 });
      }),
    );
  });
});

describe("a log of devices", () => {
  it("begins with an identity whose hash is its root, and opens to its name", async () => {
    expect(ada.log.head).toEqual({ seq: 1, hash: ada.log.root });
    expect(devicesAt(ada.log).map((device) => device.id)).toEqual([ada.phone.id]);
    await expect(openName(suite, nameHashAt(ada.log) as Bytes, ada.opening)).resolves.toBe("ada");
  });

  it("grows by devices, loses them, and tells who stood when", async () => {
    const laptop = await addDevice(ada);
    const tablet = await addDevice(laptop.who, { signer: laptop.device });
    const gone = await revoke(tablet.who, [laptop.device.id]);
    expect([laptop.verdict, tablet.verdict, gone.verdict]).toEqual(["valid", "valid", "valid"]);
    const { log } = gone.who;
    expect(devicesAt(log).map(({ id }) => id)).toEqual([ada.phone.id, tablet.device.id]);
    expect(deviceAt(log, laptop.device.id)).toBeUndefined();
    expect(deviceAt(log, laptop.device.id, 3)?.id).toEqual(laptop.device.id);
    expect(deviceAt(log, tablet.device.id, 2)).toBeUndefined();
    expect(addedBy(tablet.who.log, laptop.device.id).map(({ id }) => id)).toEqual([tablet.device.id]);
    expect(isOnLog(log, tablet.who.log.head)).toBe(true);
    expect(isOnLog(log, { seq: 3, hash: log.root })).toBe(false);
  });

  it("a revoked device signs nothing more", async () => {
    const laptop = await addDevice(ada);
    const gone = await revoke(laptop.who, [laptop.device.id]);
    const late = await addDevice(gone.who, { signer: laptop.device });
    expect(late.verdict).toEqual({ void: "right" });
  });

  it("a temporary device revokes itself and nobody else, and adds nobody", async () => {
    const tab = await addDevice(ada, { temporary: true });
    expect((await addDevice(tab.who, { signer: tab.device })).verdict).toEqual({ void: "right" });
    expect((await revoke(tab.who, [ada.phone.id], tab.device)).verdict).toEqual({ void: "right" });
    expect((await revoke(tab.who, [tab.device.id], tab.device)).verdict).toBe("valid");
  });

  it("a recovery key adds and revokes, renames nobody, is no device, and ends with the next one", async () => {
    const recovery = await newSigner(ada.user);
    const change = { op: "recovery" as const, signingKey: recovery.publicKey, time: now() };
    const row = await makeDeviceEntry(suite, ada.log, change, { signer: ada.phone, added: recovery });
    const { who, verdict } = await append(ada, row);
    expect([verdict, recoveryKey(who.log)?.id]).toEqual(["valid", recovery.id]);
    expect(deviceAt(who.log, recovery.id)).toBeUndefined();
    const found = await addDevice(who, { signer: recovery });
    expect(found.verdict).toBe("valid");
    expect((await revoke(found.who, [ada.phone.id], recovery)).verdict).toBe("valid");
    const rename = { op: "rename" as const, nameHash: suite.random(32), time: now() };
    const renamed = await makeDeviceEntry(suite, who.log, rename, { signer: recovery });
    expect((await append(who, renamed)).verdict).toEqual({ void: "right" });
    const next = await newSigner(ada.user);
    const again = { ...change, signingKey: next.publicKey };
    const replaced = await append(
      who,
      await makeDeviceEntry(suite, who.log, again, { signer: ada.phone, added: next }),
    );
    expect(recoveryKey(replaced.who.log)?.id).toEqual(next.id);
    expect((await addDevice(replaced.who, { signer: recovery })).verdict).toEqual({ void: "right" });
  });

  it("has at most 32 devices that stand", async () => {
    let who = ada;
    for (let count = 1; count < 32; count++) who = (await addDevice(who)).who;
    const last = devicesAt(who.log).at(-1)?.id as Bytes;
    expect((await addDevice(who)).verdict).toEqual({ void: "limit" });
    expect((await addDevice((await revoke(who, [last])).who)).verdict).toBe("valid");
  });
});

describe("what is void", () => {
  it("void_device_row_does_not_block: it burns its number, and the next names the last valid hash", async () => {
    const good = await addDevice(ada);
    const rubbish = await append(ada, suite.random(762));
    const unsigned = await append(rubbish.who, concat(good.row.slice(0, -128), new Uint8Array(128)));
    expect(unsigned.verdict).toEqual({ void: "place" });
    const { who, verdict } = await addDevice(unsigned.who);
    expect(verdict).toBe("valid");
    expect(who.log).toMatchObject({ rows: 4, head: { seq: 4 } });
  });

  it("no flipped, cut or added byte is taken", async () => {
    const { row } = await addDevice(ada);
    for (const damaged of damages(row)) {
      const { verdict } = await append(ada, damaged);
      expect(verdict).toHaveProperty("void");
    }
  });

  it("a first entry with a changed byte makes no identity of that root", async () => {
    const [entry = new Uint8Array()] = ada.rows;
    for (const damaged of damages(entry, 3)) {
      const empty = startDeviceLog(ada.user, ada.log.root);
      const { log, verdict } = await applyDeviceEntry(suite, empty, damaged);
      expect(verdict).toHaveProperty("void");
      expect((await applyDeviceEntry(suite, log, entry)).verdict).toEqual({ void: "place" });
    }
  });

  it("an identity that begins with a temporary device or without a name", async () => {
    const { entry } = decodeDeviceEntry(ada.rows[0] as Bytes);
    for (const part of [{ temporary: true }, { nameHash: new Uint8Array(32) }]) {
      const body = encodeDeviceEntry({ ...entry, ...part } as DeviceEntry);
      const root = await suite.hash(TAGS.deviceEntry, body);
      const signature = await ada.phone.sign(TAGS.deviceEntrySig, root);
      const row = concat(body, signature, await ada.phone.sign(TAGS.deviceKeySig, root));
      const { verdict } = await applyDeviceEntry(suite, startDeviceLog(ada.user, root), row);
      expect(verdict).toEqual({ void: "place" });
    }
  });

  it("a name where there is none, a second signature where nobody is added", async () => {
    const laptop = await newSigner(ada.user);
    const change = { ...addChange(laptop), nameHash: suite.random(32) };
    const named = await makeDeviceEntry(suite, ada.log, change, { signer: ada.phone, added: laptop });
    expect((await append(ada, named)).verdict).toEqual({ void: "place" });
    const rename = { op: "rename" as const, nameHash: suite.random(32), time: now() };
    const row = await makeDeviceEntry(suite, ada.log, rename, { signer: ada.phone, added: ada.phone });
    expect((await append(ada, row)).verdict).toEqual({ void: "signature" });
  });

  it("high_s: the other s of a good signature", async () => {
    const { row } = await addDevice(ada);
    const at = row.length - 128;
    const high = concat(row.slice(0, at), otherS(row.slice(at, at + 64)), row.slice(-64));
    expect((await append(ada, high)).verdict).toEqual({ void: "signature" });
    const highAdded = concat(row.slice(0, -64), otherS(row.slice(-64)));
    expect((await append(ada, highAdded)).verdict).toEqual({ void: "signature" });
  });

  it("key_substitution: what ben signs stands in no other log, and not under ada's id", async () => {
    const { row } = await addDevice(ben);
    expect((await append(ada, row)).verdict).toEqual({ void: "place" });
    const keys = await suite.makeSigningKeys();
    const sign: Signer["sign"] = (tag, hash) => suite.sign(keys, tag, hash, ada.phone.id);
    const posing = { id: ada.phone.id, publicKey: keys.publicKey, sign };
    expect((await addDevice(ada, { signer: posing })).verdict).toEqual({ void: "signature" });
    expect((await addDevice(ada, { signer: ben.phone })).verdict).toEqual({ void: "right" });
  });

  it("a device that did not sign for itself", async () => {
    const laptop = await newSigner(ada.user);
    const eve = { ...(await newSigner(ada.user)), id: laptop.id };
    const change = addChange(laptop);
    const stolen = await makeDeviceEntry(suite, ada.log, change, { signer: ada.phone, added: eve });
    const silent = await makeDeviceEntry(suite, ada.log, change, { signer: ada.phone });
    expect((await append(ada, stolen)).verdict).toEqual({ void: "signature" });
    expect((await append(ada, silent)).verdict).toEqual({ void: "signature" });
  });

  it("device_id_collision: a key that was in the log, standing or revoked, is not taken again", async () => {
    const laptop = await addDevice(ada);
    const again = async (who: Person) => {
      const change = addChange(laptop.device);
      return append(
        who,
        await makeDeviceEntry(suite, who.log, change, { signer: ada.phone, added: laptop.device }),
      );
    };
    expect((await again(laptop.who)).verdict).toEqual({ void: "reused" });
    const { who } = await revoke(laptop.who, [laptop.device.id]);
    expect((await again(who)).verdict).toEqual({ void: "reused" });
    const twin = await newSigner(ada.user);
    const wrapKey = devicesAt(ada.log)[0]?.wrapKey as Bytes;
    const change = { ...addChange(twin), wrapKey };
    const row = await makeDeviceEntry(suite, who.log, change, { signer: ada.phone, added: twin });
    expect((await append(who, row)).verdict).toEqual({ void: "reused" });
    const other = await newSigner(ben.user);
    expect(equal(other.id, (await newSigner(ben.user)).id)).toBe(false);
  });

  it("weak_keys: an even or short n, e other than 65537, a point that is none", async () => {
    const good = cheapWrapKey();
    const set = (at: number, value: number) =>
      Uint8Array.from(good, (byte, index) => (index === at ? value : byte));
    const even = set(416, 2);
    const short = set(33, 0x7f);
    const [e1, e3] = [set(421, 0), set(419, 0)];
    for (const wrapKey of [even, short, e1, e3, set(0, 0x31)]) {
      const device = await newSigner(ada.user);
      const change = { ...addChange(device), wrapKey };
      const row = await makeDeviceEntry(suite, ada.log, change, { signer: ada.phone, added: device });
      expect((await append(ada, row)).verdict).toEqual({ void: "key" });
    }
    const device = await newSigner(ada.user);
    for (const at of [0, 1, 64]) {
      const signingKey = device.publicKey.slice();
      signingKey[at] = (signingKey[at] ?? 0) ^ 1;
      const change = { ...addChange(device), signingKey };
      const row = await makeDeviceEntry(suite, ada.log, change, { signer: ada.phone, added: device });
      expect((await append(ada, row)).verdict).toEqual({ void: "key" });
    }
  });

  it("revoking somebody who is not there, or naming a key twice", async () => {
    expect((await revoke(ada, [ben.phone.id])).verdict).toEqual({ void: "target" });
    await expect(revoke(ada, [ada.phone.id, ada.phone.id])).rejects.toMatchObject({ code: "USAGE_INVALID" });
  });

  it("hidden_revoke: an entry that follows the state before a revoke", async () => {
    const laptop = await addDevice(ada);
    const row = (await addDevice(laptop.who)).row;
    const { who } = await revoke(laptop.who, [laptop.device.id]);
    expect((await append(who, row)).verdict).toEqual({ void: "place" });
  });
});

describe("a log as a value", () => {
  it("of two that go on from it each has its own entries and names, and it has neither's", async () => {
    const first = await append(ada, await renamed(ada, 7));
    const { who: base } = first;
    const [one, other, third] = [
      await append(base, await renamed(base, 8)),
      await addDevice(base),
      await append(base, await renamed(base, 9)),
    ];
    const logs = [base, one.who, other.who, third.who].map(({ log }) => log);
    for (const [at, log] of logs.entries()) {
      const on = logs.map(({ head }) => isOnLog(log, head));
      expect(on).toEqual(logs.map((_, index) => index === 0 || index === at));
      expect(nameHashAt(log)?.[0]).toBe([7, 8, 7, 9][at]);
      expect(log.entries).toBe(log.head.seq);
    }
    const again = await addDevice((await addDevice(other.who)).who);
    expect([nameHashAt(again.who.log)?.[0], isOnLog(again.who.log, one.who.log.head)]).toEqual([7, false]);
  });
});

describe("names", () => {
  it("name_swap: another name, another salt and another's opening do not fit", async () => {
    const signed = nameHashAt(ada.log) as Bytes;
    for (const wrong of [ben.opening, ...damages(ada.opening)]) {
      await expect(openName(suite, signed, wrong)).rejects.toMatchObject({ code: "CRYPTO_OPEN_FAILED" });
    }
  });

  it("a new name counts from its entry on", async () => {
    const nameHash = suite.random(32);
    const rename = { op: "rename" as const, nameHash, time: now() };
    const { who, verdict } = await append(
      ada,
      await makeDeviceEntry(suite, ada.log, rename, { signer: ada.phone }),
    );
    expect(verdict).toBe("valid");
    expect(nameHashAt(who.log)).toEqual(nameHash);
    expect(nameHashAt(who.log, 1)).toEqual(nameHashAt(ada.log));
  });
});
