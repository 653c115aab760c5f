import { describe, expect, it } from "vitest";
import { asSigner } from "../../sdk/src/crypto/device-log/index.ts";
import { openGrant } from "../../sdk/src/crypto/grant/index.ts";
import {
  createRsaAes,
  type Group,
  type GroupEffect,
  type Row,
  startGroup,
  startRoom,
} from "../../sdk/src/crypto/group/index.ts";
import { encodePayload, type MessageColumns } from "../../sdk/src/crypto/message/index.ts";
import { createSuite } from "../../sdk/src/crypto/suite/index.ts";
import { openItem } from "../../sdk/src/crypto/vault/index.ts";
import { bytes, hex, type KeptRow, kept, logOf, unwrapKey } from "./kept.ts";

const suite = createSuite();
const CURVE = { name: "ECDSA", namedCurve: "P-256" };

/** What a device of the vectors needs to follow a room: its own two private keys, and everybody's logs. */
async function deviceOf(person: number, name: string) {
  const all = [await logOf(0), await logOf(1)];
  const device = kept.devices.find((one) => one.name === name);
  const log = all[person];
  if (!device || !log) throw new Error(`${name} is in the vectors`);
  const publicKey = bytes(device.publicKey);
  const [x, y, d] = [publicKey.subarray(1, 33), publicKey.subarray(33), bytes(device.scalar)].map((part) =>
    Buffer.from(part).toString("base64url"),
  );
  const jwk = { kty: "EC", crv: "P-256", x, y, d } as JsonWebKey;
  const privateKey = await crypto.subtle.importKey("jwk", jwk, CURVE, false, ["sign"]);
  const rsa = await unwrapKey(name);
  const unwrap = (wrapped: Uint8Array, label: Uint8Array) =>
    suite.unwrap(rsa, new Uint8Array(wrapped), new Uint8Array(label)).catch(() => null);
  const signer = await asSigner(suite, log.user, { publicKey, privateKey });
  const logs = (user: Uint8Array) => all.find((one) => hex(one.user) === hex(user));
  return {
    self: { user: log.user, root: log.root, signer, unwrap },
    logs,
    name,
    wrapKey: bytes(device.wrapKey),
  };
}

function rowOf(row: KeptRow, at: number): Row {
  const given = bytes(row.bytes);
  const place = at + 1;
  if (row.kind !== "message") return { kind: row.kind, bytes: given, place };
  const view = new DataView(given.buffer);
  const u64 = (offset: number) => Number(view.getBigUint64(offset));
  const part = (offset: number, width: number) => given.slice(offset, offset + width);
  const ids = { room: part(3, 16), device: part(59, 16), id: part(83, 16) };
  const columns: MessageColumns = {
    suite: given[1] ?? 0,
    class: given[2] === 1 ? "content" : "control",
    epoch: u64(19),
    seq: u64(75),
    ...ids,
  };
  return { kind: "message", bytes: given, columns, place };
}

type Follower = Awaited<ReturnType<typeof deviceOf>>;

async function follow({ self, logs, name }: Follower, index: number) {
  const { id, rows } = kept.rooms[index] ?? { id: "", rows: [] };
  const cipher = createRsaAes(suite, self);
  const effects: GroupEffect[] = [];
  const places: string[] = [];
  let state: Group = startGroup(await startRoom(suite, bytes(id)));
  for (const [at, row] of rows.entries()) {
    const wrap = row.wraps?.[name];
    const step = await cipher.apply(state, rowOf(row, at), {
      devices: logs,
      wrap: wrap ? bytes(wrap) : null,
    });
    state = step.state;
    effects.push(step.effect);
    places.push(hex(state.room.transcript.place.hash));
  }
  return { state, effects, places, rows };
}

describe("a room whose rows a second reading made", () => {
  it("has the same transcript after every row", async () => {
    const { places, rows } = await follow(await deviceOf(1, "ben.phone"), 0);
    expect(places).toEqual(rows.map(({ place }) => place.slice(16)));
  });

  it("is judged as that reading says: everything holds but what it calls void", async () => {
    const { effects, rows } = await follow(await deviceOf(0, "ada.phone"), 0);
    const judged = effects.map(({ verdict }, at) => [rows[at]?.note, verdict === "valid"]);
    expect(judged).toEqual(rows.map(({ note }) => [note, !note.includes("void")]));
  });

  it("opens on ada's phone: every message, to the byte", async () => {
    const { effects, rows } = await follow(await deviceOf(0, "ada.phone"), 0);
    const opened = effects.map(({ payload }) => (payload ? hex(encodePayload(payload)) : undefined));
    expect(opened).toEqual(rows.map(({ payload }) => payload));
    expect(effects.filter(({ epoch }) => epoch).map(({ readable }) => readable)).toEqual(Array(5).fill(true));
  });

  it("opens on ben's from his first epoch to his last, and on no revoked device after its end", async () => {
    const ben = await follow(await deviceOf(1, "ben.phone"), 0);
    const laptop = await follow(await deviceOf(0, "ada.laptop"), 0);
    const readable = (effects: GroupEffect[]) =>
      effects.filter(({ epoch }) => epoch).map((one) => one.readable);
    expect(readable(ben.effects)).toEqual([false, true, true, true, false]);
    expect(readable(laptop.effects)).toEqual([true, true, true, false, false]);
    expect(ben.effects[3]).toMatchObject({ verdict: "valid" });
    expect(ben.effects[3]?.payload).toBeUndefined();
    expect(laptop.effects[17]?.payload).toBeUndefined();
  });

  it("its grant gives ben the first epoch, and its vault item opens for ada", async () => {
    const ben = await deviceOf(1, "ben.phone");
    const upTo14 = await followUpTo(ben, 14);
    const { self, wrapKey } = ben;
    const grantee = { ...self, id: self.signer.id, wrapKey };
    const secrets = await openGrant(suite, upTo14.state.room, bytes(kept.grant), grantee, ben.logs);
    expect(secrets.map(({ epoch, secret }) => [epoch, hex(secret)])).toEqual([
      [1, kept.rooms[0]?.commits[0]?.secret],
    ]);
    const ada = await follow(await deviceOf(0, "ada.phone"), 1);
    const epoch = ada.state.room.epochs.last;
    const key = await createRsaAes(suite, (await deviceOf(0, "ada.phone")).self).exporter(ada.state, "vault");
    if (!epoch) throw new Error("the self room has an epoch");
    const item = await openItem(
      suite,
      { room: ada.state.room.log.room, epoch: epoch.number, commit: epoch.hash, key },
      bytes(kept.item),
    );
    expect(item).toMatchObject({ payload: { kind: "contact", username: "ben", verified: true } });
  });
});

async function followUpTo(one: Follower, last: number) {
  const room = kept.rooms[0];
  if (!room) throw new Error("the room is in the vectors");
  const { rows } = room;
  try {
    room.rows = rows.slice(0, last);
    return await follow(one, 0);
  } finally {
    room.rows = rows;
  }
}
