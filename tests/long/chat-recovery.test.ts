import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pace } from "../../sdk/src/chat/approval/wait.ts";
import { limit } from "../../sdk/src/chat/recovery/fitting.ts";
import { keeping } from "../../sdk/src/chat/upkeep.ts";
import { backupKey, openBackup, readRecoveryCode, sealBackup } from "../../sdk/src/crypto/devices.ts";
import { createSuite } from "../../sdk/src/crypto/suite/index.ts";
import type { Room, TrackIt } from "../../sdk/src/index.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import { type Talker, talker, texts } from "../story/chat-kit.ts";
import { PASSWORD, refusal, type SdkKit, startSdkKit } from "../story/sdk-kit.ts";

let kit: SdkKit;
let [ada, ben]: Talker[] = [];
beforeAll(async () => {
  // A word that is lost on its way shall cost a test no seconds.
  pace.poll = 300;
  kit = await startSdkKit();
  [ada, ben] = await Promise.all(["ada", "ben"].map((name) => talker(kit, name)));
});
afterAll(() => kit?.stop());

const two = () => {
  if (!ada || !ben) throw new Error("two people are wanted");
  return { ada, ben };
};

/** A device of somebody's that has nothing. */
async function fresh(
  { email }: Talker,
  remember: "device" | "tab" = "device",
  options: { fetch?: typeof fetch } = {},
): Promise<TrackIt> {
  const trackit = kit.trackit({ ...options, chat: { keystore: memoryKeystore("fresh") } });
  await trackit.auth.signIn({ email, password: PASSWORD, remember });
  return trackit;
}

/** Makes a code and shows that it was written down. */
async function codeOf(trackit: TrackIt): Promise<string> {
  const { code, ask } = await trackit.recovery.create();
  expect(await trackit.recovery.confirm(code.split("-")[ask - 1] ?? "")).toBe(true);
  return code;
}

const backupOf = async (id: string) => {
  const [row] = await kit.sql`select number::int, backup from backups where user_id = ${id}`;
  return row as { number: number; backup: Uint8Array };
};

describe("a recovery code", () => {
  it("is made, confirmed by one of its groups, and asked for again when a device was revoked", async () => {
    const { ada } = two();
    expect(await ada.trackit.recovery.status()).toEqual({ state: "none", backedUpAt: null, omitted: 0 });
    await expect(ada.trackit.recovery.confirm("ABCD")).rejects.toMatchObject(refusal("USAGE_INVALID"));
    await expect(ada.trackit.recovery.backUp()).rejects.toMatchObject(refusal("CRYPTO_RECOVERY"));
    const { code, ask } = await ada.trackit.recovery.create();
    expect(code).toMatch(/^(\w{4}-){13}\w{4}$/);
    const status = await ada.trackit.recovery.status();
    expect(status).toEqual({ state: "unconfirmed", backedUpAt: expect.stringMatching(/Z$/), omitted: 0 });
    expect(await ada.trackit.recovery.confirm("0000")).toBe(false);
    expect(await ada.trackit.recovery.confirm((code.split("-")[ask - 1] ?? "").toLowerCase())).toBe(true);
    expect((await ada.trackit.recovery.status()).state).toBe("ready");
    const laptop = await fresh(ada);
    const asked = await laptop.devices.requestApproval();
    const { id } = await ada.trackit.devices.approve(asked.code);
    await asked.approved;
    // What the code opens is known to every device, so that each can back up.
    expect((await laptop.recovery.status()).state).toBe("ready");
    await ada.trackit.devices.revoke(id);
    expect((await ada.trackit.recovery.status()).state).toBe("renew");
    await codeOf(ada.trackit);
    expect((await ada.trackit.recovery.status()).state).toBe("ready");
  });

  it("has a backup that is kept up to date by itself, under rising numbers, and only when there is news", async () => {
    // A round that comes before the news does not put the next one off.
    keeping.between = 200;
    const cem = await talker(kit, "cem");
    await codeOf(cem.trackit);
    const before = await backupOf(cem.id);
    expect(await cem.trackit.recovery.backUp()).toBe(false);
    expect(await backupOf(cem.id)).toEqual(before);
    keeping.delay = 50;
    await cem.trackit.rooms.create({ name: "later" });
    await expect.poll(async () => (await backupOf(cem.id)).number).toBeGreaterThan(before.number);
    Object.assign(keeping, { delay: 5_000, between: 90_000 });
    await cem.trackit.close();
  });
});

describe("who has lost every device", () => {
  it("comes back with the code: old messages, people and names are there, old devices are gone", async () => {
    const { ben } = two();
    const dora = await talker(kit, "dora");
    const room = await dora.trackit.rooms.create({ name: "Training", members: [ben.username] });
    await room.send("long ago");
    const { id: lost } = await dora.trackit.devices.me();
    await dora.trackit.devices.rename(lost, "Old phone");
    const code = await codeOf(dora.trackit);
    await room.send("in the same epoch");
    await dora.trackit.close();

    const phone = await fresh(dora);
    await expect(phone.rooms.get(room.id)).rejects.toMatchObject(refusal("CRYPTO_DEVICE"));
    const typed = code.toLowerCase().replaceAll("-", " ");
    const back = await phone.recovery.use(typed, { revokeOthers: true });
    expect(back).toMatchObject({ backup: true, refused: 0, device: { here: true, kind: "device" } });
    expect(back.opened).toBeGreaterThanOrEqual(2);
    const hers = await phone.rooms.get(room.id);
    expect([hers.name, await texts(hers)]).toEqual(["Training", ["long ago", "in the same epoch"]]);
    expect((await phone.devices.list()).map(({ id }) => id)).toEqual([back.device.id]);
    await hers.send("I am back");
    expect((await texts(await ben.trackit.rooms.get(room.id))).at(-1)).toBe("I am back");
    const wraps = await kit.sql`select 1 from epoch_recipients where device_id = ${lost}`;
    expect(wraps).toHaveLength(0);

    // A code that was used is asked for anew, and the new one takes its place.
    expect((await phone.recovery.status()).state).toBe("renew");
    await codeOf(phone);
    expect((await phone.recovery.status()).state).toBe("ready");
    const again = await fresh(dora);
    await expect(again.recovery.use(code)).rejects.toMatchObject(refusal("CRYPTO_RECOVERY"));
    expect(await phone.devices.list()).toHaveLength(1);
  });

  it("keeps the other devices where they are wanted, and these are told of the new one", async () => {
    const fay = await talker(kit, "fay");
    const code = await codeOf(fay.trackit);
    const phone = await fresh(fay);
    const { device } = await phone.recovery.use(code);
    expect(await fay.trackit.devices.notices()).toMatchObject([{ device: { id: device.id, addedBy: null } }]);
    // The same code once more, on the device that it has brought in: nothing is added, nobody is ended.
    expect(await phone.recovery.use(code)).toMatchObject({ device: { id: device.id }, backup: true });
    expect(await phone.devices.list()).toHaveLength(2);
    await phone.recovery.use(code, { revokeOthers: true });
    expect((await phone.devices.list()).map(({ id }) => id)).toEqual([device.id]);
  });

  it("is told plainly of a wrong code and of a mistyped one, and nothing is destroyed", async () => {
    const { ada, ben } = two();
    const right = await codeOf(ada.trackit);
    const other = await codeOf(ben.trackit);
    const before =
      await kit.sql`select rows from identities where user_id = ${ada.id} and retired_at is null`;
    const backup = await backupOf(ada.id);
    const phone = await fresh(ada);
    const mistyped = right.replace(/^./, (letter) => (letter === "0" ? "1" : "0"));
    for (const typed of [mistyped, right.slice(5), ""])
      await expect(phone.recovery.use(typed, { revokeOthers: true })).rejects.toMatchObject(
        refusal("USAGE_INVALID", { field: "code" }),
      );
    await expect(phone.recovery.use(other, { revokeOthers: true })).rejects.toMatchObject(
      refusal("CRYPTO_RECOVERY"),
    );
    const none = await talker(kit, "gil");
    await expect((await fresh(none)).recovery.use(right)).rejects.toMatchObject(refusal("CRYPTO_RECOVERY"));
    expect(
      await kit.sql`select rows from identities where user_id = ${ada.id} and retired_at is null`,
    ).toEqual(before);
    expect(await backupOf(ada.id)).toEqual(backup);
    const tab = await fresh(ada, "tab");
    await expect(tab.recovery.use(right)).rejects.toMatchObject(refusal("CRYPTO_DEVICE"));
    // The twin: the right code does it.
    expect((await phone.recovery.use(right)).backup).toBe(true);
  });

  it("is given no key that the commits of a room do not bear out", async () => {
    const ivy = await talker(kit, "ivy");
    const room = await ivy.trackit.rooms.create({ name: "Notes" });
    await room.send("before");
    const code = await codeOf(ivy.trackit);
    await ivy.trackit.close();
    // Whoever knew the code has put other secrets into the backup.
    const suite = createSuite();
    const { backup, number } = await backupOf(ivy.id);
    const bytes = new Uint8Array(backup);
    const key = await backupKey(
      suite,
      await readRecoveryCode(suite, code),
      bytes.slice(1, 17),
      bytes.slice(17, 49),
    );
    const whole = await openBackup(suite, key, bytes);
    const secrets = whole.secrets.map((one) => ({ ...one, secret: suite.random(32) }));
    const forged = await sealBackup(suite, key, { ...whole, number }, { ...whole, secrets });
    await kit.sql`update backups set backup = ${Buffer.from(forged)} where user_id = ${ivy.id}`;
    const phone = await fresh(ivy);
    expect(await phone.recovery.use(code)).toMatchObject({
      backup: true,
      opened: 0,
      refused: secrets.length,
    });
    expect(await texts(await phone.rooms.get(room.id))).toEqual(["[unreadable]"]);
  });

  it("is told of each room that did not open, has the others, and takes the rest when it tries again", async () => {
    const { ben } = two();
    const jan = await talker(kit, "jan");
    const rooms: Room[] = [];
    for (const name of ["first", "second", "left"]) {
      const room = await jan.trackit.rooms.create({ name, members: [ben.username] });
      await room.send(`said in ${name}`);
      rooms.push(room);
    }
    const [first, second, left] = rooms.map(({ id }) => id);
    const code = await codeOf(jan.trackit);
    await rooms[2]?.leave();
    await jan.trackit.close();
    let isDown = true;
    const throughLine: typeof fetch = async (input, init) => {
      const isSecond = String(input).endsWith("/rpc/room_rows") && String(init?.body).includes(second ?? "");
      if (isDown && isSecond) throw new TypeError("fetch failed");
      return fetch(input, init);
    };
    const phone = await fresh(jan, "device", { fetch: throughLine });
    const back = await phone.recovery.use(code);
    expect(back.failed.sort((one, other) => (one.code < other.code ? -1 : 1))).toMatchObject([
      { roomId: left, code: "ACCESS_NOT_FOUND" },
      { roomId: second, code: "NETWORK_OFFLINE" },
    ]);
    expect(await texts(await phone.rooms.get(first ?? ""))).toEqual(["said in first"]);
    isDown = false;
    expect(await texts(await phone.rooms.get(second ?? ""))).toEqual(["[unreadable]"]);
    const again = await phone.recovery.use(code);
    expect(again).toMatchObject({ device: { id: back.device.id }, refused: 0 });
    expect(again.failed.map(({ roomId }) => roomId)).toEqual([left]);
    expect(await texts(await phone.rooms.get(second ?? ""))).toEqual(["said in second"]);
  });

  it("has the newest epochs of each room where a backup has no place for all, and its owner can see that", async () => {
    const { ben } = two();
    const kim = await talker(kit, "kim");
    const room = await kim.trackit.rooms.create({ name: "long", members: [ben.username] });
    await room.send("in the first epoch");
    const code = await codeOf(kim.trackit);
    const size = async () => (await backupOf(kim.id)).backup.length;
    limit.bytes = await size();
    await room.setRole(ben.username, "admin");
    await room.send("in the second");
    await kim.trackit.recovery.backUp();
    expect((await kim.trackit.recovery.status()).omitted).toBe(1);
    expect(await size()).toBe(limit.bytes);
    limit.bytes = 200;
    await room.setRole(ben.username, "member");
    await expect(kim.trackit.recovery.backUp()).rejects.toMatchObject(refusal("LIMIT_SIZE"));
    limit.bytes = 16 * 1024 * 1024;
    await kim.trackit.close();
    const phone = await fresh(kim);
    await phone.recovery.use(code);
    expect(await texts(await phone.rooms.get(room.id))).toEqual(["[unreadable]", "in the second"]);
  });

  it("comes back without the messages where the server spoils the backup, and is told so", async () => {
    const hal = await talker(kit, "hal");
    const room = await hal.trackit.rooms.create({ name: "Notes" });
    await room.send("before");
    const code = await codeOf(hal.trackit);
    await hal.trackit.close();
    await kit.sql`update backups set backup = set_byte(backup, 140, 255 - get_byte(backup, 140)) where user_id = ${hal.id}`;
    const phone = await fresh(hal);
    expect(await phone.recovery.use(code)).toMatchObject({
      backup: false,
      opened: 0,
      device: { here: true },
    });
    const hers = await phone.rooms.get(room.id);
    expect(await texts(hers)).toEqual(["[unreadable]"]);
    await hers.send("after");
    expect(await texts(hers)).toEqual(["[unreadable]", "after"]);
  });
});
