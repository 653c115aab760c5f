import { beforeAll, describe, expect, it } from "vitest";
import { addDevice, damages, suite } from "../testing/cast.ts";
import {
  act,
  add,
  type Cast,
  erase,
  evict,
  invite,
  LEAVE,
  logsOf,
  meet,
  must,
  noRoot,
  remove,
  roleOf,
  setRole,
} from "../testing/rooms.ts";
import {
  cutLog,
  forgetBefore,
  memberOf,
  nameKey,
  openRoomName,
  pinHeads,
  pinKey,
  type RoomLog,
  roomAt,
  sealName,
  standing,
} from "./index.ts";

let cast: Cast;
let group: RoomLog;
beforeAll(async () => {
  ({ cast, group } = await meet());
});

describe("history of a log", () => {
  it("roomAt gives the state at a head, and null for a head that never was", async () => {
    const { ada, eve } = cast;
    const log = await must(group, ada, add(eve));
    expect(roleOf(roomAt(log, group.head) as RoomLog, eve)).toBe(0);
    expect(roleOf(roomAt(log, log.head) as RoomLog, eve)).toBe(1);
    expect(roomAt(log, { seq: 2, hash: noRoot })).toBeNull();
    expect(roomAt(forgetBefore(log, group.head.seq), group.head)).not.toBeNull();
    expect(roomAt(forgetBefore(log, log.head.seq), group.head)).toBeNull();
  });

  it("stolen_device_backdates: what a dropped device signed after the cut goes, with all that followed", async () => {
    const { ada, ben, cem, eve } = cast;
    const laptop = await addDevice(ada);
    const logs = logsOf(...Object.values(cast), laptop.who);
    let log = await must(group, laptop.who, setRole(cem, 2), { device: laptop.device, place: 10 });
    const settled = log.head;
    log = await must(log, laptop.who, add(eve), { device: laptop.device, place: 12 });
    log = await must(log, ben, remove(eve), { place: 13, logs });
    log = (await erase(log, cem)).log;
    const cut = cutLog(log, [laptop.device.id], 11);
    expect([cut.head, cut.rows]).toEqual([settled, log.rows]);
    expect([roleOf(cut, cem), roleOf(cut, eve)]).toEqual([2, 0]);
    expect(memberOf(cut, cem.user)?.erased).toBe(true);
    expect(cut.pins.get(pinKey(ada.user, ada.log.root))).toEqual(laptop.who.log.head);
    expect(cutLog(log, [laptop.device.id], 12)).toBe(log);
    expect(cutLog(log, [eve.phone.id], 0)).toBe(log);
  });

  it("pins go forward alone, and a cut leaves them where they are", async () => {
    const { ada, ben, cem } = cast;
    const laptop = await addDevice(ada);
    const tablet = await addDevice(laptop.who);
    const pin = (who: { log: { head: { seq: number } } }) => [
      { user: ada.user, root: ada.log.root, head: who.log.head as typeof ada.log.head },
    ];
    const key = pinKey(ada.user, ada.log.root);
    const ahead = pinHeads(group, pin(tablet.who));
    expect(pinHeads(ahead, pin(laptop.who)).pins.get(key)).toEqual(tablet.who.log.head);
    let log = await must(group, ben, remove(cem), { place: 20 });
    log = await must(log, tablet.who, setRole(ben, 1), { place: 21 });
    const cut = cutLog(log, [ben.phone.id], 19);
    expect([cut.head, cut.pins.get(key)]).toEqual([group.head, tablet.who.log.head]);
  });

  it("going back forgets neither the server's marker nor the pin of somebody who is a member again", async () => {
    const { ada, ben, cem } = cast;
    const from = group.place;
    let log = await must(group, ben, invite(suite.random(16)));
    log = (await erase(log, cem)).log;
    log = await must(log, ada, evict(cem));
    expect(memberOf(cutLog(log, [ben.phone.id], from), cem.user)?.erased).toBe(true);
    const removed = await must(group, ben, remove(cem));
    const key = pinKey(cem.user, cem.log.root);
    expect([removed.pins.has(key), cutLog(removed, [ben.phone.id], from).pins.get(key)]).toEqual([
      false,
      cem.log.head,
    ]);
  });

  it("two_views_fork: a longer log of ada's that was forked before what was pinned is not ada's", async () => {
    const { ada, eve } = cast;
    const seen = await addDevice(ada);
    const forked = await addDevice((await addDevice(ada)).who);
    const pin = { user: ada.user, root: ada.log.root, head: seen.who.log.head };
    const pinned = pinHeads(group, [pin]);
    const logs = logsOf(...Object.values(cast), forked.who);
    expect((await act(group, forked.who, add(eve), { logs })).verdict).toBe("valid");
    expect((await act(pinned, forked.who, add(eve), { logs })).verdict).toEqual({ void: "head" });
  });

  it("a removal counts without its commit, which is due", async () => {
    const { ada, cem } = cast;
    const log = await must(group, ada, remove(cem));
    expect(standing(log, cem.user, cem.log.root)).toBeUndefined();
    expect((await act(log, cem, LEAVE)).verdict).toEqual({ void: "right" });
  });
});

describe("a room's name", () => {
  it("opens in its own room and entry, and nowhere else", async () => {
    const room = suite.random(16);
    const commit = suite.random(32);
    const key = await nameKey(suite, await suite.hmacKey(suite.random(32)), commit);
    const sealed = await sealName(suite, key, { room, seq: 4, name: "Küche" });
    expect(sealed.length).toBeLessThanOrEqual(1024);
    await expect(openRoomName(suite, key, { room, seq: 4, sealed })).resolves.toBe("Küche");
    const failure = { code: "CRYPTO_OPEN_FAILED" };
    await expect(openRoomName(suite, key, { room, seq: 5, sealed })).rejects.toMatchObject(failure);
    const elsewhere = { room: suite.random(16), seq: 4, sealed };
    await expect(openRoomName(suite, key, elsewhere)).rejects.toMatchObject(failure);
    for (const damaged of damages(sealed, 7)) {
      await expect(openRoomName(suite, key, { room, seq: 4, sealed: damaged })).rejects.toMatchObject(
        failure,
      );
    }
  });
});
