import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../bytes/index.ts";
import { due } from "../epoch/index.ts";
import { startTrail } from "../message/index.ts";
import { addDevice, type Person, person, revoke, suite } from "../testing/cast.ts";
import { remove } from "../testing/rooms.ts";
import {
  type Client,
  change,
  enter,
  gather,
  given,
  grown,
  heard,
  logs,
  read,
  say,
  type World,
} from "../testing/world.ts";
import { keysOf, type Row, underWay } from "./index.ts";

let ada: Person;
let ben: Person;
let cem: Person;
beforeAll(async () => {
  [ada, ben, cem] = (await Promise.all(["ada", "ben", "cem"].map((name) => person(name)))) as [
    Person,
    Person,
    Person,
  ];
});
const meet = async () => {
  const { world, clients } = await gather([ada, ben, cem]);
  const [first, second, third] = clients as [Client, Client, Client];
  return { world, clients, a: first, b: second, c: third };
};
const all = async (world: World, ...clients: Client[]) => {
  for (const client of clients) await read(world, client);
};
const dueFor = (world: World, { state }: Client) =>
  due(state.room, logs(world), { readable: keysOf(state) !== undefined, now: 0 });

describe("a room", () => {
  it("everybody reads what everybody says", async () => {
    const { world, a, b, c } = await meet();
    await say(world, a, "hello");
    await all(world, a, b, c);
    await say(world, b, "good evening");
    await say(world, a, "how are you?");
    await all(world, a, b, c);
    const said = ["hello", "good evening", "how are you?"];
    for (const client of [a, b, c]) expect(heard(client)).toEqual(said);
    expect(underWay(a.state)).toEqual([]);
    expect(b.effects.every(({ verdict }) => verdict === "valid")).toBe(true);
  });

  it("removed_member_reads_nothing_new", async () => {
    const { world, a, b, c } = await meet();
    await say(world, a, "with ben");
    await all(world, a, b, c);
    await change(world, a, remove(ben));
    await all(world, a, b, c);
    await say(world, a, "without ben");
    await all(world, a, b, c);
    expect(heard(c)).toEqual(["with ben", "without ben"]);
    expect(heard(b)).toEqual(["with ben"]);
    expect(keysOf(b.state)).toBeUndefined();
    expect(world.wraps.get(world.rows.length - 1)?.has(toHex(ben.phone.id))).toBe(false);
    await expect(
      b.cipher.encrypt(
        b.state,
        { id: suite.random(16), payload: { kind: "delete", target: world.room } as never },
        given(world),
      ),
    ).rejects.toMatchObject({ code: "USAGE_INVALID" });
  });

  it("remover_killed_between_steps: nobody encrypts for the removed one, and the next sender commits", async () => {
    const { world, a, b, c } = await meet();
    const step = await a.cipher.change(a.state, [remove(ben)], given(world));
    const [entry] = step.entries;
    world.rows.push({ kind: "entry", bytes: entry as never, place: world.rows.length + 1 });
    await all(world, a, b, c);
    expect(dueFor(world, c)).toBe("members");
    await expect(say(world, c, "is ben gone?")).rejects.toMatchObject({ code: "USAGE_INVALID" });
    await change(world, c);
    await all(world, a, b, c);
    await say(world, c, "he is");
    await all(world, a, b, c);
    expect([heard(a), heard(b)]).toEqual([["he is"], []]);
  });

  it("own_new_device_first_send: it commits first, and reads from there on", async () => {
    const { world, a, b } = await meet();
    await say(world, a, "before");
    const { who, device } = await addDevice(ben);
    grown(world, who);
    const laptop = await enter(world, who, device);
    await all(world, laptop);
    expect(heard(laptop)).toEqual([]);
    expect(dueFor(world, laptop)).toBe("devices");
    await expect(say(world, laptop, "hello")).rejects.toMatchObject({ code: "USAGE_INVALID" });
    await change(world, laptop);
    await all(world, laptop);
    await say(world, laptop, "from my laptop");
    await all(world, a, b, laptop);
    expect(heard(a)).toEqual(["before", "from my laptop"]);
    expect(heard(b)).toEqual(["before", "from my laptop"]);
    expect(heard(laptop)).toEqual(["from my laptop"]);
  });

  it("hidden_revoke: devices that change make a commit due, and those that come and go do not", async () => {
    const { world, a, b } = await meet();
    const laptop = await addDevice(ben);
    const gone = await revoke(laptop.who, [laptop.device.id]);
    grown(world, gone.who);
    expect(dueFor(world, a)).toBeNull();
    const again = await addDevice(gone.who);
    grown(world, again.who);
    expect(dueFor(world, a)).toBe("devices");
    await expect(say(world, a, "hello")).rejects.toMatchObject({ code: "USAGE_INVALID" });
    await expect(say(world, b, "hello")).rejects.toMatchObject({ code: "USAGE_INVALID" });
  });

  it("hidden_revoke: a commit that rests on a log that the server hides is void, with an alarm", async () => {
    const { world, a, b, c } = await meet();
    const laptop = await addDevice(cem);
    grown(world, laptop.who);
    await change(world, c);
    await all(world, a, b, c);
    const hidden = logs({ ...world, people: [...world.people] });
    grown(world, (await revoke(laptop.who, [laptop.device.id])).who);
    await change(world, a);
    const row = world.rows.at(-1) as Row;
    const shown = await b.cipher.apply(b.state, row, { devices: hidden });
    expect(shown.effect).toMatchObject({
      verdict: { void: "members" },
      alarm: { user: ada.user, device: ada.phone.id },
    });
    const honest = await b.cipher.apply(b.state, row, { devices: logs(world) });
    expect([honest.effect.verdict, honest.effect.alarm]).toEqual(["valid", undefined]);
    await read(world, a);
    await say(world, a, "without the thief");
    const after = await b.cipher.apply(shown.state, world.rows.at(-1) as Row, { devices: hidden });
    expect(after.effect).toMatchObject({ verdict: { void: "epoch" }, alarm: { user: ada.user } });
  });

  it("hidden_revoke: a header that names a head which the server hides is refused, with an alarm", async () => {
    const { world, a, b } = await meet();
    const hidden = logs({ ...world, people: [...world.people] });
    const laptop = await addDevice(ada);
    grown(world, (await revoke(laptop.who, [laptop.device.id])).who);
    await say(world, a, "my log is longer");
    const row = world.rows.at(-1) as Row;
    const { effect } = await b.cipher.apply(b.state, row, { devices: hidden });
    expect(effect).toMatchObject({ verdict: { void: "head" }, alarm: { user: ada.user } });
    const honest = await b.cipher.apply(b.state, row, { devices: logs(world) });
    expect([honest.effect.verdict, honest.effect.alarm]).toEqual(["valid", undefined]);
  });

  it("there is no alarm in what is only shown again, comes from outside, or from a device that is known to be gone", async () => {
    const { world, a, b, c } = await meet();
    await say(world, a, "once");
    const old = world.rows.at(-1) as Row;
    const commit = world.rows.find(({ kind }) => kind === "commit") as Row;
    const entry = world.rows[0] as Row;
    await all(world, a, b, c);
    await change(world, a, remove(cem));
    await all(world, a, b, c);
    const place = world.rows.length + 1;
    // Also once it is long ago, and its id and place are forgotten.
    const { room } = b.state;
    const later = { ...b.state, room: { ...room, trail: startTrail() } };
    for (const row of [old, commit, entry]) {
      for (const state of [b.state, later]) {
        const { effect } = await b.cipher.apply(state, { ...row, place }, { devices: logs(world) });
        expect(effect.verdict).not.toBe("valid");
        expect(effect.alarm).toBeUndefined();
      }
    }
    const behind = world.rows.length - 2;
    const dismissed = await enter(world, cem);
    await read(world, dismissed, behind);
    const late = await dismissed.cipher.change(dismissed.state, [], given(world));
    const forged = { kind: "commit" as const, bytes: late.commit, place };
    const { effect } = await b.cipher.apply(b.state, forged, { devices: logs(world) });
    expect([effect.verdict, effect.alarm]).toEqual([{ void: "place" }, undefined]);
  });
});
