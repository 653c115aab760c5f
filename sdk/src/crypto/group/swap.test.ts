import { beforeAll, describe, expect, it } from "vitest";
import {
  makeApprovalAnswer,
  makeApprovalCode,
  makeApprovalRequest,
  openApprovalAnswer,
  readApprovalRequest,
} from "../approval/index.ts";
import { type Bytes, concat, toHex } from "../bytes/index.ts";
import { openBytes, sealBytes } from "../chunked/index.ts";
import { applyDeviceEntry, openName, startDeviceLog } from "../device-log/index.ts";
import { decodeCommit } from "../epoch/index.ts";
import { draftFile, openFile, sealFile } from "../file/index.ts";
import { makeGrant, openGrant } from "../grant/index.ts";
import { checkJoin, hashInviteSecret, makeJoin } from "../invite/index.ts";
import { createLink, readFragment, unlock } from "../link/index.ts";
import { decodeMessage, tombstone } from "../message/index.ts";
import { openBackup, sealBackup } from "../recovery/index.ts";
import { nameKey, openRoomName, sealName } from "../room-log/index.ts";
import { TAGS, type Tag, tagged } from "../tags.ts";
import { addChange, addDevice, append, newSigner, now, person, revoke, suite } from "../testing/cast.ts";
import { add, invite } from "../testing/rooms.ts";
import { type Client, change, gather, given, logs, messageRow, read, say } from "../testing/world.ts";
import { openItem, sealItem } from "../vault/index.ts";
import { keysOf, type Row } from "./index.ts";

/** One kind of object: how one looks, and who takes it for one. */
interface Kind {
  bytes: Bytes;
  takes(bytes: Bytes): Promise<boolean>;
}
const opens = (run: () => Promise<unknown>): Promise<boolean> =>
  run().then(
    () => true,
    () => false,
  );
const whole = async (stream: AsyncIterable<Bytes>): Promise<Bytes> => {
  const parts: Bytes[] = [];
  for await (const part of stream) parts.push(part);
  return concat(...parts);
};

/** Every kind of object that the specification has, each of them valid where it belongs. */
async function kinds(): Promise<Record<string, Kind>> {
  const keys = await suite.makeWrapKeys();
  const [ada, ben] = await Promise.all([person("ada"), person("ben", undefined, keys.publicKey)]);
  return { ...(await ofRooms(ada, ben, keys.privateKey)), ...(await ofDevices(ada)), ...(await ofFiles()) };
}
type People = Awaited<ReturnType<typeof person>>;

async function ofRooms(ada: People, ben: People, privateKey: CryptoKey): Promise<Record<string, Kind>> {
  const { world, clients } = await gather([ada, ben], { history: "shared" });
  const [a, b] = clients as [Client, Client];
  const eve = await person("eve");
  const link = { room: world.room, invite: suite.random(16), secret: suite.random(32) };
  const open = {
    ...invite(link.invite),
    expires: now() + 1e6,
    secretHash: await hashInviteSecret(suite, link.secret),
  };
  await change(world, a, open as never);
  for (const client of [a, b]) await read(world, client);
  await say(world, a, "hello");
  const message = world.rows.pop() as Extract<Row, { kind: "message" }>;
  const place = message.place;
  world.people = [ada, ben, eve];
  const step = await a.cipher.change(a.state, [add(eve)], given(world));
  const asking = await a.cipher.change(a.state, [], given(world));
  const tried = async (row: Row) =>
    (await b.cipher.apply(b.state, row, { devices: logs(world) })).effect.verdict === "valid";
  const as = (kind: "entry" | "commit") => (bytes: Bytes) => tried({ kind, bytes, place });
  const { secret } = keysOf(a.state) as { secret: CryptoKey };
  const { epochs, log } = b.state.room;
  const first = epochs.last?.hash as Bytes;
  const bundle = [{ epoch: 9, secret: suite.random(32) }];
  const self = {
    user: ben.user,
    root: ben.log.root,
    id: ben.phone.id,
    wrapKey: ben.log.keys.get(toHex(ben.phone.id))?.wrapKey as Bytes,
    unwrap: (wrapped: Uint8Array, label: Uint8Array) => suite.unwrap(privateKey, wrapped, label),
  };
  const commitment = await suite.expand(
    await suite.hmacKey(bundle[0]?.secret as Bytes),
    tagged(TAGS.keyCommitment, world.room, new Uint8Array([0, 0, 0, 0, 0, 0, 0, 9])),
    32,
  );
  const past = new Map(epochs.past).set(9, { hash: first, prev: first, commitment });
  const known = { ...b.state.room, epochs: { ...epochs, past } };
  const grant = await makeGrant(suite, {
    room: world.room,
    grantor: { user: ada.user, signer: ada.phone, deviceHead: ada.log.head },
    recipient: { user: ben.user, device: { id: self.id, wrapKey: self.wrapKey } },
    secrets: bundle,
    time: now(),
  });
  const name = await nameKey(suite, secret, first);
  const vault = { room: world.room, epoch: 3, commit: first, key: await a.cipher.exporter(a.state, "vault") };
  const joiner = { log: eve.log, device: eve.phone, logSeq: log.rows, time: now() };
  return {
    roomEntry: { bytes: step.entries[0] as Bytes, takes: as("entry") },
    commit: { bytes: asking.commit, takes: as("commit") },
    message: { bytes: message.bytes as Bytes, takes: (bytes) => tried({ ...message, bytes }) },
    tombstone: {
      bytes: tombstone(await decodeMessage(suite, message.bytes)),
      takes: (bytes) => tried({ ...message, bytes, tombstone: true }),
    },
    grant: { bytes: grant, takes: (bytes) => opens(() => openGrant(suite, known, bytes, self, logs(world))) },
    join: {
      bytes: await makeJoin(suite, link, joiner),
      takes: async (bytes) =>
        (await checkJoin(suite, bytes, { secret: link.secret, log, logs: logs(world), now: now() }))
          .verdict === "valid",
    },
    roomName: {
      bytes: await sealName(suite, name, { room: world.room, seq: 4, name: "Kitchen" }),
      takes: (sealed) => opens(() => openRoomName(suite, name, { room: world.room, seq: 4, sealed })),
    },
    vaultItem: {
      bytes: await sealItem(suite, vault, {
        item: suite.random(16),
        version: 1,
        payload: { kind: "deviceName", name: "phone" },
      }),
      takes: (bytes) => opens(() => openItem(suite, vault, bytes)),
    },
  };
}

async function ofDevices(ada: People): Promise<Record<string, Kind>> {
  const laptop = await addDevice(ada);
  const gone = await revoke(laptop.who, [laptop.device.id]);
  const fresh = await newSigner(ada.user);
  const { wrapKey, signingKey } = addChange(fresh);
  const code = makeApprovalCode(suite);
  const request = { user: ada.user, request: suite.random(16), temporary: false, wrapKey, signingKey };
  const asked = await makeApprovalRequest(suite, code, request);
  const approver = { log: ada.log, device: ada.phone, pins: { contacts: [], rooms: [] }, time: now() };
  const answer = await makeApprovalAnswer(suite, code, asked, approver);
  const key = suite.random(32);
  const about = { user: ada.user, root: ada.log.root, keyId: suite.random(16), number: 1 };
  const taken = (who: People) => async (bytes: Bytes) => (await append(who, bytes)).verdict === "valid";
  return {
    deviceEntry: { bytes: laptop.row, takes: taken(ada) },
    revocation: { bytes: gone.who.rows.at(-1) as Bytes, takes: taken(laptop.who) },
    identity: {
      bytes: ada.rows[0] as Bytes,
      takes: async (bytes) =>
        (await applyDeviceEntry(suite, startDeviceLog(ada.user, ada.log.root), bytes)).verdict === "valid",
    },
    nameOpening: {
      bytes: ada.opening,
      takes: (bytes) => opens(() => openName(suite, ada.log.names.get(1) as Bytes, bytes)),
    },
    approvalRequest: { bytes: asked, takes: (bytes) => opens(() => readApprovalRequest(suite, code, bytes)) },
    approvalAnswer: {
      bytes: answer,
      takes: (bytes) => opens(() => openApprovalAnswer(suite, code, asked, bytes)),
    },
    backup: {
      bytes: await sealBackup(suite, key, about, { pins: { contacts: [], rooms: [] }, secrets: [] }),
      takes: (bytes) => opens(() => openBackup(suite, key, bytes)),
    },
  };
}

async function ofFiles(): Promise<Record<string, Kind>> {
  const draft = draftFile(suite, suite.random(16), 1);
  const sealing = sealFile(suite, draft, new Blob(["content"]).stream());
  const parts: Bytes[] = [];
  let step = await sealing.next();
  for (; !step.done; step = await sealing.next()) parts.push(step.value);
  const info = { ...draft, ...step.value, name: "a.txt", type: "", thumbnail: new Uint8Array() };
  const { fragment, stored } = await createLink(suite, info);
  const { open } = await unlock(suite, readFragment(fragment));
  return {
    file: {
      bytes: concat(...parts),
      takes: (bytes) => opens(() => whole(openFile(suite, info, new Blob([bytes]).stream()))),
    },
    linkBody: { bytes: stored.body, takes: (bytes) => opens(() => open(bytes)) },
  };
}

describe("tag_swap_all_pairs", () => {
  let all: [string, Kind][];
  beforeAll(async () => {
    all = Object.entries(await kinds());
  });

  it("each object is taken as its own kind and refused as every other", async () => {
    expect(all.length).toBe(17);
    for (const [place, { takes }] of all) {
      for (const [name, { bytes }] of all) {
        expect([place, name, await takes(bytes)]).toEqual([place, name, place === name]);
      }
    }
  });

  it("a hash, a signature, a key and a sealed text of one tag are none of another", async () => {
    const tags = Object.values(TAGS);
    const key = await suite.hmacKey(suite.random(32));
    const signer = await suite.makeSigningKeys();
    const [hash, id] = [suite.random(32), suite.random(16)];
    const hashes = await Promise.all(tags.map(async (tag) => toHex(await suite.hash(tag, hash))));
    const keys = await Promise.all(
      tags.map(async (tag) => toHex(await suite.expand(key, tagged(tag, hash), 32))),
    );
    expect([new Set(hashes).size, new Set(keys).size]).toEqual([tags.length, tags.length]);
    for (const tag of tags) {
      const signature = await suite.sign(signer, tag, hash, id);
      const sealed = await sealBytes(suite, key, tagged(tag, hash), hash);
      const verified = await Promise.all(
        tags.map((other) => suite.verify(signer.publicKey, signature, other, hash, id)),
      );
      const opened = await Promise.all(
        tags.map((other) => opens(() => openBytes(suite, key, tagged(other, hash), sealed))),
      );
      const own = (answers: boolean[]) => tags.filter((_, at) => answers[at]);
      expect([own(verified), own(opened)]).toEqual([[tag], [tag]] satisfies Tag[][]);
    }
  });
});

describe("a row", () => {
  it("of one kind under the columns of another is void", async () => {
    const people = await Promise.all(["ada", "ben"].map((name) => person(name)));
    const { world, clients } = await gather(people);
    const [a, b] = clients as [Client, Client];
    const { commit } = await a.cipher.change(a.state, [], given(world));
    const sent = await a.cipher.encrypt(
      a.state,
      { id: suite.random(16), payload: { kind: "delete", target: suite.random(32) } },
      given(world),
    );
    const row = await messageRow(sent.message, world.rows.length + 1);
    expect(decodeCommit(commit).commit.epoch).toBe(3);
    for (const wrong of [
      { ...row, bytes: commit },
      { ...row, tombstone: true },
      { kind: "entry" as const, bytes: commit, place: row.place },
      { kind: "commit" as const, bytes: sent.message, place: row.place },
    ]) {
      const { effect, state } = await b.cipher.apply(b.state, wrong, { devices: logs(world) });
      expect(effect.verdict).toEqual({ void: "malformed" });
      expect(state.room.transcript.place.seq).toBe(row.place);
    }
  });
});
