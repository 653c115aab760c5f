import { beforeAll, describe, expect, it } from "vitest";
import { type Bytes, toHex } from "../bytes/index.ts";
import { NO_HEAD } from "../codec.ts";
import type { DeviceKey } from "../device-log/index.ts";
import { createRsaAes, keysOf } from "../group/index.ts";
import { makeRoomEntry } from "../room-log/index.ts";
import { addDevice, damages, now, otherS, type Person, person, revoke, suite } from "../testing/cast.ts";
import { add, DELETE, LEAVE, remove } from "../testing/rooms.ts";
import {
  type Client,
  change,
  enter,
  forged,
  gather,
  given,
  grown,
  heard,
  lockedSecret,
  logs,
  post,
  postCommit,
  read,
  say,
  verdicts,
  type World,
} from "../testing/world.ts";
import {
  type Commit,
  decodeCommit,
  due,
  type Epoch,
  makeCommit,
  openEpoch,
  type Recipient,
} from "./index.ts";

let people: Person[];
let eve: Person;
beforeAll(async () => {
  people = await Promise.all(["ada", "ben", "cem"].map((name) => person(name)));
  eve = await person("eve");
});
const meet = async () => {
  const { world, clients } = await gather(people);
  const [a, b, c] = clients as [Client, Client, Client];
  return { world, a, b, c, clients };
};
/** A commit by `client` as it would be made now, in other words. */
const lie = async (
  world: World,
  client: Client,
  change: (commit: Commit) => Commit,
  signer = client.device,
) => {
  const { commit } = await client.cipher.change(client.state, [], given(world));
  return forged(commit, signer, change);
};
/** A second device of somebody's, in everybody's list, that its owner has revoked since. */
async function stolen(world: World, who: Person) {
  const laptop = await addDevice(who);
  grown(world, laptop.who);
  const thief = await enter(world, laptop.who, laptop.device);
  await read(world, thief);
  await change(world, thief);
  await read(world, thief);
  return { thief, revoked: (await revoke(laptop.who, [laptop.device.id])).who };
}
const dueFor = (world: World, { state }: Client, now = 0) =>
  due(state.room, logs(world), { readable: keysOf(state) !== undefined, now });

describe("a void commit", () => {
  it("void_commit_does_not_brick: its number is burned, and the next one names the last valid", async () => {
    const { world, a, b, c } = await meet();
    const { commit } = await b.cipher.change(b.state, [], given(world));
    postCommit(world, Uint8Array.from([...commit.slice(0, -64), ...suite.random(64)]) as Bytes);
    postCommit(world, suite.random(40));
    expect(await verdicts(world, a, b, c)).toEqual(Array(3).fill({ void: "malformed" }));
    expect(dueFor(world, a)).toBe("asked");
    await expect(say(world, a, "stuck?")).rejects.toMatchObject({ code: "USAGE_INVALID" });
    await change(world, a);
    expect(await verdicts(world, a, b, c)).toEqual(["valid", "valid", "valid"]);
    await say(world, a, "not stuck");
    for (const client of [a, b, c]) await read(world, client);
    expect([heard(b), heard(c)]).toEqual([["not stuck"], ["not stuck"]]);
    expect(a.state.room.epochs.last?.number).toBe(5);
  });

  it("is one by the rule that it breaks", async () => {
    const { world, a, b } = await meet();
    const stranger = { user: eve.user, head: eve.log.head, device: eve.phone.id };
    const [first] = (a.state.room.epochs.last as Epoch).commit.list as [Recipient];
    const sorted = (list: Recipient[]) => list.sort((one, other) => Buffer.compare(one.user, other.user));
    const { history } = a.state.room.transcript;
    const cases: [string, (commit: Commit) => Commit][] = [
      ["place", (commit) => ({ ...commit, room: suite.random(16) })],
      ["place", (commit) => ({ ...commit, epoch: commit.epoch + 1 })],
      ["place", (commit) => ({ ...commit, epoch: commit.epoch - 1 })],
      ["place", (commit) => ({ ...commit, prev: suite.random(32) })],
      ["place", (commit) => ({ ...commit, reason: "first" })],
      ["head", (commit) => ({ ...commit, log: { seq: commit.log.seq, hash: suite.random(32) } })],
      ["head", (commit) => ({ ...commit, log: { seq: commit.log.seq + 1, hash: commit.log.hash } })],
      ["members", (commit) => ({ ...commit, list: commit.list.slice(1) })],
      ["members", (commit) => ({ ...commit, list: sorted([...commit.list, { ...first, ...stranger }]) })],
      [
        "devices",
        (commit) => ({ ...commit, list: commit.list.map((row) => ({ ...row, wrapKey: suite.random(32) })) }),
      ],
      [
        "devices",
        (commit) => ({ ...commit, list: commit.list.map((row) => ({ ...row, device: suite.random(16) })) }),
      ],
      ["device", (commit) => ({ ...commit, committer: (people[1] as Person).user })],
      ["device", (commit) => ({ ...commit, device: eve.phone.id })],
      ["seen", (commit) => ({ ...commit, seen: { seq: commit.seen.seq, hash: suite.random(32) } })],
      ["seen", (commit) => ({ ...commit, seen: { ...commit.seen, seq: commit.seen.seq + 1 } })],
      ["seen", (commit) => ({ ...commit, seen: { seq: commit.seen.seq - 1, hash: history[0] as Bytes } })],
      ["cut", (commit) => ({ ...commit, cut: commit.seen })],
    ];
    for (const [reason, how] of cases) {
      const bytes = await lie(world, a, how);
      const row = { kind: "commit" as const, bytes, place: world.rows.length + 1 };
      const { effect } = await b.cipher.apply(b.state, row, { devices: logs(world) });
      expect([reason, effect.verdict]).toEqual([reason, { void: reason }]);
    }
    const honest = await lie(world, a, (commit) => commit);
    const row = { kind: "commit" as const, bytes: honest, place: world.rows.length + 1 };
    const { room } = b.state;
    const strict = { ...b.state, room: { ...room, log: { ...room.log, suite: 2 } } };
    const below = await b.cipher.apply(strict, row, { devices: logs(world) });
    expect(below.effect.verdict).toEqual({ void: "malformed" });
    expect((await b.cipher.apply(b.state, row, { devices: logs(world) })).effect.verdict).toBe("valid");
  });

  it("no flipped, cut or added byte is accepted, nor the other s", async () => {
    const { world, a, b } = await meet();
    const { commit } = await a.cipher.change(a.state, [], given(world));
    const place = world.rows.length + 1;
    const judged = async (bytes: Bytes) =>
      (await b.cipher.apply(b.state, { kind: "commit", bytes, place }, { devices: logs(world) })).effect;
    expect((await judged(commit)).verdict).toBe("valid");
    for (const damaged of damages(commit, 3)) {
      expect((await judged(damaged)).verdict).not.toBe("valid");
    }
    const signature = otherS(commit.slice(-64));
    const high = Uint8Array.from([...commit.slice(0, -64), ...signature]);
    expect((await judged(high)).verdict).toEqual({ void: "signature" });
  });

  it("somebody else's signature makes nothing valid, and no false alarm", async () => {
    const { world, a, b, c } = await meet();
    postCommit(world, await lie(world, a, (commit) => commit, eve.phone));
    expect(await verdicts(world, b, c)).toEqual([{ void: "signature" }, { void: "signature" }]);
    await read(world, a);
    const other = (commit: Commit) => ({ ...commit, seen: { ...commit.seen, hash: suite.random(32) } });
    postCommit(world, await lie(world, a, other, eve.phone));
    const [effect] = await read(world, b);
    expect(effect).toEqual({ verdict: { void: "seen" } });
  });
});

describe("heads", () => {
  it("stale_head_commit: a commit by a device log that others know better is void", async () => {
    const { world, a, b, c } = await meet();
    const old = await a.cipher.change(a.state, [], given(world));
    const laptop = await addDevice(b.who);
    grown(world, laptop.who);
    await change(world, b);
    await read(world, a);
    const stale = await forged(old.commit, a.device, (commit) => ({
      ...commit,
      epoch: 4,
      prev: a.state.room.epochs.last?.hash as Bytes,
      seen: a.state.room.transcript.place,
    }));
    postCommit(world, stale);
    expect(await verdicts(world, a, b, c)).toEqual(Array(3).fill({ void: "members" }));
  });

  it("head_goes_back: a commit below the room log's head is void, though it is on the log", async () => {
    const { world, a, b, c } = await meet();
    const early = a.state.room.log.head;
    world.people = [...world.people, eve];
    await change(world, a, add(eve));
    await read(world, a);
    const back = await lie(world, a, (commit) => ({
      ...commit,
      log: early,
      list: commit.list.filter(({ user }) => toHex(user) !== toHex(eve.user)),
      cut: commit.seen,
    }));
    postCommit(world, back);
    expect(await verdicts(world, b, c)).toEqual([{ void: "head" }, { void: "head" }]);
  });

  it("head_goes_back: not even for somebody who was removed since, and whom the commit takes in again", async () => {
    const { world, a, b } = await meet();
    const cem = people[2] as Person;
    const { thief, revoked } = await stolen(world, cem);
    const before = thief.who;
    grown(world, revoked);
    await change(world, a);
    await read(world, b);
    const { room } = b.state;
    const gone = await makeRoomEntry(
      suite,
      room.log,
      { ...remove(cem), time: now() },
      { log: a.who.log, device: a.device },
    );
    world.rows.push({ kind: "entry", bytes: gone, place: world.rows.length + 1 });
    const as = { ...world, people: [...world.people.filter(({ user }) => user !== cem.user), before] };
    const unpinned = { ...room, log: { ...room.log, pins: new Map() } };
    const draft = { reason: "asked" as const, user: b.who.user, signer: b.device, time: now() };
    postCommit(world, (await makeCommit(suite, unpinned, logs(as), draft)).bytes);
    expect(await verdicts(world, a, b)).toEqual(Array(2).fill({ void: "members" }));
  });

  it("a server that hides a device log cannot have a commit made from it", async () => {
    const { world, a } = await meet();
    const [, ben, cem] = people as [Person, Person, Person];
    world.people = [a.who, cem];
    await expect(a.cipher.change(a.state, [], given(world))).rejects.toMatchObject({ code: "USAGE_INVALID" });
    const start = { ...ben, log: { ...ben.log, rows: 0, head: NO_HEAD, hashes: new Map(), keys: new Map() } };
    world.people = [a.who, start, cem];
    await expect(a.cipher.change(a.state, [], given(world))).rejects.toMatchObject({ code: "USAGE_INVALID" });
    expect(dueFor(world, a)).toBe("devices");
  });

  it("a deleted room has no more epochs", async () => {
    const { world, a, b } = await meet();
    const { commit } = await a.cipher.change(a.state, [], given(world));
    const author = { log: a.who.log, device: a.device };
    const bytes = await makeRoomEntry(suite, a.state.room.log, { ...DELETE, time: now() }, author);
    world.rows.push({ kind: "entry", bytes, place: world.rows.length + 1 });
    await read(world, b);
    postCommit(world, commit);
    expect(await verdicts(world, b)).toEqual([{ void: "head" }]);
  });
});

describe("wraps", () => {
  it("bad_wrap_for_one: the others go on, and the one repairs", async () => {
    const { world, a, b, c } = await meet();
    const step = await a.cipher.change(a.state, [], given(world));
    const wraps = step.wraps.map((one) =>
      toHex(one.device) === toHex(b.device.id) ? { ...one, wrap: suite.random(384) } : one,
    );
    post(world, { ...step, wraps });
    for (const client of [a, b, c]) await read(world, client);
    expect([a, b, c].map(({ effects }) => effects.at(-1)?.readable)).toEqual([true, false, true]);
    await say(world, a, "for those who can");
    for (const client of [a, b, c]) await read(world, client);
    expect([heard(b), heard(c)]).toEqual([[], ["for those who can"]]);
    expect(b.effects.at(-1)?.verdict).toBe("valid");
    expect(dueFor(world, b)).toBe("repair");
    const thrice = { readable: false, now: 0, repairs: 3 };
    expect(due(b.state.room, logs(world), thrice)).toBeNull();
    await change(world, b);
    for (const client of [a, b, c]) await read(world, client);
    await say(world, b, "repaired");
    for (const client of [a, b, c]) await read(world, client);
    expect([heard(b), heard(c)]).toEqual([["repaired"], ["for those who can", "repaired"]]);
  });

  it("a wrap that the commit does not name is never shown to the private key", async () => {
    const { world, a, b } = await meet();
    const { wraps } = await change(world, a);
    await read(world, b);
    const epoch = b.state.room.epochs.last as Epoch;
    const { id } = b.device;
    const wrap = wraps.find(({ device }) => toHex(device) === toHex(id))?.wrap as Bytes;
    const shown: Bytes[] = [];
    const unwrap = async (bytes: Uint8Array) => {
      shown.push(bytes as Bytes);
      return null;
    };
    for (const other of [suite.random(384), ...damages(wrap, 97), null]) {
      expect(await openEpoch(suite, epoch, id, other, unwrap)).toBeNull();
    }
    expect(shown).toEqual([]);
    await openEpoch(suite, epoch, id, wrap, unwrap);
    expect(shown).toEqual([wrap]);
  });

  it("a committer that commits to another secret than it wraps leaves a valid epoch that nobody reads", async () => {
    const { world, a, b } = await meet();
    const [told, wrapped] = [await lockedSecret(), await lockedSecret()];
    const secret = { key: told.key, wrap: wrapped.wrap };
    const draft = { reason: "asked" as const, user: a.who.user, signer: a.device, time: now(), secret };
    const { bytes: commit, wraps } = await makeCommit(suite, a.state.room, logs(world), draft);
    post(world, { entries: [], commit, wraps });
    expect(await verdicts(world, b)).toEqual(["valid"]);
    expect(b.effects.at(-1)?.readable).toBe(false);
  });

  it("RSA carries the secret to each device of the list, and to it alone", async () => {
    const keys = await Promise.all([suite.makeWrapKeys(), suite.makeWrapKeys()]);
    const [ada, ben] = await Promise.all(
      keys.map(({ publicKey }, at) => person(`real${at}`, undefined, publicKey)),
    );
    const { world, clients } = await gather([ada as Person, ben as Person]);
    const [a, b] = clients as [Client, Client];
    const draft = { reason: "asked" as const, user: a.who.user, signer: a.device, time: now() };
    const made = await makeCommit(suite, a.state.room, logs(world), draft);
    const place = world.rows.length + 1;
    const row = { kind: "commit" as const, bytes: made.bytes, place };
    const wrapOf = (client: Client) =>
      made.wraps.find(({ device }) => toHex(device) === toHex(client.device.id))?.wrap as Bytes;
    const readers = [a, b].map((client, at) => {
      const unwrap = (wrapped: Uint8Array, label: Uint8Array) =>
        suite.unwrap((keys[at] as { privateKey: CryptoKey }).privateKey, wrapped, label);
      return { client, unwrap };
    });
    for (const { client, unwrap } of readers) {
      const self = { user: client.who.user, root: client.who.log.root, signer: client.device, unwrap };
      const cipher = createRsaAes(suite, self);
      const own = await cipher.apply(client.state, row, { devices: logs(world), wrap: wrapOf(client) });
      expect(own.effect.readable).toBe(true);
      const others = wrapOf(client === a ? b : a);
      const not = await cipher.apply(client.state, row, { devices: logs(world), wrap: others });
      expect(not.effect).toMatchObject({ verdict: "valid", readable: false });
    }
  });
});

describe("what ends with a device", () => {
  it("stolen_device_backdates: it counts up to the cut, wherever the server puts what it signs late", async () => {
    const { world, a, b, c } = await meet();
    const { thief, revoked } = await stolen(world, b.who);
    await say(world, thief, "before");
    for (const client of [a, b, c, thief]) await read(world, client);
    const { log } = c.state.room;
    await say(world, thief, "late, and put before the commit");
    const author = { log: thief.who.log, device: thief.device };
    const left = await makeRoomEntry(suite, log, { ...LEAVE, time: now() }, author);
    grown(world, revoked);
    const step = await a.cipher.change(a.state, [], given(world));
    world.rows.push({ kind: "entry", bytes: left, place: world.rows.length + 1 });
    post(world, step);
    const effects = await read(world, c);
    expect(effects.map(({ verdict }) => verdict)).toEqual(["valid", "valid", "valid"]);
    const cut = world.rows.length - 3;
    expect(effects.at(-1)?.dropped).toEqual({ devices: [thief.device.id], cut });
    expect(c.state.room.log.members.has(toHex(b.who.user))).toBe(true);
    expect([c.state.room.log.head, c.state.room.log.rows]).toEqual([log.head, log.rows + 1]);
    grown(world, thief.who);
    await say(world, thief, "late, and put after it");
    grown(world, revoked);
    expect(await verdicts(world, c)).toEqual([{ void: "epoch" }]);
  });

  it("the cut of a commit that drops a device is the place that it has seen, and no other", async () => {
    const { world, a, b, c } = await meet();
    const { revoked } = await stolen(world, b.who);
    grown(world, revoked);
    for (const client of [a, c]) await read(world, client);
    const { seen } = decodeCommit((await a.cipher.change(a.state, [], given(world))).commit).commit;
    const judged = async (cut: Commit["cut"]) => {
      const bytes = await lie(world, a, (commit) => ({ ...commit, cut }));
      const row = { kind: "commit" as const, bytes, place: world.rows.length + 1 };
      return (await c.cipher.apply(c.state, row, { devices: logs(world) })).effect.verdict;
    };
    for (const wrong of [NO_HEAD, { ...seen, seq: seen.seq - 1 }, { ...seen, hash: suite.random(32) }]) {
      expect(await judged(wrong)).toEqual({ void: "cut" });
    }
    expect(await judged(seen)).toBe("valid");
  });

  it("device_id_collision: an id that stands under two users sends for neither", async () => {
    const { world, a, b, c } = await meet();
    const [ada, ben] = [a.who, b.who];
    const twin = { ...(ben.log.keys.get(toHex(ben.phone.id)) as DeviceKey), id: ada.phone.id };
    const found = { ...ben, log: { ...ben.log, keys: new Map([[toHex(ada.phone.id), twin]]) } };
    world.people = [ada, found, c.who];
    const made = await c.cipher.change(c.state, [], given(world));
    postCommit(world, made.commit);
    expect(await verdicts(world, c)).toEqual(["valid"]);
    const { devices, heads } = c.state.room.epochs.last as Epoch;
    expect([heads.size, [...devices.keys()]]).toEqual([3, [toHex(c.device.id)]]);
  });

  it("a commit that rests on what its own cut takes away is void", async () => {
    const { world, a, b, c } = await meet();
    const { thief, revoked } = await stolen(world, b.who);
    for (const client of [a, c]) await read(world, client);
    const old = a.state.room.transcript.place;
    const author = { log: thief.who.log, device: thief.device };
    const left = await makeRoomEntry(suite, c.state.room.log, { ...LEAVE, time: now() }, author);
    world.rows.push({ kind: "entry", bytes: left, place: world.rows.length + 1 });
    grown(world, revoked);
    const after = await read(world, a).then(() => lie(world, a, (commit) => commit));
    postCommit(world, await forged(after, a.device, (commit) => ({ ...commit, seen: old, cut: old })));
    expect(await verdicts(world, c)).toEqual([{ void: "cut" }]);
    await read(world, a);
    await change(world, a);
    expect(await verdicts(world, c)).toEqual(["valid"]);
    expect(c.state.room.log.members.has(toHex(b.who.user))).toBe(false);
  });
});

describe("when a commit is due", () => {
  it("first, on members, on devices, after a week; else not", async () => {
    const { world, a } = await meet();
    const { time } = (a.state.room.epochs.last as Epoch).commit;
    expect(dueFor(world, a)).toBeNull();
    expect(dueFor(world, a, time + 7 * 24 * 3600_000)).toBeNull();
    expect(dueFor(world, a, time + 7 * 24 * 3600_000 + 1)).toBe("age");
    const seen = { readable: true, now: time, arrived: time - 8 * 24 * 3600_000 };
    expect(due(a.state.room, logs(world), seen)).toBe("age");
    const empty = await enter(world, a.who);
    expect(dueFor(world, empty)).toBe("first");
    const [, ben] = people as [Person, Person, Person];
    const laptop = await addDevice(ben);
    grown(world, laptop.who);
    expect(dueFor(world, a)).toBe("devices");
    const same = await revoke(laptop.who, [laptop.device.id]);
    grown(world, same.who);
    expect(dueFor(world, a)).toBeNull();
    await change(world, a, remove(ben));
    await read(world, a);
    expect(dueFor(world, a)).toBeNull();
  });

  it("a member without a device stands in the list and reads nothing", async () => {
    const { world, a, b } = await meet();
    const [, ben] = people as [Person, Person, Person];
    const bare = await revoke(ben, [ben.phone.id]);
    expect(bare.verdict).toBe("valid");
    grown(world, bare.who);
    expect(dueFor(world, a)).toBe("devices");
    const step = await change(world, a);
    expect(step.wraps).toHaveLength(2);
    expect(await verdicts(world, a, b)).toEqual(["valid", "valid"]);
    expect(dueFor(world, a)).toBeNull();
  });
});
