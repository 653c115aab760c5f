/** A server that lies about who is in a room, and who was let in. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { equal, toBase64url } from "../../sdk/src/crypto/bytes/index.ts";
import { decodeInviteLink, makeJoin } from "../../sdk/src/crypto/invite/index.ts";
import { startRoomLog } from "../../sdk/src/crypto/room-log/index.ts";
import type { Talker } from "../story/chat-kit.ts";
import { refusal, type SdkKit, startSdkKit } from "../story/sdk-kit.ts";
import { forgeEntry, forgeMessage, said } from "../support/chat/forge.ts";
import { type LyingProxy, lyingProxy } from "../support/chat/lying-proxy.ts";
import { Insider, read, readTexts, restartedBy, roomOf, talkerBy } from "../support/chat/people.ts";
import { allRows, historyOf, putRow, wrappedFor } from "../support/chat/rows.ts";
import { giveAll, twinRoom } from "../support/chat/twin.ts";

let kit: SdkKit;
let proxy: LyingProxy;
let ada: Talker;
let ben: Talker;
let cem: Talker;
let eve: Talker;
/** Somebody to whom things happen that others go on without: keys take their time to be made. */
let dora: Talker;
beforeAll(async () => {
  kit = await startSdkKit();
  proxy = await lyingProxy(kit.stack.env.API_URL);
  dora = await talkerBy(kit, proxy.url, "dora");
  [ada, ben, cem, eve] = (await Promise.all(
    ["ada", "ben", "cem", "eve"].map((name) => talkerBy(kit, proxy.url, name)),
  )) as [Talker, Talker, Talker, Talker];
});
afterEach(() => proxy.honest());
afterAll(async () => {
  await kit?.stop();
  await proxy?.close();
});

describe("who is in a room", () => {
  it("removed_member_reads_nothing_new: the server gives cem every row and every wrap, and he reads no word", async () => {
    const room = await roomOf(ada, ben, cem);
    await room.remove(cem.id);
    const secret = await room.send("without cem");
    await expect(cem.trackit.rooms.get(room.id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    // As if he were a member to the database, with ben's wraps in place of his own.
    await kit.sql`update room_members set left_at = null where room_id = ${room.id} and user_id = ${cem.id}`;
    const bens = (await ben.trackit.devices.me()).id;
    await kit.sql`
      insert into epoch_recipients (room_id, epoch, user_id, device_id, wrap)
      select room_id, epoch, ${cem.id}, ${(await cem.trackit.devices.me()).id}, wrap from epoch_recipients
      where room_id = ${room.id} and device_id = ${bens} on conflict do nothing`;
    cem = await restartedBy(kit, proxy.url, cem);
    const shown = await read(cem.trackit, room.id);
    expect(shown.map(({ status, text }) => [status, text])).toEqual([
      ["sent", "first"],
      ["unreadable", ""],
    ]);
    expect(shown[1]?.id).toBe(secret.id);
    expect((await cem.trackit.rooms.get(room.id)).role).toBeNull();
    // What he says all the same is no message to anybody.
    const insider = await Insider.open(cem);
    const word = await forgeMessage(await insider.room(room.id), said("I am still here")).catch(() => null);
    if (word) await putRow(kit.sql, room.id, { kind: "message", bytes: word.bytes, by: cem.id });
    expect((await readTexts(ben.trackit, room.id)).filter((text) => !text.startsWith("["))).toEqual([
      "first",
      "without cem",
    ]);
    await insider.close();
  });

  it("remover_killed_between_steps: cem is removed with the epoch that goes with it, or not at all", async () => {
    const room = await roomOf(ada, ben, cem);
    const lost = proxy.asks("change_room", ada.id, () => null);
    await expect(room.remove(cem.id)).rejects.toMatchObject(refusal("NETWORK_OFFLINE"));
    lost.stop();
    expect((await ben.trackit.rooms.get(room.id)).members.map(({ userId }) => userId)).toContain(cem.id);
    // A server that takes the entry and leaves the commit out keeps him no longer: whoever is next makes up for it.
    const half = proxy.asks<{ change: { entries: string[] } }>(
      "change_room",
      ada.id,
      ({ change, ...args }) => {
        half.stop();
        return { ...args, change: { entries: change.entries } };
      },
    );
    await room.remove(cem.id);
    expect(half.times).toBe(1);
    const cems = (await cem.trackit.devices.me()).id;
    expect(await wrappedFor(kit.sql, room.id)).toContain(cems);
    await (await ben.trackit.rooms.get(room.id)).send("without cem");
    expect(await wrappedFor(kit.sql, room.id)).not.toContain(cems);
    expect(await readTexts(ada.trackit, room.id)).toEqual(["first", "without cem"]);
  });

  it("dm_third_member: nobody comes into the room of ada and ben, by an entry of ben's nor by the server's word", async () => {
    const room = await ada.trackit.rooms.direct(ben.id);
    await room.send("between us");
    const insider = await Insider.open(ben);
    const inside = await insider.room(room.id);
    const eves = await insider.core.directory.present(eve.id, "a lie");
    if (!eves) throw new Error("eve's devices are wanted");
    const add = { op: "add", user: eves.user, userRoot: eves.root, userHead: eves.head, role: 1 } as const;
    const entry = await forgeEntry(inside, { ...add, invite: new Uint8Array(16) });
    await expect(
      insider.ask("change_room", { room: room.id, change: { entries: [toBase64url(entry)] } }),
    ).rejects.toMatchObject(refusal("ACCESS_DENIED"));
    await putRow(kit.sql, room.id, { kind: "entry", bytes: entry, by: ben.id });
    await kit.sql`
      insert into room_members (room_id, user_id, root, role, since) select ${room.id}, user_id, root, 1, 2 from identities
      where user_id = ${eve.id} and retired_at is null`;
    await room.send("and still between us");
    expect((await ada.trackit.rooms.get(room.id)).members.map(({ userId }) => userId)).toEqual([
      ada.id,
      ben.id,
    ]);
    expect(await wrappedFor(kit.sql, room.id)).not.toContain((await eve.trackit.devices.me()).id);
    expect((await readTexts(eve.trackit, room.id)).filter((text) => !text.startsWith("["))).toEqual([]);
    expect((await readTexts(ben.trackit, room.id)).slice(-2)).toEqual(["between us", "and still between us"]);
    await insider.close();
  });

  it("dm_created_twice: a second beginning of the same room is none, and both go on in the first", async () => {
    const [hers, theirs] = await Promise.all([
      ada.trackit.rooms.direct(dora.id),
      dora.trackit.rooms.direct(ada.id),
    ]);
    expect(hers.id).toBe(theirs.id);
    await hers.send("one");
    const insider = await Insider.open(dora);
    const inside = await insider.room(hers.id);
    const { log } = inside.group.room;
    const adas = await insider.core.directory.present(ada.id, "a lie");
    if (!adas) throw new Error("ada's devices are wanted");
    const peer = { peer: adas.user, peerRoot: adas.root, peerHead: adas.head };
    const again = { op: "create", kind: "direct", protocol: 1, suite: 1, history: "none", ...peer } as const;
    const bytes = await forgeEntry(inside, again, startRoomLog(inside.room));
    await putRow(kit.sql, hers.id, { kind: "entry", bytes, by: dora.id });
    await hers.send("two");
    expect(await readTexts(dora.trackit, hers.id)).toEqual(["one", "two"]);
    expect([log.members.size, (await dora.trackit.rooms.get(hers.id)).members.length]).toEqual([2, 2]);
    await insider.close();
  });

  it("invite_server_joins_itself: who knows everything about an invite but its secret is not let in", async () => {
    const room = await roomOf(ada);
    const link = decodeInviteLink(await room.invite({ uses: 5 }));
    const insider = await Insider.open(eve);
    const { suite, directory, me } = insider.core;
    const log = directory.logs(me.user, me.root);
    if (!log) throw new Error("eve's devices are wanted");
    const guess = { ...link, secret: suite.random(32) };
    const request = await makeJoin(suite, guess, { log, device: me.signer, logSeq: 2, time: Date.now() });
    await insider.ask("request_join", { request: toBase64url(request) });
    // Signed by eve and all; and an entry that lets her in, signed by nobody who may.
    await ada.trackit.rooms.get(room.id);
    await expect.poll(() => kit.sql`select 1 from join_requests where room_id = ${room.id}`).toEqual([]);
    const [created] = await allRows(kit.sql, room.id);
    const forged = Buffer.from(created?.bytes ?? "", "base64url");
    await putRow(kit.sql, room.id, { kind: "entry", bytes: forged, by: ada.id });
    await room.send("who is there?");
    expect((await ada.trackit.rooms.get(room.id)).members.map(({ userId }) => userId)).toEqual([ada.id]);
    expect(equal(link.secret, guess.secret)).toBe(false);
    await insider.close();
  });

  it("a link leads into the room that it was made for, and not into one that the server has eve begin under its id", async () => {
    const room = await roomOf(ada);
    const text = await room.invite();
    const link = decodeInviteLink(text);
    const insider = await Insider.open(eve);
    const { rows, wrap } = await twinRoom(insider, link.room, cem);
    const { head, rows: shown } = historyOf(room.id, rows);
    const seats = await kit.sql`
      select user_id, root, rows from identities where user_id in ${kit.sql([eve.id, cem.id])} and retired_at is null`;
    const members = seats.map(({ root, rows: log_rows, user_id }) => ({
      user_id,
      root: toBase64url(new Uint8Array(root)),
      log_rows: Number(log_rows),
    }));
    const standing = { id: room.id, topic_rev: 1, stamp: "twin", members, ...head };
    proxy.answers("heads", cem.id, () => [standing]);
    proxy.answers("room_rows", cem.id, (_, { args }) => shown.filter(({ seq }) => seq > Number(args.after)));
    proxy.answers("room_wraps", cem.id, () => [{ epoch: 1, wrap }]);
    await expect(cem.trackit.rooms.join(text)).rejects.toMatchObject(refusal("CRYPTO_IDENTITY"));
    await insider.close();
  });

  it("invite_overused: an invite for one is one's, though the server counts nothing and asks again", async () => {
    const room = await roomOf(ada);
    const link = await room.invite({ uses: 1 });
    const stop = room.on("room", () => {});
    await ben.trackit.rooms.join(link, { signal: AbortSignal.timeout(60_000) });
    await kit.sql`update room_invites set used = 0, uses = 100 where room_id = ${room.id}`;
    const joining = cem.trackit.rooms.join(link, { signal: AbortSignal.timeout(60_000) });
    const late = joining.catch((error: unknown) => error);
    const asks = () => kit.sql`select 1 from join_requests where room_id = ${room.id}`;
    await expect.poll(asks).toHaveLength(1);
    // ada has no use for the invite any more; what is left of it she takes away when she looks at the room.
    await ada.trackit.rooms.get(room.id);
    await expect.poll(asks).toEqual([]);
    expect(await late).toMatchObject(refusal("ACCESS_NOT_FOUND"));
    const members = (await ada.trackit.rooms.get(room.id)).members.map(({ userId }) => userId);
    expect(members).toEqual([ada.id, ben.id]);
    stop();
  });

  it("grant_of_none_epoch: what was said before cem came stays closed, whatever the server says of the room", async () => {
    const room = await roomOf(ada, ben);
    await room.add(cem.id);
    await kit.sql`update rooms set history = 'shared' where id = ${room.id}`;
    const insider = await Insider.open(ben);
    await giveAll(insider, room.id, cem.id);
    const [granted] =
      await kit.sql`select grantor from room_grants where room_id = ${room.id} and recipient = ${cem.id}`;
    expect(granted?.grantor).toBe(ben.id);
    cem = await restartedBy(kit, proxy.url, cem);
    expect(await readTexts(cem.trackit, room.id)).toEqual(["[unreadable]"]);
    await room.send("for cem as well");
    expect(await readTexts(cem.trackit, room.id)).toEqual(["[unreadable]", "for cem as well"]);
    await insider.close();
  });

  it("owner_deletes_account: the room goes on without them, and the admin is its owner", async () => {
    const made = await dora.trackit.rooms.create({ members: [ada.id, ben.id] });
    await made.setRole(ada.id, "admin");
    await made.send("I am going");
    const lost = (await dora.trackit.devices.me()).id;
    expect(await wrappedFor(kit.sql, made.id)).toContain(lost);
    const { API_URL, SECRET_KEY } = kit.stack.env;
    const gone = await fetch(`${API_URL}/auth/v1/admin/users/${dora.id}`, {
      method: "DELETE",
      headers: { apikey: SECRET_KEY, authorization: `Bearer ${SECRET_KEY}` },
    });
    expect(gone.status).toBe(200);
    await expect(dora.trackit.rooms.get(made.id)).rejects.toMatchObject({ name: "TrackItError" });
    const bens = await ben.trackit.rooms.get(made.id);
    await bens.send("without dora");
    expect(await wrappedFor(kit.sql, made.id)).not.toContain(lost);
    const hers = await ada.trackit.rooms.get(made.id);
    expect([hers.role, await readTexts(ada.trackit, made.id)]).toEqual([
      "owner",
      ["I am going", "without dora"],
    ]);
    await hers.remove(ben.id);
    await expect(bens.send("after that")).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
  });
});
