import { beforeAll, describe, expect, it } from "vitest";
import { type Bytes, concat } from "../bytes/index.ts";
import type { Epoch } from "../epoch/index.ts";
import { type EpochKeys, type Row, rewind, underWay } from "../group/index.ts";
import { addDevice, damages, otherS, type Person, person, suite } from "../testing/cast.ts";
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
  read,
  say,
  text,
  verdicts,
  type World,
} from "../testing/world.ts";
import { decodeMessage, type MessageHeader, makeMessage, openMessage, tombstone } from "./index.ts";

let people: Person[];
beforeAll(async () => {
  people = await Promise.all(["ada", "ben", "cem"].map((name) => person(name)));
});
const meet = async () => {
  const { world, clients } = await gather(people);
  const [a, b, c] = clients as [Client, Client, Client];
  return { world, a, b, c, clients };
};
type MessageRow = Extract<Row, { kind: "message" }>;
const last = (world: World) => world.rows.at(-1) as MessageRow;
const next = (world: World) => world.rows.length + 1;
/** What a client makes of a row, without taking it. */
const tried = async (world: World, client: Client, row: Row) =>
  (await client.cipher.apply(client.state, row, { devices: logs(world) })).effect;
/** A message of a client's as it would be made now, with other words in its header. */
const lie = async (client: Client, header: Partial<MessageHeader>, words = "a lie") => {
  const { room, keys, own } = client.state;
  const { last: epoch } = room.epochs;
  const { root } = [...keys.values()].at(-1) as EpochKeys;
  const honest = {
    room: room.log.room,
    epoch: epoch?.number ?? 0,
    commit: epoch?.hash as Bytes,
    seq: own.seq + 1,
    id: suite.random(16),
    prev: own.hash,
    deviceHead: client.who.log.head,
    seen: room.transcript.place,
    time: 1,
  };
  return (await makeMessage(suite, root, { ...honest, ...header }, text(words), client.device)).bytes;
};

describe("a message", () => {
  it("is refused by the check that it fails", async () => {
    const { world, a, b } = await meet();
    await say(world, a, "the first");
    await read(world, a);
    await read(world, b);
    const cases: [string, Partial<MessageHeader>][] = [
      ["columns", { room: suite.random(16) }],
      ["epoch", { epoch: 1 }],
      ["epoch", { epoch: 3 }],
      ["epoch", { commit: suite.random(32) }],
      ["head", { deviceHead: { seq: 2, hash: suite.random(32) } }],
      ["head", { deviceHead: { seq: 1, hash: suite.random(32) } }],
      ["replay", { id: last(world).columns.id }],
      ["equivocation", { seq: 1, prev: new Uint8Array(32) }],
      ["sequence", { prev: suite.random(32) }],
    ];
    for (const [reason, header] of cases) {
      const effect = await tried(world, b, await messageRow(await lie(a, header), next(world)));
      expect([reason, effect.verdict]).toEqual([reason, { void: reason }]);
      expect(effect.payload).toBeUndefined();
    }
    const honest = await tried(world, b, await messageRow(await lie(a, {}), next(world)));
    expect(honest).toMatchObject({
      verdict: "valid",
      payload: { text: "a lie" },
      message: { gap: 0, alarm: false },
    });
  });

  it("no flipped, cut or added byte is accepted, nor the other s", async () => {
    const { world, a, b } = await meet();
    await say(world, a, "hello");
    const row = last(world);
    expect((await tried(world, b, row)).payload).toEqual(text("hello"));
    for (const damaged of damages(row.bytes as Bytes)) {
      const { verdict, payload, message } = await tried(world, b, { ...row, bytes: damaged });
      expect([verdict === "valid", payload, message]).toEqual([false, undefined, undefined]);
    }
    const high = concat(row.bytes.slice(0, -64), otherS(row.bytes.slice(-64)));
    expect((await tried(world, b, { ...row, bytes: high })).verdict).toEqual({ void: "signature" });
  });

  it("suite_downgrade_column: columns that differ from the signed header are refused", async () => {
    const { world, a, b } = await meet();
    await say(world, a, "hello");
    const row = last(world);
    const others = [
      { suite: 0 },
      { suite: 2 },
      { class: "control" as const },
      { room: suite.random(16) },
      { epoch: 1 },
      { device: b.device.id },
      { seq: 2 },
      { id: suite.random(16) },
    ];
    for (const other of others) {
      const columns = { ...row.columns, ...other } as MessageRow["columns"];
      expect((await tried(world, b, { ...row, columns })).verdict).toEqual({ void: "columns" });
    }
    const bytes = Uint8Array.from(row.bytes, (byte, at) => (at === 1 ? 2 : byte));
    expect((await tried(world, b, { ...row, bytes })).verdict).toEqual({ void: "malformed" });
    const strict = { ...b.state, room: { ...b.state.room, log: { ...b.state.room.log, suite: 2 } } };
    const { effect } = await b.cipher.apply(strict, row, { devices: logs(world) });
    expect(effect.verdict).toEqual({ void: "columns" });
  });

  it("of somebody outside, and of somebody's other device, is refused", async () => {
    const { world, a, b } = await meet();
    const eve = await person("eve");
    const outside = { ...a, who: eve, device: eve.phone };
    const { verdict } = await tried(world, b, await messageRow(await lie(outside, {}), next(world)));
    expect(verdict).toEqual({ void: "device" });
    const laptop = await addDevice(a.who);
    grown(world, laptop.who);
    const early = { ...a, who: laptop.who, device: laptop.device };
    const other = await tried(world, b, await messageRow(await lie(early, {}), next(world)));
    expect(other.verdict).toEqual({ void: "device" });
  });

  it("of an epoch that is over is refused, whenever it was signed", async () => {
    const { world, a, b } = await meet();
    const late = await lie(a, {});
    await change(world, b);
    await read(world, b);
    expect((await tried(world, b, await messageRow(late, next(world)))).verdict).toEqual({ void: "epoch" });
  });

  it("whose body says anything but a payload is valid and not read", async () => {
    const { world, a, b } = await meet();
    const wrong = { kind: "unknown" as const, number: 0, bytes: new Uint8Array() };
    await say(world, a, wrong);
    expect(await verdicts(world, b)).toEqual(["valid"]);
    expect(b.effects.at(-1)?.payload).toBeUndefined();
    await say(world, a, { ...wrong, number: 9 });
    await read(world, b);
    expect(b.effects.at(-1)?.payload).toEqual({ ...wrong, number: 9 });
  });
});

describe("what a server withholds, repeats and splits", () => {
  it("tail_drop_seen_on_next: a message that is missing shows with the next one", async () => {
    const { world, a, b } = await meet();
    await say(world, a, "withheld");
    await say(world, a, "given");
    const second = await messageRow(last(world).bytes as Bytes, next(world) - 2);
    const effect = await tried(world, b, second);
    expect(effect).toMatchObject({ verdict: "valid", message: { gap: 1 } });
  });

  it("two_views_fork: histories that differ are seen by the first message across", async () => {
    const { world, a, b, c } = await meet();
    const other: World = { ...world, rows: [...world.rows] };
    await say(world, c, "for ada alone");
    await read(world, a);
    await say(other, c, "for ben alone");
    await read(other, b);
    await say(world, a, "hello");
    const crossed = await messageRow(last(world).bytes as Bytes, next(other));
    const effect = await tried(other, b, crossed);
    expect(effect).toMatchObject({ verdict: "valid", message: { alarm: true }, alarm: { user: a.who.user } });
    const commit = await a.cipher.change(a.state, [], given(world));
    const place = next(other);
    const voided = await tried(other, b, { kind: "commit", bytes: commit.commit, place });
    expect(voided).toMatchObject({ verdict: { void: "seen" }, alarm: { device: a.device.id } });
  });

  it("same_seq_two_hashes: two messages under one number, neither to be trusted", async () => {
    const { world, a, b } = await meet();
    const twin = await lie(a, {}, "one thing to ben");
    const first = await say(world, a, "another to cem");
    await read(world, b);
    const effect = await tried(world, b, await messageRow(twin, next(world)));
    const { hash } = await decodeMessage(suite, twin);
    expect(effect).toMatchObject({ verdict: { void: "equivocation" }, twins: [first, hash] });
  });

  it("cloned_profile: a device that finds what it never sent knows that there are two of it", async () => {
    const { world, a, b } = await meet();
    const clone: Client = { ...a, effects: [] };
    await say(world, a, "from the one");
    await read(world, a);
    expect(a.effects.some(({ copy }) => copy)).toBe(false);
    await read(world, clone);
    expect(clone.effects.at(-1)?.copy).toBe(true);
    await read(world, b);
    const { state } = a;
    await say(
      world,
      { ...clone, state: { ...state, own: { seq: 0, hash: new Uint8Array(32) } } },
      "from the other",
    );
    await read(world, a);
    expect(a.effects.at(-1)).toMatchObject({ verdict: { void: "equivocation" }, copy: true });
    await read(world, b);
    expect(b.effects.at(-1)?.copy).toBeUndefined();
  });

  it("a device that reads everything anew is no copy of itself", async () => {
    const { world, a } = await meet();
    await say(world, a, "one");
    await say(world, a, "two");
    const again = await enter(world, a.who);
    again.state = { ...again.state, own: a.state.own, seen: a.state.own.seq };
    await read(world, again);
    expect(heard(again)).toEqual(["one", "two"]);
    expect(again.effects.some(({ copy }) => copy)).toBe(false);
  });

  it("a server that shows own messages late, or in another order, makes nobody a copy", async () => {
    const { world, a } = await meet();
    for (const words of ["one", "two", "three"]) await say(world, a, words);
    const [first, second, third] = world.rows.splice(-3) as [Row, Row, Row];
    for (const row of [second, first, third]) world.rows.push({ ...row, place: world.rows.length + 1 });
    const effects = await read(world, a);
    expect(effects.map(({ verdict }) => verdict)).toEqual(["valid", { void: "sequence" }, "valid"]);
    expect(effects.some(({ copy }) => copy)).toBe(false);
    const again = await enter(world, a.who);
    again.state = { ...again.state, own: a.state.own, seen: a.state.own.seq };
    await read(world, again);
    expect(again.effects.some(({ copy }) => copy)).toBe(false);
  });

  it("a message that this device never signed is a copy's, also where its place is wrong", async () => {
    const { world, a, b } = await meet();
    await say(world, a, "mine");
    await read(world, a);
    await read(world, b);
    const row = await messageRow(await lie(a, { prev: suite.random(32) }), next(world));
    expect(await tried(world, a, row)).toMatchObject({ verdict: { void: "sequence" }, copy: true });
    expect((await tried(world, b, row)).copy).toBeUndefined();
  });

  it("raises an alarm where its sender has not seen the commit of its epoch", async () => {
    const { world, a, b } = await meet();
    const { transcript, epochs } = a.state.room;
    const { place } = epochs.last as Epoch;
    const seen = { seq: place - 1, hash: transcript.history[place - 1 - transcript.from] as Bytes };
    const early = await tried(world, b, await messageRow(await lie(a, { seen }), next(world)));
    expect([early.verdict, early.message?.alarm]).toEqual(["valid", true]);
    const honest = await tried(world, b, await messageRow(await lie(a, {}), next(world)));
    expect([honest.verdict, honest.message?.alarm]).toEqual(["valid", false]);
  });

  it("lost_ack_retry: the same bytes are one message, however often they arrive", async () => {
    const { world, a, b } = await meet();
    await say(world, a, "once");
    const { bytes } = last(world);
    await read(world, a);
    expect(underWay(a.state)).toEqual([]);
    for (const client of [a, b]) {
      await read(world, client);
      const effect = await tried(world, client, await messageRow(bytes as Bytes, next(world)));
      expect(effect).toMatchObject({ verdict: { void: "replay" } });
      expect(effect.copy).toBeUndefined();
    }
    expect(heard(b)).toEqual(["once"]);
  });

  it("an epoch that moved: the same id, the same number, in the new epoch, and once", async () => {
    const { world, a, b } = await meet();
    const id = suite.random(16);
    await say(world, a, "too late", id);
    const lost = world.rows.pop() as MessageRow;
    expect(() => rewind(a.state, a.device.id)).toThrow(expect.objectContaining({ code: "USAGE_INVALID" }));
    await change(world, b);
    await read(world, a);
    a.state = rewind(a.state, a.device.id);
    await say(world, a, "in time", id);
    expect([last(world).columns.seq, last(world).columns.id]).toEqual([1, id]);
    expect(last(world).bytes).not.toEqual(lost.bytes);
    await read(world, a);
    await read(world, b);
    expect(heard(b)).toEqual(["in time"]);
    const again = await messageRow(lost.bytes as Bytes, next(world));
    expect((await tried(world, b, again)).verdict).toEqual({ void: "epoch" });
    expect(a.effects.some(({ copy }) => copy)).toBe(false);
  });
});

describe("a tombstone", () => {
  it("keeps place, author and number of what is gone, and says nothing", async () => {
    const { world, a, b } = await meet();
    const hash = await say(world, a, "secret");
    const whole = last(world);
    const bytes = tombstone(await decodeMessage(suite, whole.bytes));
    expect(bytes).toHaveLength(315);
    const row = { ...whole, bytes, tombstone: true };
    const { verdict, message, payload } = await tried(world, b, row);
    expect([verdict, message?.hash, message?.body, payload]).toEqual(["valid", hash, null, undefined]);
    world.rows[world.rows.length - 1] = row;
    await read(world, b);
    await say(world, a, "next");
    await read(world, b);
    expect(b.effects.at(-1)).toMatchObject({ verdict: "valid", message: { gap: 0, alarm: false } });
    for (const damaged of damages(bytes, 3)) {
      const effect = await tried(world, a, { ...row, bytes: damaged });
      expect(effect.verdict).not.toBe("valid");
    }
  });

  it("does not open, and a key for it opens nothing else", async () => {
    const { world, a, b } = await meet();
    await say(world, a, "secret");
    const message = await decodeMessage(suite, last(world).bytes);
    const { root } = [...b.state.keys.values()].at(-1) as EpochKeys;
    await expect(openMessage(suite, root, message)).resolves.toEqual(text("secret"));
    const failure = { code: "CRYPTO_OPEN_FAILED" };
    await expect(openMessage(suite, root, { ...message, body: null })).rejects.toMatchObject(failure);
    const { root: old } = [...a.state.keys.values()].at(0) as EpochKeys;
    await expect(openMessage(suite, old, message)).rejects.toMatchObject(failure);
  });
});
