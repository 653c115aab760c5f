import { beforeAll, describe, expect, it } from "vitest";
import type { Bytes } from "../bytes/index.ts";
import { damages, person, suite } from "../testing/cast.ts";
import {
  type Client,
  enter,
  gather,
  given,
  logs,
  messageRow,
  read,
  say,
  text,
  type World,
} from "../testing/world.ts";
import { addRow } from "../transcript/index.ts";
import { type GroupEffect, type Row, readAhead } from "./index.ts";

let world: World;
let ada: Client;
let ben: Client;
beforeAll(async () => {
  const people = await Promise.all(["ada", "ben"].map((name) => person(name)));
  const made = await gather(people);
  world = made.world;
  [ada, ben] = made.clients as [Client, Client];
});

/** What ben makes of some rows, begun early or not; nothing of it is kept. */
async function judge(rows: readonly Row[]): Promise<GroupEffect[]> {
  const effects: GroupEffect[] = [];
  let { state } = ben;
  for (const row of rows) {
    const applied = await ben.cipher.apply(state, row, { devices: logs(world) });
    state = applied.state;
    effects.push(applied.effect);
  }
  return effects;
}

const placed = (rows: readonly Row[]): Row[] =>
  rows.map((row, at) => ({ ...row, place: ben.state.room.transcript.place.seq + 1 + at }));

/** Messages of ada's that ben has not read yet. */
async function said(...words: string[]): Promise<Row[]> {
  await read(world, ben);
  const from = world.rows.length;
  for (const one of words) await say(world, ada, text(one));
  return world.rows.slice(from);
}

describe("rows that were begun before their turn", () => {
  it("say what they say", async () => {
    const rows = await said("one", "two", "three");
    const effects = await judge(readAhead(suite, ben.state, rows, logs(world)));
    expect(effects.map(({ payload }) => payload?.kind === "text" && payload.text)).toEqual([
      "one",
      "two",
      "three",
    ]);
    expect(effects).toEqual(await judge(rows));
  });

  it("are judged as ever: changed, repeated, out of order", async () => {
    const rows = await said("one", "two");
    const [first, second] = rows as [Row, Row];
    const wrong = [...damages(first.bytes, 29)].map(
      (bytes): Row => ({ ...first, bytes: bytes as Bytes }) as Row,
    );
    const mixed = placed([...wrong, first, first, second, first]);
    const plain = await judge(mixed);
    expect(await judge(readAhead(suite, ben.state, mixed, logs(world)))).toEqual(plain);
    expect(plain.filter(({ verdict }) => verdict === "valid").length).toBe(2);
    expect(
      plain.slice(0, wrong.length).every(({ verdict, payload }) => verdict !== "valid" && !payload),
    ).toBe(true);
  });

  it("answer for the bytes alone that they were begun with", async () => {
    const rows = await said("one");
    const [begun] = readAhead(suite, ben.state, rows, logs(world)) as [Row];
    const changed = { ...begun, bytes: begun.bytes.map((byte, at) => (at === 300 ? byte ^ 1 : byte)) } as Row;
    const [effect] = await judge([changed]);
    expect([effect?.verdict === "valid", effect?.payload]).toEqual([false, undefined]);
  });

  it("answer for the key alone that they were begun with: a proof by eve's is none", async () => {
    const [row] = (await said("one")) as [Extract<Row, { kind: "message" }>];
    const { publicKey: eve } = await suite.makeSigningKeys();
    const forged = await messageRow(
      Uint8Array.from(row.bytes, (byte, at) => (at === row.bytes.length - 1 ? byte ^ 1 : byte)),
      row.place,
    );
    const [begun] = readAhead(suite, ben.state, [forged], logs(world)) as [typeof forged];
    if (!begun.ahead) throw new Error("nothing was begun");
    const proof = Promise.resolve({ key: eve, holds: true });
    const [effect] = await judge([{ ...begun, ahead: { ...begun.ahead, proof } }]);
    expect(effect?.verdict).toEqual({ void: "signature" });
  });

  it("keep the transcript right where a row was put before them that nobody had begun", async () => {
    const rows = await said("one", "two");
    const rubbish = { ...rows[0], bytes: suite.random(700) } as Row;
    const begun = readAhead(suite, ben.state, rows, logs(world));
    const transcriptOf = async (given: Row[]) => {
      let { state } = ben;
      for (const row of given) state = (await ben.cipher.apply(state, row, { devices: logs(world) })).state;
      return state.room.transcript.place;
    };
    const place = await transcriptOf(placed([rubbish, ...begun]));
    expect(place).toEqual(await transcriptOf(placed([rubbish, ...rows])));
    expect(place).not.toEqual(await transcriptOf(placed([...rows, rubbish])));
  });

  it("give no step to the transcript but the one of that place and that row", async () => {
    const { transcript } = ben.state.room;
    const [objectHash, after] = [suite.random(32), suite.random(32)];
    const known = { before: transcript.place.hash, objectHash, after };
    expect((await addRow(suite, transcript, objectHash, known)).place.hash).toEqual(after);
    for (const other of [{ before: suite.random(32) }, { objectHash: suite.random(32) }]) {
      const plain = await addRow(suite, transcript, objectHash);
      expect((await addRow(suite, transcript, objectHash, { ...known, ...other })).place).toEqual(
        plain.place,
      );
    }
  });

  it("that ben cannot open yet open in their turn, if he has the key by then", async () => {
    const rows = await said("one");
    const blind = { ...ben.state, keys: new Map() };
    const [effect] = await judge(readAhead(suite, blind, rows, logs(world)));
    expect(effect?.payload).toMatchObject({ text: "one" });
  });
});

describe("a batch", () => {
  it("of the outbox is what its messages would be one after the other", async () => {
    await read(world, ben);
    await read(world, ada);
    const messages = ["one", "two", "three"].map((one) => ({ id: suite.random(16), payload: text(one) }));
    const { state, sent } = await ada.cipher.encryptAll(ada.state, messages, given(world));
    const from = ada.state.room.transcript.place.seq + 1;
    const rows = await Promise.all(sent.map(({ message }, at) => messageRow(message, from + at)));
    const effects = await judge(rows);
    expect(effects.map(({ verdict, payload }) => [verdict, payload])).toEqual(
      messages.map(({ payload }) => ["valid", payload]),
    );
    expect(effects.map(({ message }) => message?.hash)).toEqual(sent.map(({ hash }) => hash));
    expect([state.own.seq, state.own.hash]).toEqual([ada.state.own.seq + 3, sent[2]?.hash]);
  });

  it("of none changes nothing, and one that cannot be signed is not sent by half", async () => {
    expect(await ada.cipher.encryptAll(ada.state, [], given(world))).toEqual({ state: ada.state, sent: [] });
    const broken = { ...ada.device, sign: () => Promise.reject(new Error("the keystore is closed")) };
    const { cipher } = await enter(world, ada.who, broken);
    const messages = ["one", "two"].map((one) => ({ id: suite.random(16), payload: text(one) }));
    await expect(cipher.encryptAll(ada.state, messages, given(world))).rejects.toThrow(
      "the keystore is closed",
    );
  });
});
