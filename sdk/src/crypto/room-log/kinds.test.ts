import { beforeAll, describe, expect, it } from "vitest";
import { person, suite } from "../testing/cast.ts";
import {
  act,
  add,
  type Cast,
  create,
  DELETE,
  erase,
  evict,
  invite,
  LEAVE,
  logsOf,
  meet,
  must,
  newRoom,
  noRoot,
  remove,
  roleOf,
} from "../testing/rooms.ts";
import {
  directRoomId,
  memberOf,
  type RoomChange,
  type RoomEntry,
  type RoomLog,
  selfRoomId,
  standing,
  startRoomLog,
} from "./index.ts";

let cast: Cast;
let group: RoomLog;
beforeAll(async () => {
  ({ cast, group } = await meet());
});

describe("a direct room", () => {
  const direct = async ({ ada, ben }: Cast) => {
    const room = await directRoomId(suite, { ...ada.log }, { ...ben.log });
    const peer = { kind: "direct" as const, peer: ben.user, peerRoot: ben.log.root, peerHead: ben.log.head };
    return { room, change: create(peer) };
  };

  it("dm_created_twice: has one id whoever makes it, and the second create is void", async () => {
    const { ada, ben } = cast;
    const { room, change } = await direct(cast);
    expect(await directRoomId(suite, ben.log, ada.log)).toEqual(room);
    const log = await newRoom(ada, room, change);
    expect([roleOf(log, ada), roleOf(log, ben)]).toEqual([1, 1]);
    const back = { kind: "direct" as const, peer: ada.user, peerRoot: ada.log.root, peerHead: ada.log.head };
    expect((await act(log, ben, create(back))).verdict).toEqual({ void: "place" });
    const other = await act(startRoomLog(room), ben, create(back));
    expect(other.verdict).toBe("valid");
  });

  it("dm_third_member: nobody is added, and nobody leaves, deletes or names it", async () => {
    const { ada, ben, eve } = cast;
    const { room, change } = await direct(cast);
    const log = await newRoom(ada, room, change);
    const rename: RoomChange = { op: "rename", epoch: 1, commit: noRoot, sealed: noRoot };
    for (const what of [add(eve), invite(suite.random(16)), remove(ben), LEAVE, DELETE, rename]) {
      expect((await act(log, ada, what)).verdict).toEqual({ void: "right" });
    }
    expect((await act(log, eve, add(eve))).verdict).toEqual({ void: "right" });
    const upgrade = (protocol: number, suite: number): RoomChange => ({ op: "upgrade", protocol, suite });
    expect((await act(log, ben, upgrade(1, 1))).verdict).toEqual({ void: "right" });
    expect((await act(log, ben, upgrade(2, 1))).verdict).toBe("valid");
  });

  it("is made only under its own id, by one of the two, for two", async () => {
    const { ada, ben, eve } = cast;
    const { room, change } = await direct(cast);
    expect((await act(startRoomLog(suite.random(16)), ada, change)).verdict).toEqual({ void: "place" });
    expect((await act(startRoomLog(room), eve, change)).verdict).toEqual({ void: "place" });
    const shared = { ...change, history: "shared" } as RoomChange;
    expect((await act(startRoomLog(room), ada, shared)).verdict).toEqual({ void: "place" });
    const alone = { peer: ada.user, peerRoot: ada.log.root, peerHead: ada.log.head };
    const own = await directRoomId(suite, ada.log, ada.log);
    const verdict = (await act(startRoomLog(own), ada, create({ kind: "direct", ...alone }))).verdict;
    expect(verdict).toEqual({ void: "place" });
    const reborn = await person("ben", ben.user);
    expect(await directRoomId(suite, ada.log, reborn.log)).not.toEqual(room);
  });
});

describe("a self room", () => {
  it("is of one identity, under its own id, for good", async () => {
    const { ada, ben } = cast;
    const room = await selfRoomId(suite, ada.log);
    const change = create({ kind: "self" });
    const log = await newRoom(ada, room, change);
    expect((await act(log, ada, add(ben))).verdict).toEqual({ void: "right" });
    expect((await act(startRoomLog(room), ben, change)).verdict).toEqual({ void: "place" });
    for (const wrong of [
      create({ kind: "self", history: "shared" }),
      create({ kind: "self", peer: ben.user }),
    ]) {
      expect((await act(startRoomLog(room), ada, wrong)).verdict).toEqual({ void: "place" });
    }
    expect((await erase(log, ada)).verdict).toEqual({ void: "target" });
    const peered = create({ peerHead: ben.log.head });
    expect((await act(startRoomLog(suite.random(16)), ada, peered)).verdict).toEqual({ void: "place" });
    expect((await act(startRoomLog(suite.random(16)), ada, change)).verdict).toEqual({ void: "place" });
  });
});

describe("invites", () => {
  it("invite_overused: each add takes one use, and there are no more than were signed", async () => {
    const { ada, ben, eve } = cast;
    const id = suite.random(16);
    const fay = await person("fay");
    let log = await must(group, ada, invite(id));
    log = await must(log, ben, add(eve, 1, id));
    const over = await act(log, ben, add(fay, 1, id), { logs: logsOf(...Object.values(cast), fay) });
    expect(over.verdict).toEqual({ void: "target" });
  });

  it("give the role that was signed, are known, and end when withdrawn", async () => {
    const { ada, ben, eve } = cast;
    const id = suite.random(16);
    const log = await must(group, ada, invite(id, { uses: 3 }));
    expect((await act(log, ada, add(eve, 2, id))).verdict).toEqual({ void: "target" });
    expect((await act(log, ada, add(eve, 1, suite.random(16)))).verdict).toEqual({ void: "target" });
    expect((await act(log, ada, invite(id, { uses: 9 }))).verdict).toEqual({ void: "target" });
    const withdrawn = await must(log, ben, invite(id, { uses: 0 }));
    expect((await act(withdrawn, ada, add(eve, 1, id))).verdict).toEqual({ void: "target" });
    expect((await act(withdrawn, ada, invite(id, { uses: 0 }))).verdict).toEqual({ void: "target" });
    expect((await act(group, ada, invite(suite.random(16), { uses: 0 }))).verdict).toEqual({
      void: "target",
    });
  });

  it("stand a hundred at a time that somebody can still come by", async () => {
    const { ada, eve } = cast;
    let log = group;
    const first = suite.random(16);
    log = await must(log, ada, invite(first));
    for (let count = 1; count < 100; count++) log = await must(log, ada, invite(suite.random(16)));
    expect((await act(log, ada, invite(suite.random(16)))).verdict).toEqual({ void: "limit" });
    const withdrawn = await must(log, ada, invite(first, { uses: 0 }));
    await must(withdrawn, ada, invite(suite.random(16)));
    const used = await must(log, ada, add(eve, 1, first));
    const again = await must(used, ada, invite(suite.random(16)));
    expect((await act(again, ada, invite(suite.random(16)))).verdict).toEqual({ void: "limit" });
  });
});

describe("accounts and identities that are gone", () => {
  it("owner_deletes_account: the marker takes rights, any member evicts, and the place is filled", async () => {
    const { ada, ben, cem } = cast;
    const { log, verdict } = await erase(group, ada);
    expect(verdict).toBe("valid");
    expect(log.head).toEqual(group.head);
    expect(standing(log, ada.user, ada.log.root)).toBeUndefined();
    expect((await act(log, ada, DELETE)).verdict).toEqual({ void: "right" });
    const after = await must(log, cem, evict(ada));
    expect([roleOf(after, ada), roleOf(after, ben)]).toEqual([0, 3]);
    expect((await act(group, cem, evict(ada))).verdict).toEqual({ void: "target" });
  });

  it("a marker is nothing but that: no member's, not twice, not signed, not another operation", async () => {
    const { ada, eve } = cast;
    expect((await erase(group, eve)).verdict).toEqual({ void: "target" });
    expect((await erase(group, ada, { userRoot: eve.log.root })).verdict).toEqual({ void: "target" });
    const { log } = await erase(group, ada);
    expect((await erase(log, ada)).verdict).toEqual({ void: "target" });
    const { user, log: own, phone } = ada;
    for (const given of [
      { author: user },
      { root: own.root },
      { device: phone.id },
      { prev: group.head.hash },
    ]) {
      expect((await erase(group, ada, given)).verdict).toEqual({ void: "malformed" });
    }
    expect((await erase(group, ada, { op: "remove" } as Partial<RoomEntry>)).verdict).toEqual({
      void: "place",
    });
    expect((await erase(group, ada, { seq: 99 })).verdict).toEqual({ void: "place" });
    expect((await erase(group, ada, {}, suite.random(64))).verdict).toEqual({ void: "malformed" });
  });

  it("an identity that was made anew is added by somebody above, and has nothing of the old one's", async () => {
    const { ada, ben, cem } = cast;
    const reborn = await person("cem", cem.user);
    const logs = logsOf(...Object.values(cast), reborn);
    const id = suite.random(16);
    const invited = await must(group, ben, invite(id));
    // Whoever holds a link is new; a member's other root wants a person's decision.
    expect((await act(invited, ben, add(reborn, 1, id), { logs })).verdict).toEqual({ void: "target" });
    const log = await must(group, ben, add(reborn), { logs });
    expect(memberOf(log, cem.user)?.root).toEqual(reborn.log.root);
    expect((await act(log, cem, LEAVE)).verdict).toEqual({ void: "right" });
    const posing = await person("ada", ada.user);
    const taken = await act(group, ben, add(posing), { logs: logsOf(...Object.values(cast), posing) });
    expect(taken.verdict).toEqual({ void: "right" }); // Nobody takes the owner's place by a made-up reset.
  });
});
