import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { toHex } from "../../sdk/src/crypto/bytes/index.ts";
import { applyDeviceEntry, deviceId, hashName, makeIdentity } from "../../sdk/src/crypto/device-log/index.ts";
import {
  createRsaAes,
  type Group,
  keysOf,
  startGroup,
  startRoom,
  withSecret,
} from "../../sdk/src/crypto/group/index.ts";
import { now, type Person, suite } from "../../sdk/src/crypto/testing/cast.ts";
import { add, create } from "../../sdk/src/crypto/testing/rooms.ts";
import {
  type Client,
  change,
  given,
  heard,
  logs,
  post,
  read,
  say,
  type World,
} from "../../sdk/src/crypto/testing/world.ts";
import { fileKeystore } from "../../sdk/src/store/keys/file/index.ts";
import { type KeptDevice, keptDevice } from "../../sdk/src/store/keys/kept-device.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import type { Keystore } from "../../sdk/src/store/keys/types.ts";

const folder = mkdtempSync(path.join(tmpdir(), "trackit-keystore-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const openBens = () =>
  fileKeystore({ path: path.join(folder, "ben"), name: "ben", key: new Uint8Array(32).fill(1) });

async function enrol(name: string, keystore: Keystore): Promise<{ who: Person; kept: KeptDevice }> {
  const user = suite.random(16);
  const keys = await keystore.generate();
  const kept = await keptDevice(keystore, await deviceId(suite, user, keys.sign));
  const { nameHash, opening } = await hashName(suite, name);
  const first = { user, device: kept.signer, wrapKey: keys.wrap, nameHash, time: now() };
  const made = await makeIdentity(suite, first);
  const { log, verdict } = await applyDeviceEntry(suite, made.log, made.entry);
  expect(verdict).toBe("valid");
  return { who: { name, user, log, phone: kept.signer, opening, rows: [made.entry] }, kept };
}

async function enter(world: World, who: Person, kept: KeptDevice): Promise<Client> {
  const cipher = createRsaAes(suite, { user: who.user, root: who.log.root, ...kept });
  return {
    who,
    device: kept.signer,
    cipher,
    state: startGroup(await startRoom(suite, world.room)),
    effects: [],
  };
}

const idOf = ({ room }: Group): string =>
  `${toHex(room.log.room)}/${toHex(room.epochs.last?.hash ?? new Uint8Array())}`;

it("ada and ben talk with keys that their keystores never give out, and ben reads on after a restart", async () => {
  const [hers, his] = [memoryKeystore("ada"), await openBens()];
  const [ada, ben] = [await enrol("ada", hers), await enrol("ben", his)];
  const world: World = { room: suite.random(16), people: [ada.who, ben.who], rows: [], wraps: new Map() };
  const [a, b] = [await enter(world, ada.who, ada.kept), await enter(world, ben.who, ben.kept)];
  post(world, await a.cipher.create(world.room, create(), given(world)));
  await change(world, a, add(ben.who));
  for (const client of [a, b]) await read(world, client);
  await say(world, a, "hello");
  for (const client of [a, b]) await read(world, client);
  expect([heard(a), heard(b)]).toEqual([["hello"], ["hello"]]);

  const secret = keysOf(b.state)?.secret;
  const keep = secret && ben.kept.keep(idOf(b.state), secret);
  if (!keep) throw new Error("ben's keystore does not know the secret that it opened");
  const { seq, hash } = b.state.room.transcript.place;
  expect(await his.batch([keep, { pin: "transcript", from: null, to: { seq, hash } }])).toBe(true);
  expect(ben.kept.keep("foreign", await suite.hmacKey(suite.random(32)))).toBeNull();
  await his.close();

  const again = await openBens();
  const kept = await keptDevice(again, ben.kept.signer.id);
  const back = await enter(world, ben.who, kept);
  // The server gives no wrap any more: what is kept has to do.
  for (const row of world.rows) {
    const { state, effect } = await back.cipher.apply(back.state, row, { devices: logs(world) });
    back.state = state;
    if (effect.epoch) {
      const known = await again.secret(idOf(state));
      if (known) back.state = await withSecret(suite, state, effect.epoch.number, known);
    }
    back.effects.push(effect);
  }
  expect(heard(back)).toEqual(["hello"]);
  expect(await again.pin("transcript")).toEqual(back.state.room.transcript.place);
  await say(world, back, "good evening");
  await read(world, a);
  expect(heard(a)).toEqual(["hello", "good evening"]);
  await again.close();
});
