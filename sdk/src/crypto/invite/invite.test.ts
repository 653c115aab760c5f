import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type Bytes, concat } from "../bytes/index.ts";
import type { Signer } from "../device-log/index.ts";
import { pinHeads, type RoomLog } from "../room-log/index.ts";
import { addDevice, damages, otherS, type Person, person, revoke, suite } from "../testing/cast.ts";
import { act, add, type Cast, DELETE, invite, LEAVE, logsOf, meet, must, remove } from "../testing/rooms.ts";
import {
  checkJoin,
  decodeInviteLink,
  decodeJoin,
  encodeInviteLink,
  encodeJoin,
  hashInviteSecret,
  type InviteLink,
  isInvitedBy,
  type Join,
  makeJoin,
} from "./index.ts";

const NOW = 1_000;
let cast: Cast;
let room: RoomLog;
let link: InviteLink;

beforeAll(async () => {
  let group: RoomLog;
  ({ cast, group } = await meet());
  const [id, secret] = [suite.random(16), suite.random(32)];
  const signed = { ...invite(id), expires: 2 * NOW, secretHash: await hashInviteSecret(suite, secret) };
  room = await must(group, cast.ada, signed);
  const { user: inviter, log } = cast.ada;
  link = { room: room.room, invite: id, secret, head: room.head, inviter, root: log.root };
});

const ask = (who: Person, { device = who.phone, door = link, logSeq = room.rows } = {}) =>
  makeJoin(suite, door, { log: who.log, device, logSeq, time: NOW });

function check(bytes: Uint8Array, given: { secret?: Bytes; log?: RoomLog; now?: number; who?: Person } = {}) {
  const { secret = link.secret, log = room, now = NOW, who = cast.eve } = given;
  return checkJoin(suite, bytes, { secret, log, now, logs: logsOf(...Object.values(cast), who) });
}
const voidOf = async (...given: Parameters<typeof check>) => (await check(...given)).verdict;

describe("an invite's link", () => {
  it("reads back as it was written, and in no other way", () => {
    expect(decodeInviteLink(encodeInviteLink(link))).toEqual(link);
    const text = encodeInviteLink(link);
    for (const wrong of [
      "",
      "1.",
      text.slice(1),
      `2${text.slice(1)}`,
      `${text}A`,
      text.slice(0, -1),
      `${text}=`,
    ]) {
      expect(() => decodeInviteLink(wrong)).toThrow(expect.objectContaining({ code: "CRYPTO_OPEN_FAILED" }));
    }
  });

  it("leads into the room that its inviter signed it for, and into no other", async () => {
    expect(await isInvitedBy(suite, room, link)).toBe(true);
    const { ben, cem } = cast;
    const wrong: Partial<InviteLink>[] = [
      { secret: suite.random(32) },
      { invite: suite.random(16) },
      { room: suite.random(16) },
      { head: { seq: room.head.seq, hash: suite.random(32) } },
      { inviter: ben.user },
      { root: cem.log.root },
    ];
    for (const part of wrong) expect(await isInvitedBy(suite, room, { ...link, ...part })).toBe(false);
  });
});

describe("a request to join", () => {
  const bytes = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((array) => new Uint8Array(array));

  it("decode(encode(x)) = x", () => {
    const joins: fc.Arbitrary<Join> = fc.record({
      room: bytes(16),
      invite: bytes(16),
      logSeq: fc.maxSafeNat(),
      user: bytes(16),
      root: bytes(32),
      deviceHead: fc.record({ seq: fc.maxSafeNat(), hash: bytes(32) }),
      device: bytes(16),
      time: fc.maxSafeNat(),
    });
    fc.assert(
      fc.property(joins, (join) => {
        expect(decodeJoin(concat(encodeJoin(join), new Uint8Array(128))).join).toEqual(join);
      }),
    );
  });

  it("of eve, who was given the link, is taken, and lets her be added once", async () => {
    const { ada, eve } = cast;
    const { verdict, join } = await check(await ask(eve));
    expect([verdict, join?.user]).toEqual(["valid", eve.user]);
    const log = await must(room, ada, add(eve, 1, link.invite));
    expect(await voidOf(await ask(eve), { log })).toEqual({ void: "invite" });
  });

  it("no flipped, cut or added byte is taken", async () => {
    for (const damaged of damages(await ask(cast.eve))) {
      expect(await voidOf(damaged)).toHaveProperty("void");
    }
  });

  it("invite_server_joins_itself: nobody is let in without the secret", async () => {
    const guessed = { ...link, secret: suite.random(32) };
    expect(await voidOf(await ask(cast.eve, { door: guessed }))).toEqual({ void: "mac" });
    expect(await voidOf(await ask(cast.eve), { secret: suite.random(32) })).toEqual({ void: "invite" });
    const { ben, eve } = cast;
    const swapped = { ...ben.log, user: eve.user, root: eve.log.root };
    const taken = await makeJoin(suite, link, { log: swapped, device: eve.phone, logSeq: 0, time: NOW });
    expect(await voidOf(taken)).toEqual({ void: "head" });
    const other = { ...link, room: suite.random(16) };
    expect(await voidOf(await ask(eve, { door: other }))).toEqual({ void: "place" });
  });

  it("high_s, key_substitution: the device signs for itself", async () => {
    const { ben, eve } = cast;
    const request = await ask(eve);
    const high = concat(request.slice(0, -64), otherS(request.slice(-64)));
    expect(await voidOf(high)).toEqual({ void: "signature" });
    const posing: Signer = { ...ben.phone, id: eve.phone.id };
    expect(await voidOf(await ask(eve, { device: posing }))).toEqual({ void: "signature" });
    expect(await voidOf(await ask(eve, { device: ben.phone }))).toEqual({ void: "device" });
  });

  it("of a device that is revoked by now, or of a head that is on no log", async () => {
    const laptop = await addDevice(cast.eve);
    const request = await ask(laptop.who, { device: laptop.device });
    expect(await voidOf(request, { who: laptop.who })).toBe("valid");
    expect(await voidOf(request)).toEqual({ void: "head" });
    const { who } = await revoke(laptop.who, [laptop.device.id]);
    expect(await voidOf(request, { who })).toEqual({ void: "device" });
  });

  it("after its time, after it was withdrawn, and of somebody who is in", async () => {
    const { ada, cem, eve } = cast;
    expect(await voidOf(await ask(eve), { now: 2 * NOW })).toEqual({ void: "expired" });
    const log = await must(room, ada, invite(link.invite, { uses: 0 }));
    expect(await voidOf(await ask(eve), { log })).toEqual({ void: "invite" });
    expect(await voidOf(await ask(cem))).toEqual({ void: "member" });
    const gone = await must(room, ada, DELETE);
    expect(await voidOf(await ask(eve), { log: gone })).toEqual({ void: "invite" });
    const { who } = await addDevice(eve);
    const pinned = pinHeads(room, [{ user: eve.user, root: eve.log.root, head: who.log.head }]);
    expect(await voidOf(await ask(eve), { log: pinned, who })).toEqual({ void: "head" });
  });

  it("brings nobody back who left after asking, or who was removed since the invite", async () => {
    const { ada, ben, cem } = cast;
    const asked = await ask(cem);
    const left = await must(room, cem, LEAVE);
    expect(await voidOf(asked, { log: left })).toEqual({ void: "gone" });
    expect(await voidOf(await ask(cem, { logSeq: left.rows }), { log: left })).toBe("valid");
    const removed = await must(room, ada, remove(cem));
    const again = await ask(cem, { logSeq: removed.rows });
    expect(await voidOf(again, { log: removed })).toEqual({ void: "gone" });
    const id = suite.random(16);
    const secretHash = await hashInviteSecret(suite, link.secret);
    const signed = { ...invite(id), expires: 2 * NOW, secretHash };
    const log = await must(removed, ben, signed);
    const later = await ask(cem, { door: { ...link, invite: id }, logSeq: log.rows });
    expect(await voidOf(later, { log })).toBe("valid");
  });

  it("rubbish is void, never an exception", async () => {
    for (const length of [0, 1, 127, 128, 281, 400]) {
      expect(await voidOf(suite.random(length))).toEqual({ void: "malformed" });
    }
    const row = (await act(room, cast.ada, add(cast.eve))).row;
    expect(await voidOf(row)).toEqual({ void: "malformed" });
    const fay = await person("fay");
    expect(await voidOf(await ask(fay))).toEqual({ void: "head" });
  });
});
