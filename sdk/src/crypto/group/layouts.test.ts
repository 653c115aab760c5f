import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { type Bytes, concat } from "../bytes/index.ts";
import { type CommitReason, decodeCommit, encodeCore, encodeList } from "../epoch/index.ts";
import { openGrant } from "../grant/index.ts";
import { decodeGrant, decodeSecrets, encodeGrant, encodeGrantHead, encodeSecrets } from "../grant/layout.ts";
import { decodeMessage, decodeTombstone, encodeHeader, tombstone } from "../message/layout.ts";
import { forgetBefore, roomAt } from "../room-log/index.ts";
import { person, suite } from "../testing/cast.ts";
import { type Client, gather, logs, type World } from "../testing/world.ts";
import { openItem } from "../vault/index.ts";
import { followFrom, type Row } from "./index.ts";

const bytes = (length: number, least = length) =>
  fc.uint8Array({ minLength: least, maxLength: length }).map((array) => new Uint8Array(array) as Bytes);
const u64 = fc.maxSafeNat();
const from1 = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const head = fc.record({ seq: u64, hash: bytes(32) });
const one = fc.constant(1);
const reasons: CommitReason[] = ["first", "members", "devices", "age", "asked", "repair"];
const core = fc.record({
  suite: one,
  room: bytes(16),
  epoch: from1,
  prev: bytes(32),
  log: head,
  cut: head,
  seen: head,
  reason: fc.constantFrom(...reasons),
  committer: bytes(16),
  device: bytes(16),
  time: u64,
  commitment: bytes(32),
});
const row = fc.record({ user: bytes(16), head, device: bytes(16), wrapKey: bytes(32), wrap: bytes(32) });
const list = fc
  .uniqueArray(row, { minLength: 1, maxLength: 8, selector: ({ user }) => user.join() })
  .map((rows) => rows.sort((a, b) => Buffer.compare(a.user, b.user)));
const header = fc.record({
  suite: one,
  class: fc.constantFrom("content" as const, "control" as const),
  room: bytes(16),
  epoch: from1,
  commit: bytes(32),
  device: bytes(16),
  seq: from1,
  id: bytes(16),
  prev: bytes(32),
  deviceHead: head,
  seen: head,
  time: u64,
});
const grantHead = fc.record({
  suite: one,
  room: bytes(16),
  grantor: bytes(16),
  device: bytes(16),
  deviceHead: head,
  recipient: bytes(16),
  recipientDevice: bytes(16),
  wrapKey: bytes(32),
  from: fc.nat(1000),
  to: fc.integer({ min: 1000 }),
  time: u64,
});

let world: World;
let ben: Client;
beforeAll(async () => {
  const made = await gather(await Promise.all(["ada", "ben"].map((name) => person(name))));
  world = made.world;
  ben = made.clients[1] as Client;
});

describe("decode(encode(x)) = x", () => {
  it("for commits", () => {
    fc.assert(
      fc.property(core, list, bytes(64), (given, rows, signature) => {
        const encoded = [encodeCore(given), encodeList(rows)] as const;
        const decoded = decodeCommit(concat(...encoded, signature));
        expect(decoded.commit).toEqual({ ...given, list: rows });
        expect([decoded.core, decoded.body, decoded.signature]).toEqual([
          encoded[0],
          concat(...encoded),
          signature,
        ]);
        expect(encoded[0]).toHaveLength(251);
      }),
    );
  });

  it("for messages and their tombstones, which have one hash", async () => {
    await fc.assert(
      fc.asyncProperty(header, bytes(400, 328), bytes(64), async (given, body, signature) => {
        const start = encodeHeader(given);
        const length = [0, 0, body.length >> 8, body.length & 255];
        const whole = await decodeMessage(suite, concat(start, Uint8Array.from(length), body, signature));
        expect([whole.header, whole.head, whole.body, whole.signature]).toEqual([
          given,
          start,
          body,
          signature,
        ]);
        const left = await decodeTombstone(suite, tombstone(whole));
        expect(left).toEqual({ ...whole, body: null });
        expect(start).toHaveLength(219);
      }),
      { numRuns: 40 },
    );
  });

  it("for grants and what is in them", () => {
    const secrets = fc
      .uniqueArray(fc.record({ epoch: from1, secret: bytes(32) }), {
        minLength: 1,
        selector: ({ epoch }) => epoch,
      })
      .map((all) => all.sort((a, b) => a.epoch - b.epoch));
    fc.assert(
      fc.property(
        grantHead,
        bytes(384),
        bytes(90, 0),
        bytes(64),
        secrets,
        (given, wrap, sealed, signature, all) => {
          const start = encodeGrantHead(given);
          const decoded = decodeGrant(concat(encodeGrant(start, wrap, sealed), signature));
          expect(decoded).toMatchObject({ head: given, headBytes: start, wrap, sealed, signature });
          expect(start).toHaveLength(178);
          expect(decodeSecrets(encodeSecrets(all))).toEqual(all);
        },
      ),
    );
  });
});

describe("lists that are not as they are written", () => {
  it("none, twice, out of order, two heads of one user: neither made nor read", () => {
    const [low, high] = [new Uint8Array(16), new Uint8Array(16).fill(1)];
    const [given] = fc.sample(row, 1) as [ReturnType<typeof decodeCommit>["commit"]["list"][0]];
    const [first, second] = [
      { ...given, user: low, device: low },
      { ...given, user: high, device: low },
    ];
    const other = { ...first, device: high, head: { seq: 1, hash: suite.random(32) } };
    const [commit] = fc.sample(core, 1) as [Parameters<typeof encodeCore>[0]];
    const start = encodeCore(commit);
    const rowOf = (one: typeof given) => encodeList([one]).slice(2);
    for (const rows of [[], [first, first], [second, first], [first, other]]) {
      expect(() => encodeList(rows)).toThrow(expect.objectContaining({ code: "USAGE_INVALID" }));
      const written = concat(Uint8Array.of(0, rows.length), ...rows.map(rowOf));
      const read = () => decodeCommit(concat(start, written, new Uint8Array(64)));
      expect(read).toThrow(expect.objectContaining({ code: "CRYPTO_OPEN_FAILED" }));
    }
    expect(
      decodeCommit(concat(start, encodeList([first, second]), new Uint8Array(64))).commit.list,
    ).toHaveLength(2);
  });
});

describe("the greatest room that there can be", () => {
  it("a list of 1,000 members with 32 devices goes there and back, and one row more does not", () => {
    const zeros = new Uint8Array(32);
    const rows = Array.from({ length: 32_001 }, (_, at) => {
      const device = new Uint8Array(16);
      new DataView(device.buffer).setUint32(0, at);
      return { user: device, head: { seq: 1, hash: zeros }, device, wrapKey: zeros, wrap: zeros };
    });
    const [commit] = fc.sample(core, 1) as [Parameters<typeof encodeCore>[0]];
    const most = encodeList(rows.slice(1));
    expect(decodeCommit(concat(encodeCore(commit), most, zeros, zeros)).commit.list).toHaveLength(32_000);
    expect(() => encodeList(rows)).toThrow(expect.objectContaining({ code: "USAGE_INVALID" }));
  });

  it("a log that grew by 50,000 entries since the last commit is followed on", () => {
    const start = ben.state.room.log;
    let log = { ...start, before: null as typeof start | null };
    for (let seq = start.head.seq + 1; seq <= 50_000; seq++) {
      log = { ...log, before: log, head: { seq, hash: start.head.hash } };
    }
    const kept = forgetBefore(log, 40_000);
    expect(roomAt(kept, { seq: 40_000, hash: start.head.hash })).not.toBeNull();
    expect(roomAt(kept, { seq: 39_999, hash: start.head.hash })).toBeNull();
  });
});

describe("rubbish", () => {
  it("of any length in any place is void, and the room goes on", async () => {
    await fc.assert(
      fc.asyncProperty(
        bytes(1500, 0),
        fc.constantFrom("entry", "commit", "message", "tombstone"),
        async (rubbish, kind) => {
          const place = ben.state.room.transcript.place.seq + 1;
          const columns = {
            suite: 1,
            class: "content" as const,
            room: world.room,
            epoch: 2,
            device: world.room,
            seq: 1,
            id: world.room,
          };
          const given =
            kind === "entry" || kind === "commit"
              ? { kind, bytes: rubbish, place }
              : { kind: "message" as const, bytes: rubbish, place, columns, tombstone: kind === "tombstone" };
          const { state, effect } = await ben.cipher.apply(ben.state, given as Row, { devices: logs(world) });
          expect(effect.verdict).toEqual({ void: "malformed" });
          expect(state.room.transcript.place.seq).toBe(place);
          expect(state.room.log.head).toEqual(ben.state.room.log.head);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("opens as nothing", async () => {
    const key = await suite.hmacKey(suite.random(32));
    const failure = { code: "CRYPTO_OPEN_FAILED" };
    const { user, log, phone } = ben.who;
    const grantee = {
      user,
      root: log.root,
      id: phone.id,
      wrapKey: suite.random(422),
      unwrap: async () => key,
    };
    await fc.assert(
      fc.asyncProperty(bytes(1500, 0), async (rubbish) => {
        const grant = openGrant(suite, ben.state.room, rubbish, grantee, logs(world));
        await expect(grant).rejects.toMatchObject(failure);
        const vault = { room: world.room, epoch: 2, commit: suite.random(32), key };
        await expect(openItem(suite, vault, rubbish)).rejects.toMatchObject(failure);
        const anchor = {
          room: world.room,
          entries: [{ bytes: rubbish, place: 1 }],
          commit: { bytes: rubbish, place: 2 },
          between: [],
        };
        await expect(followFrom(suite, anchor, logs(world))).rejects.toMatchObject(failure);
      }),
      { numRuns: 40 },
    );
  });
});
