import { beforeAll, describe, expect, it } from "vitest";
import { type Bytes, concat, toHex } from "../bytes/index.ts";
import { NO_HEAD } from "../codec.ts";
import { decodeCommit, type Epoch } from "../epoch/index.ts";
import { cutLog, encodeRoomEntry, makeRoomEntry, pinKey } from "../room-log/index.ts";
import { now, type Person, person, suite } from "../testing/cast.ts";
import { add, evict, invite, nobody, noRoot, remove } from "../testing/rooms.ts";
import {
  type Client,
  change,
  forged,
  gather,
  given,
  heard,
  logs,
  post,
  postCommit,
  read,
  say,
  verdicts,
  type World,
} from "../testing/world.ts";

let people: Person[];
beforeAll(async () => {
  people = await Promise.all(["ada", "ben", "cem"].map((name) => person(name)));
});
const meet = async () => {
  const { world, clients } = await gather(people);
  const [a, b, c] = clients as [Client, Client, Client];
  return { world, a, b, c, clients };
};

/** The server says that somebody is gone, whether they are or not. */
function mark(world: World, { user, log: { root } }: Person): void {
  const seq = world.rows.filter(({ kind }) => kind === "entry").length + 1;
  const none = { author: nobody, root: noRoot, device: nobody, deviceHead: NO_HEAD, prev: noRoot };
  const what = { op: "erased", user, userRoot: root } as const;
  const body = encodeRoomEntry({ room: world.room, seq, time: now(), ...none, ...what });
  world.rows.push({ kind: "entry", bytes: concat(body, new Uint8Array(64)), place: world.rows.length + 1 });
}

describe("the server's marker", () => {
  it("takes somebody out of the next list, and a commit that lists them still is void", async () => {
    const { world, a, b, c } = await meet();
    const cem = people[2] as Person;
    const listed = await b.cipher.change(b.state, [], given(world));
    mark(world, cem);
    post(world, listed);
    expect(await verdicts(world, a, b)).toEqual(Array(2).fill({ void: "members" }));
    await expect(say(world, a, "to cem as well")).rejects.toMatchObject({ code: "USAGE_INVALID" });
    await read(world, c);
    await change(world, a);
    await read(world, a);
    await say(world, a, "without cem");
    for (const client of [a, b, c]) await read(world, client);
    expect(b.effects.at(-2)).toMatchObject({ verdict: "valid", dropped: { devices: [cem.phone.id] } });
    expect([heard(b), heard(c)]).toEqual([["without cem"], []]);
  });

  it("counts for the membership that stood: who was evicted and added again is listed again", async () => {
    const { world, a, b } = await meet();
    const cem = people[2] as Person;
    mark(world, cem);
    await change(world, a, evict(cem), add(cem));
    expect(await verdicts(world, a, b)).toEqual(["valid", "valid"]);
    const { heads } = b.state.room.epochs.last as Epoch;
    expect(heads.has(toHex(cem.user))).toBe(true);
  });

  it("for everybody leaves a room in which nothing is said any more, and nothing escapes", async () => {
    const { world, a, clients } = await meet();
    for (const who of people) mark(world, who);
    expect(await verdicts(world, ...clients)).toEqual(["valid", "valid", "valid"]);
    const refused = { code: "USAGE_INVALID" };
    await expect(say(world, a, "?")).rejects.toMatchObject(refused);
    await expect(change(world, a)).rejects.toMatchObject(refused);
    await expect(change(world, a, evict(people[1] as Person))).rejects.toMatchObject(refused);
  });

  it("between a cut and its commit is nobody's entry: what others signed after it stays", async () => {
    const { world, a, b } = await meet();
    const entry = async (client: Client) => {
      await read(world, client);
      const { log } = client.state.room;
      const author = { log: client.who.log, device: client.device };
      const bytes = await makeRoomEntry(suite, log, { ...invite(suite.random(16)), time: now() }, author);
      world.rows.push({ kind: "entry", bytes, place: world.rows.length + 1 });
    };
    await entry(a);
    const cut = world.rows.length;
    mark(world, people[2] as Person);
    await read(world, b);
    await entry(a);
    await read(world, b);
    const { log } = b.state.room;
    expect(cutLog(log, [a.device.id], cut).invites.size).toBe(1);
    const marker = log.before as typeof log;
    expect(cutLog(marker, [a.device.id], cut)).toBe(marker);
  });
});

describe("a list", () => {
  it("pins nobody who was removed after the head that it names", async () => {
    const { world, a, b } = await meet();
    const cem = people[2] as Person;
    const before = await b.cipher.change(b.state, [], given(world));
    const author = { log: a.who.log, device: a.device };
    const gone = await makeRoomEntry(suite, a.state.room.log, { ...remove(cem), time: now() }, author);
    world.rows.push({ kind: "entry", bytes: gone, place: world.rows.length + 1 });
    post(world, before);
    expect(await verdicts(world, a)).toEqual(["valid"]);
    expect(a.state.room.log.pins.has(pinKey(cem.user, cem.log.root))).toBe(false);
  });

  it("has nothing but zeros for a member without a device", async () => {
    const { world, a, b } = await meet();
    const cem = people[2] as Person;
    const keys = new Map([...cem.log.keys].map(([id, key]) => [id, { ...key, revoked: 1 }]));
    world.people = [...people.slice(0, 2), { ...cem, log: { ...cem.log, keys } }];
    const { commit } = await a.cipher.change(a.state, [], given(world));
    const empty = decodeCommit(commit).commit.list.find(({ user }) => toHex(user) === toHex(cem.user));
    expect([empty?.device, empty?.wrap]).toEqual([nobody, noRoot]);
    const full = (bytes: Bytes) =>
      forged(bytes, a.device, (one) => ({
        ...one,
        list: one.list.map((row) =>
          row.device.every((byte) => byte === 0) ? { ...row, wrap: noRoot.map(() => 1) } : row,
        ),
      }));
    postCommit(world, await full(commit));
    expect(logs(world)(cem.user, cem.log.root)?.keys).toBe(keys);
    expect(await verdicts(world, b)).toEqual([{ void: "devices" }]);
  });
});
