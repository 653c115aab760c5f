import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { concat, toHex } from "../bytes/index.ts";
import { makeDeviceEntry, type Signer, startDeviceLog } from "../device-log/index.ts";
import {
  addDevice,
  append,
  damages,
  newSigner,
  now,
  otherS,
  person,
  revoke,
  suite,
} from "../testing/cast.ts";
import {
  act,
  add,
  type Cast,
  create,
  DELETE,
  erase,
  invite,
  LEAVE,
  logsOf,
  meet,
  must,
  newRoom,
  noRoot,
  remove,
  roleOf,
  setRole,
} from "../testing/rooms.ts";
import {
  applyRoomEntry,
  decodeRoomEntry,
  encodeRoomEntry,
  pinHeads,
  type Role,
  type RoomChange,
  type RoomEntry,
  type RoomLog,
  signRoomEntry,
} from "./index.ts";

let cast: Cast;
let group: RoomLog;
beforeAll(async () => {
  ({ cast, group } = await meet());
});

describe("the encoding of an entry", () => {
  const bytes = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((array) => new Uint8Array(array));
  const seq = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
  const head = fc.record({ seq: fc.maxSafeNat(), hash: bytes(32) });
  const role = fc.constantFrom<Role>(1, 2, 3);
  const op = <Name extends string>(name: Name) => ({ op: fc.constant(name) });
  const user = { user: bytes(16) };
  const changes = fc.oneof(
    fc.record({
      ...op("create"),
      kind: fc.constantFrom("group", "direct", "self"),
      protocol: fc.constant(1),
      suite: fc.constant(1),
      history: fc.constantFrom("none", "shared"),
      peer: bytes(16),
      peerRoot: bytes(32),
      peerHead: head,
    }),
    fc.record({ ...op("add"), ...user, userRoot: bytes(32), userHead: head, role, invite: bytes(16) }),
    fc.record({ ...op("remove"), ...user }),
    fc.record({ ...op("role"), ...user, role }),
    fc.record({
      ...op("invite"),
      invite: bytes(16).filter((id) => id.some((byte) => byte > 0)),
      role,
      uses: fc.nat(65535),
      expires: fc.maxSafeNat(),
      secretHash: bytes(32),
    }),
    fc.record(op("leave")),
    fc.record({ ...op("evict"), ...user }),
    fc.record({ ...op("rename"), epoch: seq, commit: bytes(32), sealed: fc.nat(1024).chain(bytes) }),
    fc.record(op("delete")),
    fc.record({ ...op("upgrade"), protocol: fc.nat(255), suite: fc.nat(255) }),
    fc.record({ ...op("erased"), ...user, userRoot: bytes(32) }),
  );
  const common = fc.record({
    room: bytes(16),
    seq,
    prev: bytes(32),
    author: bytes(16),
    root: bytes(32),
    device: bytes(16),
    deviceHead: head,
    time: fc.maxSafeNat(),
  });

  it("decode(encode(x)) = x", () => {
    fc.assert(
      fc.property(common, changes, (place, change) => {
        const entry = { ...place, ...change } as RoomEntry;
        expect(decodeRoomEntry(concat(encodeRoomEntry(entry), new Uint8Array(64))).entry).toEqual(entry);
      }),
    );
  });

  it("no flipped, cut or added byte is taken, and none makes an exception", async () => {
    const { ada, eve } = cast;
    const { row } = await act(group, ada, add(eve));
    const logs = logsOf(...Object.values(cast));
    for (const damaged of damages(row)) {
      const { log, verdict } = await applyRoomEntry(suite, group, { bytes: damaged, place: 9 }, logs);
      expect(verdict).toHaveProperty("void");
      expect(log).toEqual({ ...group, rows: group.rows + 1 });
    }
  });
});

describe("a group", () => {
  it("is its maker's, who adds whom he wants below himself", () => {
    const { ada, ben, cem, eve } = cast;
    expect([ada, ben, cem, eve].map((who) => roleOf(group, who))).toEqual([3, 2, 1, 0]);
  });

  it("keeps to the table of rights, cell by cell", async () => {
    const { ada, ben, cem, eve } = cast;
    const id = suite.random(16);
    const rename: RoomChange = { op: "rename", epoch: 1, commit: noRoot, sealed: noRoot };
    const upgrade: RoomChange = { op: "upgrade", protocol: 2, suite: 1 };
    const table: [RoomChange, ...boolean[]][] = [
      // what                  owner  admin  member outsider
      [add(eve), true, true, false, false],
      [add(eve, 2), true, false, false, false],
      [add(eve, 3), false, false, false, false],
      [remove(cem), true, true, false, false],
      [remove(ben), true, false, false, false],
      [remove(ada), false, false, false, false],
      [setRole(cem, 2), true, false, false, false],
      [setRole(cem, 3), true, false, false, false],
      [invite(id), true, true, false, false],
      [invite(id, { role: 2 }), true, false, false, false],
      [invite(id, { role: 3 }), false, false, false, false],
      [LEAVE, true, true, true, false],
      [rename, true, true, false, false],
      [DELETE, true, false, false, false],
      [upgrade, true, false, false, false],
    ];
    for (const [change, ...cells] of table) {
      const verdicts = [ada, ben, cem, eve].map(async (who) => (await act(group, who, change)).verdict);
      const wanted = cells.map((may) => (may ? "valid" : { void: "right" }));
      expect(await Promise.all(verdicts), JSON.stringify(change)).toEqual(wanted);
    }
  });

  it("a member cannot remove himself, make himself an admin, or be added twice", async () => {
    const { ada, cem } = cast;
    expect((await act(group, cem, remove(cem))).verdict).toEqual({ void: "right" });
    expect((await act(group, cem, setRole(cem, 2))).verdict).toEqual({ void: "right" });
    expect((await act(group, ada, setRole(ada, 1))).verdict).toEqual({ void: "right" });
    expect((await act(group, ada, add(cem))).verdict).toEqual({ void: "target" });
    expect((await act(group, ada, setRole(cem, 1))).verdict).toEqual({ void: "target" });
  });

  it("an owner who makes another one is an admin from then on", async () => {
    const { ada, cem } = cast;
    const log = await must(group, ada, setRole(cem, 3));
    expect([roleOf(log, ada), roleOf(log, cem)]).toEqual([2, 3]);
    expect((await act(log, ada, DELETE)).verdict).toEqual({ void: "right" });
  });

  it("an owner who leaves is followed by the oldest admin, then the oldest member; then nobody is left", async () => {
    const { ada, ben, cem } = cast;
    const benOwns = await must(group, ada, LEAVE);
    expect([roleOf(benOwns, ada), roleOf(benOwns, ben), roleOf(benOwns, cem)]).toEqual([0, 3, 1]);
    const cemOwns = await must(benOwns, ben, LEAVE);
    expect(roleOf(cemOwns, cem)).toBe(3);
    const empty = await must(cemOwns, cem, LEAVE);
    expect([empty.members.size, empty.deleted]).toEqual([0, true]);
  });

  it("an owner is followed by the admin who came first", async () => {
    const { ada, ben, cem } = cast;
    const log = await must(group, ada, setRole(cem, 2));
    const after = await must(log, ada, LEAVE);
    expect([roleOf(after, ben), roleOf(after, cem)]).toEqual([3, 2]);
  });

  it("an owner is followed by an admin who came late before a member who came early, and by nobody erased", async () => {
    const { ada, ben, cem } = cast;
    let log = await newRoom(ada);
    log = await must(log, ada, add(cem));
    log = await must(log, ada, add(ben, 2));
    expect(roleOf(await must(log, ada, LEAVE), ben)).toBe(3);
    const { log: without } = await erase(log, ben);
    const after = await must(without, ada, LEAVE);
    expect([roleOf(after, ben), roleOf(after, cem)]).toEqual([2, 3]);
    expect((await act(without, ada, setRole(ben, 3))).verdict).toEqual({ void: "target" });
  });

  it("has at most a thousand members; a member's other root is nobody more", async () => {
    const { ada, cem, eve } = cast;
    const members = new Map(group.members);
    for (let count = members.size; count < 1_000; count++) {
      const user = suite.random(16);
      members.set(toHex(user), { user, root: noRoot, role: 1, since: 9, erased: false });
    }
    const full = { ...group, members };
    expect((await act(full, ada, add(eve))).verdict).toEqual({ void: "limit" });
    const reborn = await person("cem", cem.user);
    await must(full, ada, add(reborn), { logs: logsOf(...Object.values(cast), reborn) });
  });

  it("that was deleted takes nothing more", async () => {
    const { ada, eve } = cast;
    const gone = await must(group, ada, DELETE);
    expect((await act(gone, ada, add(eve))).verdict).toEqual({ void: "place" });
    expect((await erase(gone, ada)).verdict).toEqual({ void: "place" });
  });

  it("is upgraded and never downgraded", async () => {
    const { ada } = cast;
    const log = await must(group, ada, { op: "upgrade", protocol: 1, suite: 2 });
    const down: RoomChange = { op: "upgrade", protocol: 2, suite: 1 };
    expect((await act(log, ada, down)).verdict).toEqual({ void: "right" });
    expect((await act(log, ada, { ...down, protocol: 1, suite: 2 })).verdict).toEqual({ void: "right" });
  });

  it("a void row burns its number and nothing else: rubbish, a second create, a stale entry", async () => {
    const { ada, ben, eve } = cast;
    const stale = (await act(group, ada, remove(cast.cem))).row;
    const logs = logsOf(...Object.values(cast));
    let log = await must(group, ben, add(eve));
    for (const bytes of [suite.random(300), stale, new Uint8Array()]) {
      const next = await applyRoomEntry(suite, log, { bytes, place: 9 }, logs);
      expect(next.verdict).toHaveProperty("void");
      log = next.log;
    }
    expect((await act(log, ada, create())).verdict).toEqual({ void: "place" });
    expect(roleOf(await must(log, ada, remove(eve)), eve)).toBe(0);
  });
});

describe("signers", () => {
  it("high_s and key_substitution", async () => {
    const { ada, ben, eve } = cast;
    const { row } = await act(group, ada, add(eve));
    const high = concat(row.slice(0, -64), otherS(row.slice(-64)));
    const logs = logsOf(...Object.values(cast));
    expect((await applyRoomEntry(suite, group, { bytes: high, place: 9 }, logs)).verdict).toEqual({
      void: "signature",
    });
    const posing: Signer = { ...ben.phone, id: ada.phone.id };
    expect((await act(group, ada, add(eve), { device: posing })).verdict).toEqual({ void: "signature" });
    expect((await act(group, ada, add(eve), { device: ben.phone })).verdict).toEqual({ void: "device" });
  });

  it("a recovery key is no device, and a device of another identity of ada's is not ada's", async () => {
    const { ada, eve } = cast;
    const recovery = await newSigner(ada.user);
    const change = { op: "recovery" as const, signingKey: recovery.publicKey, time: now() };
    const row = await makeDeviceEntry(suite, ada.log, change, { signer: ada.phone, added: recovery });
    const { who } = await append(ada, row);
    expect((await act(group, who, add(eve), { device: recovery })).verdict).toEqual({ void: "device" });
    const reborn = await person("ada", ada.user);
    expect((await act(group, reborn, add(eve))).verdict).toEqual({ void: "right" });
  });

  it("head_goes_back: once a later head was named, a revoked device cannot name the one before", async () => {
    const { ada, eve } = cast;
    const laptop = await addDevice(ada);
    const before = await must(group, laptop.who, add(eve), { device: laptop.device });
    const gone = await revoke(laptop.who, [laptop.device.id]);
    const logs = logsOf(...Object.values(cast), gone.who);
    const late = () => act(named, laptop.who, remove(eve), { device: laptop.device, logs });
    let named = before;
    expect((await late()).verdict).toBe("valid"); // Nobody has told the room of the revoke yet.
    named = await must(before, gone.who, setRole(eve, 2), { logs });
    expect((await late()).verdict).toEqual({ void: "head" });
    named = pinHeads(before, [{ user: ada.user, root: ada.log.root, head: gone.who.log.head }]);
    expect((await late()).verdict).toEqual({ void: "head" });
  });

  it("a head that is on no log that the server shows", async () => {
    const { ada, eve } = cast;
    const { who } = await addDevice(ada);
    const hidden = logsOf(...Object.values(cast));
    expect((await act(group, who, add(eve), { logs: hidden })).verdict).toEqual({ void: "head" });
    const forged = { ...eve, log: { ...eve.log, head: { seq: 1, hash: suite.random(32) } } };
    expect((await act(group, ada, add(forged))).verdict).toEqual({ void: "head" });
    expect((await act(group, ada, add(eve), { logs: logsOf(ada) })).verdict).toEqual({ void: "head" });
  });

  it("search_returns_another: an added root that is not the added user's", async () => {
    const { ada, ben, eve } = cast;
    const mixed = { ...eve, user: ben.user };
    expect((await act(await newRoom(ada), ada, add(mixed))).verdict).toEqual({ void: "head" });
  });
});

it("an entry of a device log is none of a room, nor the other way about", async () => {
  const { ada } = cast;
  const [row = new Uint8Array()] = ada.rows;
  const logs = logsOf(...Object.values(cast));
  const verdict = (await applyRoomEntry(suite, group, { bytes: row, place: 9 }, logs)).verdict;
  expect(verdict).toHaveProperty("void");
  const { row: entry } = await act(group, ada, remove(cast.cem));
  const log = startDeviceLog(ada.user, ada.log.root);
  expect((await append({ ...ada, log }, entry)).verdict).toEqual({ void: "malformed" });
  expect(await signRoomEntry(suite, decodeRoomEntry(entry).entry, ada.phone)).toHaveLength(entry.length);
});
