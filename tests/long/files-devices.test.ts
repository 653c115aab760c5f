/** One file under what two devices of an account do to it at once, three times side by side: nothing of it is lost. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Folder, TrackIt } from "../../sdk/src/index.ts";
import { approved, type Talker, talker } from "../story/chat-kit.ts";
import { type SdkKit, startSdkKit } from "../story/sdk-kit.ts";
import { type Dice, dice, seed } from "../support/random.ts";

const LANES = 3;
const ACTS = 8;

let kit: SdkKit;
let ada: Talker;
let devices: TrackIt[];
let folder: Folder;
beforeAll(async () => {
  kit = await startSdkKit();
  ada = await talker(kit, "ada");
  devices = [ada.trackit, await approved(kit, ada)];
  folder = await ada.trackit.folders.create({ name: "Travels" });
});
afterAll(() => kit?.stop());

/** What has been done, and the last of each kind in each lane. */
interface Done {
  versions: number;
  names: string[];
}

async function act(device: TrackIt, id: string, lane: number, roll: Dice, done: Done): Promise<void> {
  const kind = roll.between(1, 10);
  if (kind <= 5) {
    const name = `${lane} ${roll.between(1, 1e9)}.txt`;
    done.names[lane] = name;
    await device.files.update(id, { name });
  } else if (kind <= 7) {
    await device.files.update(id, { folderId: roll.pick([null, folder.id]) });
  } else {
    await device.files.uploadVersion(id, randomBytes(roll.between(1, 500)));
    done.versions++;
  }
}

it(`a file that three hands change at once opens on both devices, in each version, under one of their last names (seed ${seed})`, async () => {
  const { id } = await ada.trackit.files.upload(randomBytes(10), { name: "first.txt" });
  const done: Done = { versions: 1, names: [] };
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    const roll = dice(seed + lane);
    for (let n = 0; n < ACTS; n++) await act(devices[lane % 2] as TrackIt, id, lane, roll, done);
  });
  await Promise.all(lanes);
  const kept = await ada.trackit.files.versions(id);
  expect(kept).toHaveLength(Math.min(done.versions, 10));
  for (const device of devices) {
    const file = await device.files.get(id);
    expect(file).toMatchObject({ contentVersion: done.versions, problem: null });
    expect(["first.txt", ...done.names]).toContain(file.name);
    expect(file.name === "first.txt").toBe(done.names.length === 0);
    for (const { number } of kept) await device.files.download(id, { version: number });
  }
  const seals =
    await kit.sql`select substring(sealed from 76 for 8) as number from public.file_versions where file_id = ${id}`;
  expect(new Set(seals.map(({ number }) => number.toString("hex"))).size).toBe(seals.length);
});
