import { beforeAll, describe, expect, it } from "vitest";
import { type Bytes, concat, toHex } from "../bytes/index.ts";
import { sealBytes } from "../chunked/index.ts";
import type { Head } from "../codec.ts";
import type { Signer } from "../device-log/index.ts";
import { learnPast } from "../epoch/index.ts";
import { keysOf, withSecret } from "../group/index.ts";
import type { WrapKeys } from "../suite/index.ts";
import { TAGS } from "../tags.ts";
import { addDevice, damages, now, otherS, type Person, person, revoke, suite } from "../testing/cast.ts";
import { add, remove } from "../testing/rooms.ts";
import {
  type Client,
  change,
  enter,
  gather,
  grown,
  heard,
  logs,
  rawOf,
  read,
  say,
  type World,
} from "../testing/world.ts";
import { type EpochBytes, type Grantee, makeGrant, openGrant } from "./index.ts";
import { encodeGrant, encodeGrantHead, encodeSecrets } from "./layout.ts";
import { grantContext, grantLabel } from "./make.ts";

let ada: Person;
let ben: Person;
let eve: Person;
let keys: WrapKeys;
beforeAll(async () => {
  keys = await suite.makeWrapKeys();
  ada = await person("ada");
  ben = await person("ben");
  eve = await person("eve", undefined, keys.publicKey);
});
const failure = { code: "CRYPTO_OPEN_FAILED" };

/** What a client can grant: the secret of each epoch that was wrapped for it. */
function secretsOf(world: World, client: Client): EpochBytes[] {
  const device = toHex(client.device.id);
  return [...world.wraps.values()].flatMap((wraps, at) => {
    const wrap = wraps.get(device);
    return wrap ? [{ epoch: at + 1, secret: rawOf(wrap) }] : [];
  });
}

/** Eve joins a room of two after two epochs, and reads all of it that she may. */
async function late(history: "none" | "shared") {
  const { world, clients } = await gather([ada, ben], { history });
  const [a, b] = clients as [Client, Client];
  await say(world, a, "before eve");
  await read(world, b);
  world.people = [...world.people, eve];
  await change(world, a, add(eve));
  for (const client of [a, b]) await read(world, client);
  const e = await enter(world, eve);
  await read(world, e);
  return { world, a, b, e };
}
const grantee = (who: Person, device: Signer, wrapKeys = keys): Grantee => ({
  user: who.user,
  root: who.log.root,
  id: device.id,
  wrapKey: wrapKeys.publicKey,
  unwrap: (wrapped, label) => suite.unwrap(wrapKeys.privateKey, wrapped, label),
});
const give = (
  world: World,
  from: Client,
  secrets: EpochBytes[],
  to = { who: eve, device: eve.phone },
  head?: Head,
) =>
  makeGrant(suite, {
    room: world.room,
    grantor: { user: from.who.user, signer: from.device, deviceHead: head ?? from.who.log.head },
    recipient: { user: to.who.user, device: { id: to.device.id, wrapKey: keys.publicKey } },
    secrets,
    time: now(),
  });
const take = (world: World, e: Client, grant: Bytes, who = grantee(eve, eve.phone)) =>
  openGrant(suite, e.state.room, grant, who, logs(world));

describe("a grant", () => {
  it("opens the past to somebody new, where the room shares it", async () => {
    const { world, a, e } = await late("shared");
    expect(heard(e)).toEqual([]);
    const secrets = secretsOf(world, a).slice(0, 2);
    const opened = await take(world, e, await give(world, a, secrets));
    expect(opened).toEqual(secrets);
    for (const { epoch, secret } of opened) {
      e.state = await withSecret(suite, e.state, epoch, await suite.hmacKey(secret));
    }
    const unread = e.effects.find(({ message }) => message);
    await expect(e.cipher.decrypt(e.state, unread as never)).resolves.toMatchObject({ text: "before eve" });
  });

  it("grant_of_none_epoch: of a room that shares nothing is refused, and no secret of it is taken", async () => {
    const { world, a, e } = await late("none");
    const grant = await give(world, a, secretsOf(world, a).slice(0, 2));
    await expect(take(world, e, grant)).rejects.toMatchObject(failure);
  });

  it("is refused whole where it holds an epoch that its signed head does not name", async () => {
    const { world, a, e } = await late("shared");
    const secrets = secretsOf(world, a).slice(0, 2);
    const made = async (from: number, to: number) => {
      const wrapKey = await suite.sha256(keys.publicKey);
      const bundle = suite.random(32);
      const head = encodeGrantHead({
        ...{ suite: 1, room: world.room, time: now(), from, to, wrapKey },
        ...{ grantor: ada.user, device: a.device.id, deviceHead: ada.log.head },
        ...{ recipient: eve.user, recipientDevice: eve.phone.id },
      });
      const label = await grantLabel(suite, head, eve.phone.id, wrapKey);
      const key = await suite.hmacKey(bundle);
      const sealed = await sealBytes(suite, key, grantContext(head), encodeSecrets(secrets));
      const body = encodeGrant(head, await suite.wrap(keys.publicKey, bundle, label), sealed);
      return concat(body, await a.device.sign(TAGS.grantSig, await suite.hash(TAGS.grant, body)));
    };
    for (const [from, to] of [
      [1, 1],
      [2, 2],
      [2, 9],
    ] as const) {
      await expect(take(world, e, await made(from, to))).rejects.toMatchObject(failure);
    }
    expect(await take(world, e, await made(1, 2))).toEqual(secrets);
  });

  it("is refused of somebody whom the server says to be gone", async () => {
    const { world, a, e } = await late("shared");
    const grant = await give(world, a, secretsOf(world, a).slice(0, 2));
    const { log } = e.state.room;
    const gone = new Map([...log.members].map(([user, one]) => [user, { ...one, erased: true }]));
    const room = { ...e.state.room, log: { ...log, members: gone } };
    const other = openGrant(suite, room, grant, grantee(eve, eve.phone), logs(world));
    await expect(other).rejects.toMatchObject(failure);
  });

  it("is taken from one's own other device, whatever the room shares", async () => {
    const { world, clients } = await gather([ada, eve]);
    const [, e] = clients as [Client, Client];
    const laptop = await addDevice(eve);
    grown(world, laptop.who);
    const other = await enter(world, laptop.who, laptop.device);
    await change(world, other);
    await read(world, e);
    await read(world, other);
    const to = { who: laptop.who, device: laptop.device };
    const behind = await give(world, e, secretsOf(world, e).slice(0, 2), to);
    const grant = await give(world, { ...e, who: laptop.who }, secretsOf(world, e).slice(0, 2), to);
    const own = grantee(laptop.who, laptop.device);
    await expect(openGrant(suite, other.state.room, grant, own, logs(world))).resolves.toHaveLength(2);
    await expect(openGrant(suite, other.state.room, behind, own, logs(world))).rejects.toMatchObject(failure);
    const fake = { ...own, root: suite.random(32) };
    await expect(openGrant(suite, other.state.room, grant, fake, logs(world))).rejects.toMatchObject(failure);
  });

  it("one wrong secret refuses all; so do an unknown epoch and one beyond the range", async () => {
    const { world, a, e } = await late("shared");
    const [first, second] = secretsOf(world, a) as [EpochBytes, EpochBytes];
    const wrong: EpochBytes[][] = [
      [first, { ...second, secret: suite.random(32) }],
      [first, { ...second, secret: first.secret }],
      [first, second, { epoch: 99, secret: second.secret }],
    ];
    for (const secrets of wrong) {
      await expect(take(world, e, await give(world, a, secrets))).rejects.toMatchObject(failure);
    }
    await expect(give(world, a, [second, first])).rejects.toMatchObject({ code: "USAGE_INVALID" });
    await expect(give(world, a, [])).rejects.toMatchObject({ code: "USAGE_INVALID" });
  });

  it("of another room, device, key, outsider or revoked device is refused", async () => {
    const { world, a, b, e } = await late("shared");
    const secrets = secretsOf(world, a).slice(0, 1);
    const grant = await give(world, a, secrets);
    const elsewhere = { ...e.state.room, log: { ...e.state.room.log, room: suite.random(16) } };
    await expect(
      openGrant(suite, elsewhere, grant, grantee(eve, eve.phone), logs(world)),
    ).rejects.toMatchObject(failure);
    await expect(take(world, e, grant, grantee(eve, ben.phone))).rejects.toMatchObject(failure);
    await expect(take(world, e, grant, grantee(ben, eve.phone))).rejects.toMatchObject(failure);
    const otherKeys = { ...keys, publicKey: ben.log.keys.get(toHex(ben.phone.id))?.wrapKey as Bytes };
    await expect(take(world, e, grant, grantee(eve, eve.phone, otherKeys))).rejects.toMatchObject(failure);
    const outsider = await person("fay");
    const stranger = { ...a, who: outsider, device: outsider.phone };
    await expect(take(world, e, await give(world, stranger, secrets))).rejects.toMatchObject(failure);
    const laptop = await addDevice(ben);
    const gone = await revoke(laptop.who, [ben.phone.id], laptop.device);
    grown(world, gone.who);
    const dismissed = { ...b, who: gone.who };
    await expect(take(world, e, await give(world, dismissed, secrets))).rejects.toMatchObject(failure);
    await change(world, a, remove(ben));
    await read(world, e);
    await expect(take(world, e, await give(world, b, secrets))).rejects.toMatchObject(failure);
    await expect(take(world, e, grant)).resolves.toHaveLength(1);
  });

  it("no flipped, cut or added byte is accepted, nor the other s", async () => {
    const { world, a, e } = await late("shared");
    const grant = await give(world, a, secretsOf(world, a).slice(0, 1));
    for (const damaged of damages(grant, 5)) {
      await expect(take(world, e, damaged)).rejects.toMatchObject(failure);
    }
    const high = concat(grant.slice(0, -64), otherS(grant.slice(-64)));
    await expect(take(world, e, high)).rejects.toMatchObject(failure);
  });
});

describe("epochs before one's own", () => {
  it("are learned along the chain, and no other commit is", async () => {
    const { world, a } = await late("shared");
    const commits = world.rows.filter(({ kind }) => kind === "commit").map(({ bytes }) => bytes);
    const { epochs } = a.state.room;
    const [latest] = [...epochs.past].slice(-1) as [[number, never]];
    const short = { ...epochs, past: new Map([latest]) };
    const older = commits.slice(0, -1).reverse();
    expect((await learnPast(suite, short, older)).past).toEqual(
      new Map([...epochs.past].sort(([one], [other]) => other - one)),
    );
    await expect(learnPast(suite, short, older.slice(1))).rejects.toMatchObject(failure);
    await expect(learnPast(suite, short, [commits.at(-1) as Bytes])).rejects.toMatchObject(failure);
    expect(keysOf(a.state)).toBeDefined();
  });
});
