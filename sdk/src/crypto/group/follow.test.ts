import { beforeAll, describe, expect, it } from "vitest";
import { pad, toHex, utf8, Writer } from "../bytes/index.ts";
import { audience, decodeCommit, type Epoch, newcomers } from "../epoch/index.ts";
import { makeRoomEntry, openRoomName } from "../room-log/index.ts";
import { TAGS, tagged } from "../tags.ts";
import { addDevice, now, type Person, person, revoke, suite } from "../testing/cast.ts";
import { add, LEAVE, logsOf, remove, setRole } from "../testing/rooms.ts";
import {
  type Client,
  change,
  enter,
  gather,
  given,
  grown,
  heard,
  logs,
  messageRow,
  post,
  read,
  say,
  text,
  type World,
} from "../testing/world.ts";
import { type Anchor, followFrom, objectHash, type Row, startGroup, wantedLogs } from "./index.ts";

const failure = { code: "CRYPTO_OPEN_FAILED" };
let ada: Person;
let ben: Person;
let eve: Person;
beforeAll(async () => {
  [ada, ben, eve] = (await Promise.all(["ada", "ben", "eve"].map((name) => person(name)))) as [
    Person,
    Person,
    Person,
  ];
});

/** Where somebody begins who is brought in by the commit at that place. */
async function anchorAt(world: World, place: number): Promise<Anchor> {
  const rows = world.rows.slice(0, place);
  const commit = rows.at(-1) as Row;
  const { seen } = decodeCommit(commit.bytes).commit;
  const between = await Promise.all(rows.slice(seen.seq, -1).map((row) => objectHash(suite, row)));
  const entries = rows.filter(({ kind }) => kind === "entry");
  const { prev } = decodeCommit(commit.bytes).commit;
  const commits = rows.filter(({ kind }) => kind === "commit");
  const hashes = await Promise.all(commits.map((row) => objectHash(suite, row)));
  const previous = commits[hashes.findIndex((hash) => toHex(hash) === toHex(prev))]?.bytes;
  return { room: world.room, entries, commit, between, ...(previous ? { previous } : {}) };
}

/** A room in which much has happened before eve comes: words, a void entry, roles, a commit. */
async function busy() {
  const { world, clients } = await gather([ada, ben]);
  const [a, b] = clients as [Client, Client];
  const sync = async () => {
    for (const client of [a, b]) await read(world, client);
  };
  await say(world, a, "before");
  await sync();
  await change(world, a, setRole(ben, 2));
  world.rows.push({ kind: "entry", bytes: suite.random(300), place: world.rows.length + 1 });
  await sync();
  world.people = [ada, ben, eve];
  await change(world, b, add(eve));
  await sync();
  return { world, a, b, sync, brought: world.rows.length };
}

describe("somebody new", () => {
  it("follows a room from the commit that brought it in, without the rows before", async () => {
    const { world, a, b, sync, brought } = await busy();
    const e = await enter(world, eve);
    const wrap = world.wraps.get(brought)?.get(toHex(eve.phone.id)) ?? null;
    const anchor = await anchorAt(world, brought);
    e.state = await e.cipher.join(anchor, { devices: logs(world), wrap });
    expect(e.state.room.transcript.place).toEqual(a.state.room.transcript.place);
    expect(e.state.room.log.head).toEqual(a.state.room.log.head);
    expect(e.state.room.log.members.size).toBe(3);
    await say(world, b, "welcome");
    await sync();
    await read(world, e);
    await say(world, e, "hello");
    await sync();
    await read(world, e);
    expect(heard(e)).toEqual(["welcome", "hello"]);
    expect(heard(a)).toEqual(["before", "welcome", "hello"]);
    await change(world, a, remove(eve));
    await sync();
    await read(world, e);
    expect([a, b, e].map(({ effects }) => effects.at(-1)?.verdict)).toEqual(["valid", "valid", "valid"]);
    expect(e.state.room.transcript.place).toEqual(a.state.room.transcript.place);
  });

  it("that reads every row comes to the same room", async () => {
    const { world, a } = await busy();
    const e = await enter(world, eve);
    await read(world, e);
    expect(e.state.room.transcript.place).toEqual(a.state.room.transcript.place);
    expect(e.state.room.log.head).toEqual(a.state.room.log.head);
    expect(e.effects.map(({ verdict }) => verdict)).toEqual(a.effects.map(({ verdict }) => verdict));
    expect(heard(e)).toEqual([]);
  });

  it("refuses rows that the commit does not name", async () => {
    const { world, brought } = await busy();
    const anchor = await anchorAt(world, brought);
    const { entries, between, commit } = anchor;
    const other = await anchorAt(world, 4);
    const author = { log: ben.log, device: ben.phone };
    const { log } = await followFrom(suite, anchor, logs(world));
    const bytes = await makeRoomEntry(suite, log, { ...LEAVE, time: now() }, author);
    const slipped = [commit.place - 1, commit.place].map((place) => [...entries, { bytes, place }]);
    const wrong: Anchor[] = [
      ...slipped.map((rows) => ({ ...anchor, entries: rows })),
      { ...anchor, entries: entries.slice(1) },
      {
        ...anchor,
        entries: [...entries.slice(0, -1), { ...(entries.at(-1) as Row), bytes: suite.random(300) }],
      },
      { ...anchor, entries: [...entries].reverse() },
      { ...anchor, between: between.slice(1) },
      { ...anchor, between: [...between, suite.random(32)] },
      { ...anchor, room: suite.random(16) },
      { ...anchor, commit: { ...commit, bytes: suite.random(500) } },
      {
        ...anchor,
        commit: {
          ...commit,
          bytes: Uint8Array.from(commit.bytes, (byte, at) => (at === 500 ? byte ^ 1 : byte)),
        },
      },
    ];
    for (const one of wrong) {
      await expect(followFrom(suite, one, logs(world))).rejects.toMatchObject(failure);
    }
    await expect(followFrom(suite, anchor, () => undefined)).rejects.toMatchObject(failure);
    const e = await enter(world, eve);
    const early = e.cipher.join({ ...anchor, ...other }, given(world));
    await expect(early).rejects.toMatchObject(failure);
    await expect(followFrom(suite, anchor, logs(world))).resolves.toMatchObject({ anchored: true });
  });

  it("a new device goes on from the pins of its approval", async () => {
    const { world, a, b, sync, brought } = await busy();
    await say(world, b, "pinned here");
    await sync();
    const { log, epochs, transcript } = a.state.room;
    const last = epochs.last as Epoch;
    const rows = world.rows.slice(brought);
    const pin = { epoch: last.number, commit: last.hash, place: transcript.place, rows };
    const laptop = await addDevice(ada);
    grown(world, laptop.who);
    const anchor = { ...(await anchorAt(world, brought)), pin };
    const client = await enter(world, laptop.who, laptop.device);
    client.state = startGroup(await followFrom(suite, anchor, logs(world)));
    expect(client.state.room.log.head).toEqual(log.head);
    await change(world, client);
    await read(world, client);
    await say(world, client, "from my laptop");
    await sync();
    await read(world, client);
    expect([heard(client), heard(a).at(-1)]).toEqual([["from my laptop"], "from my laptop"]);
    expect(a.effects.at(-1)?.alarm).toBeUndefined();
    for (const wrong of [
      { commit: suite.random(32) },
      { epoch: pin.epoch + 1 },
      { place: { ...pin.place, hash: suite.random(32) } },
      { rows: [] },
      { rows: rows.map((row) => ({ ...row, bytes: suite.random(700) })) },
    ]) {
      const other = followFrom(suite, { ...anchor, pin: { ...pin, ...wrong } }, logs(world));
      await expect(other).rejects.toMatchObject(failure);
    }
  });

  it("takes a commit that was under way while its device was approved", async () => {
    const { world, a, b, sync, brought } = await busy();
    const slow = await b.cipher.change(b.state, [], given(world));
    await say(world, a, "meanwhile");
    await sync();
    const { epochs, transcript } = a.state.room;
    const last = epochs.last as Epoch;
    const rows = world.rows.slice(brought);
    const pin = { epoch: last.number, commit: last.hash, place: transcript.place, rows };
    const room = await followFrom(suite, { ...(await anchorAt(world, brought)), pin }, logs(world));
    post(world, slow);
    await sync();
    const row = world.rows.at(-1) as Row;
    const { effect } = await a.cipher.apply(startGroup(room), row, { devices: logs(world) });
    expect([effect.verdict, a.effects.at(-1)?.verdict]).toEqual(["valid", "valid"]);
  });

  it("sees what a cut has taken from the log, as those do who were there", async () => {
    const { world, a, b, sync } = await busy();
    const laptop = await addDevice(ben);
    grown(world, laptop.who);
    await change(world, b);
    await sync();
    const revoked = (await revoke(laptop.who, [ben.phone.id], laptop.device)).who;
    const author = { log: laptop.who.log, device: ben.phone };
    const late = await makeRoomEntry(suite, a.state.room.log, { ...LEAVE, time: now() }, author);
    grown(world, revoked);
    const step = await a.cipher.change(a.state, [], given(world));
    world.rows.push({ kind: "entry", bytes: late, place: world.rows.length + 1 });
    post(world, step);
    await sync();
    expect(a.effects.slice(-2).map(({ verdict }) => verdict)).toEqual(["valid", "valid"]);
    expect(a.effects.at(-1)?.dropped?.devices).toEqual([ben.phone.id]);
    const { epochs, transcript, log } = a.state.room;
    const last = epochs.last as Epoch;
    const pin = { epoch: last.number, commit: last.hash, place: transcript.place, rows: [] };
    const anchor = { ...(await anchorAt(world, world.rows.length)), pin };
    const room = await followFrom(suite, anchor, logs(world));
    expect([room.log.head, room.log.rows, room.log.pins]).toEqual([log.head, log.rows, log.pins]);
    expect(room.log.members).toEqual(log.members);
    const { previous, ...without } = anchor;
    expect(previous).toBeDefined();
    await expect(followFrom(suite, without, logs(world))).rejects.toMatchObject(failure);
    const wrong = { ...anchor, previous: anchor.commit.bytes };
    await expect(followFrom(suite, wrong, logs(world))).rejects.toMatchObject(failure);
  });

  it("knows of a member's device log no less than who was there: one that left begins anew", async () => {
    const { world, a, sync } = await busy();
    const early = eve;
    const laptop = await addDevice(eve);
    grown(world, laptop.who);
    await change(world, a);
    await sync();
    await change(world, a, remove(eve));
    await sync();
    const anchor = await anchorAt(world, world.rows.length);
    const room = await followFrom(suite, anchor, logs(world));
    expect(room.log.pins).toEqual(a.state.room.log.pins);
    const step = await makeRoomEntry(
      suite,
      room.log,
      { ...add(early), time: now() },
      { log: ada.log, device: ada.phone },
    );
    const row = { kind: "entry" as const, bytes: step, place: world.rows.length + 1 };
    const there = await a.cipher.apply(a.state, row, { devices: logs(world) });
    const fresh = await a.cipher.apply(startGroup(room), row, { devices: logs(world) });
    expect([there.effect.verdict, fresh.effect.verdict]).toEqual(["valid", "valid"]);
  });

  it("takes no message twice that stands behind its pin", async () => {
    const { world, a, b, sync, brought } = await busy();
    await say(world, b, "once");
    await sync();
    const { epochs, transcript } = a.state.room;
    const last = epochs.last as Epoch;
    const rows = world.rows.slice(brought);
    const pin = { epoch: last.number, commit: last.hash, place: transcript.place, rows };
    const room = await followFrom(suite, { ...(await anchorAt(world, brought)), pin }, logs(world));
    const again = { ...(world.rows.at(-1) as Row), place: world.rows.length + 1 };
    const { effect } = await a.cipher.apply(startGroup(room), again, { devices: logs(world) });
    expect(effect.verdict).toEqual({ void: "replay" });
  });
});

describe("device logs", () => {
  it("that a row names are told before it is applied, and no others", async () => {
    const { world, a, b, sync } = await busy();
    const laptop = await addDevice(ben);
    grown(world, laptop.who);
    await change(world, b);
    const [commit] = world.rows.slice(-1) as [Row];
    const known = logsOf(ada, ben, eve);
    const wants = (row: Row, devices = known) => wantedLogs(suite, a.state.room, row, devices);
    const wanted = { user: ben.user, root: ben.log.root, head: laptop.who.log.head };
    expect(await wants(commit)).toEqual([wanted]);
    expect(await wants(commit, logs(world))).toEqual([]);
    await sync();
    const { log } = laptop.who;
    const entry = await makeRoomEntry(
      suite,
      a.state.room.log,
      { ...LEAVE, time: now() },
      { log, device: ben.phone },
    );
    const place = world.rows.length + 1;
    expect(await wants({ kind: "entry", bytes: entry, place })).toEqual([wanted]);
    const grownOn = await addDevice(laptop.who);
    grown(world, (await revoke(grownOn.who, [grownOn.device.id])).who);
    await say({ ...world, rows: [...world.rows] }, b, "with a longer log");
    const sent = await b.cipher.encrypt(b.state, { id: world.room, payload: text("longer") }, given(world));
    const [own] = await wants(await messageRow(sent.message, place));
    expect([own?.user, own?.head.seq]).toEqual([ben.user, 4]);
    expect(await wants({ kind: "commit", bytes: suite.random(500), place })).toEqual([]);
    expect(await wants({ kind: "entry", bytes: suite.random(500), place })).toEqual([]);
  });

  it("a room that went over to another protocol has no more epochs and messages of this one", async () => {
    const { world, a, b, sync } = await busy();
    const step = await a.cipher.change(a.state, [], given(world));
    const sent = await b.cipher.encrypt(b.state, { id: world.room, payload: text("late") }, given(world));
    const upgrade = { op: "upgrade" as const, protocol: 2, suite: 1, time: now() };
    const bytes = await makeRoomEntry(suite, a.state.room.log, upgrade, { log: ada.log, device: ada.phone });
    world.rows.push({ kind: "entry", bytes, place: world.rows.length + 1 });
    world.rows.push(await messageRow(sent.message, world.rows.length + 1));
    post(world, step);
    await sync();
    const verdicts = a.effects.slice(-3).map(({ verdict }) => verdict);
    expect(verdicts).toEqual(["valid", { void: "epoch" }, { void: "head" }]);
    await expect(say(world, a, "hello")).rejects.toMatchObject({ code: "USAGE_INVALID" });
  });
});

describe("the outbox", () => {
  it("root_change_holds_outbox: what was composed goes by itself to nobody who was not there", async () => {
    const { world, clients } = await gather([ada, ben]);
    const [a, b] = clients as [Client, Client];
    const composed = audience(a.state.room.epochs.last);
    await change(world, b);
    await read(world, a);
    expect(newcomers(composed, a.state.room.epochs.last as Epoch)).toEqual([]);
    const reborn = await person("ben", ben.user);
    world.people = [ada, ben, reborn];
    await change(world, a, add(reborn));
    await read(world, a);
    const [held] = newcomers(composed, a.state.room.epochs.last as Epoch);
    expect([held?.user, held?.root]).toEqual([ben.user, reborn.log.root]);
    world.people = [ada, ben, reborn, eve];
    await change(world, a, remove(reborn), add(eve));
    await read(world, a);
    expect(newcomers(composed, a.state.room.epochs.last as Epoch).map(({ user }) => user)).toEqual([
      eve.user,
    ]);
    expect(newcomers([], a.state.room.epochs.last as Epoch)).toHaveLength(2);
  });
});

describe("keys of an epoch for other uses", () => {
  it("seal a name that every member opens, also when the epoch is over, and nobody who was removed", async () => {
    const { world, clients } = await gather([ada, ben, eve]);
    const [a, b, e] = clients as [Client, Client, Client];
    await change(world, a, remove(eve));
    for (const client of [a, b, e]) await read(world, client);
    const { hash } = a.state.room.epochs.last as Epoch;
    const context = tagged(TAGS.roomName, world.room, new Writer().u64(9).done());
    const sealed = await a.cipher.seal(a.state, "room-name", context, pad(utf8("Küche")));
    await change(world, a);
    for (const client of [a, b, e]) await read(world, client);
    const where = { room: world.room, seq: 9, sealed };
    const key = await b.cipher.exporter(b.state, "room-name", hash);
    await expect(openRoomName(suite, key, where)).resolves.toBe("Küche");
    const later = await b.cipher.exporter(b.state, "room-name");
    await expect(openRoomName(suite, later, where)).rejects.toMatchObject(failure);
    const other = await b.cipher.exporter(b.state, "vault", hash);
    await expect(openRoomName(suite, other, where)).rejects.toMatchObject(failure);
    await expect(e.cipher.exporter(e.state, "room-name", hash)).rejects.toMatchObject(failure);
  });

  it("a client takes no other row than the next, and says which", async () => {
    const { world, clients } = await gather([ada, ben]);
    const [a] = clients as [Client];
    const row = world.rows[0] as Row;
    const again = a.cipher.apply(a.state, row, given(world));
    await expect(again).rejects.toMatchObject({ code: "USAGE_INVALID" });
    const refused = a.cipher.change(a.state, [remove(ada)], given(world));
    await expect(refused).rejects.toMatchObject({ code: "USAGE_INVALID" });
    const stranger = await enter(world, await person("fay"));
    await expect(stranger.cipher.change(a.state, [], given(world))).rejects.toMatchObject({
      code: "USAGE_INVALID",
    });
  });
});
