import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { keeping } from "../../sdk/src/chat/upkeep.ts";
import type { ChatAlarm } from "../../sdk/src/index.ts";
import { approved, listen, restarted, type Talker, talker, texts } from "../story/chat-kit.ts";
import { Inbox } from "../story/realtime-wait.ts";
import { refusal, type SdkKit, startSdkKit } from "../story/sdk-kit.ts";

let kit: SdkKit;
let [ada, cem]: Talker[] = [];
beforeAll(async () => {
  kit = await startSdkKit();
  [ada, cem] = await Promise.all(["ada", "cem"].map((name) => talker(kit, name)));
});
afterAll(() => kit?.stop());

const two = () => {
  if (!ada || !cem) throw new Error("two people are wanted");
  return { ada, cem };
};

/** Somebody who has lost their keys, and says so. */
const startOver = ({ trackit }: Talker) => trackit.devices.startOver({ confirm: true });

describe("ben, who has begun anew,", () => {
  it("is one line in ada's group, once, and reads there again when she has added him back", async () => {
    const { ada, cem } = two();
    const ben = await talker(kit, "ben");
    const room = await ada.trackit.rooms.create({ name: "Training", members: [ben.id, cem.id] });
    await room.send("before");
    expect(await room.resets()).toEqual([]);
    const number = await ada.trackit.devices.safetyNumber(ben.username);
    await startOver(ben);
    await room.send("while he is out");
    expect(await room.resets()).toEqual([{ userId: ben.id, username: ben.username }]);
    expect(room.members.map(({ userId }) => userId)).not.toContain(ben.id);
    await expect(ben.trackit.rooms.get(room.id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    expect(await ada.trackit.devices.safetyNumber(ben.username)).not.toBe(number);

    // It is ada's decision, in her own time; nothing of hers waited for it.
    await expect(room.add(ben.username)).rejects.toMatchObject(
      refusal("CRYPTO_IDENTITY", { details: { userId: ben.id } }),
    );
    expect(await ada.trackit.devices.identity(ben.username)).toEqual({
      userId: ben.id,
      username: ben.username,
      verified: false,
      changed: true,
    });
    await ada.trackit.devices.accept(ben.username);
    await room.add(ben.username);
    await room.send("welcome back");
    expect(await texts(await ben.trackit.rooms.get(room.id))).toEqual([
      "[unreadable]",
      "[unreadable]",
      "welcome back",
    ]);
    expect(await room.resets()).toEqual([]);

    // Cem is told as well, and once he has seen it, no more.
    const his = await cem.trackit.rooms.get(room.id);
    await room.remove(ben.username);
    expect(await his.resets()).toEqual([{ userId: ben.id, username: ben.username }]);
    await his.acknowledgeReset(ben.id);
    expect(await (await cem.trackit.rooms.get(room.id)).resets()).toEqual([]);
    await his.acknowledgeReset(ada.id);
  });

  it("is told to cem, whose device is full, once there is place, or in his next session", async () => {
    const { ada, cem: his } = two();
    const ben = await talker(kit, "ben");
    const make = () => ada.trackit.rooms.create({ members: [his.id, ben.id] });
    const [first, second] = [await make(), await make()];
    const [one, other] = [await his.trackit.rooms.get(first.id), await his.trackit.rooms.get(second.id)];
    await startOver(ben);
    const keep = his.keystore.batch.bind(his.keystore);
    let fullFor = [one.id, other.id];
    const batch = vi.spyOn(his.keystore, "batch").mockImplementation(async (changes, guards) => {
      const lines = fullFor.map((id) => `reset/${id.replaceAll("-", "")}/`);
      for (const change of changes)
        if ("record" in change && lines.some((line) => change.record.startsWith(line)))
          throw new Error("the disk is full");
      return keep(changes, guards);
    });
    for (const room of [one, other, one]) await expect(room.resets()).rejects.toThrow("the disk is full");
    fullFor = [other.id];
    const line = [{ userId: ben.id, username: ben.username }];
    expect(await one.resets()).toEqual(line);
    await one.acknowledgeReset(ben.id);
    expect(await one.resets()).toEqual([]);
    await his.trackit.close();
    batch.mockRestore();
    cem = await restarted(kit, his);
    const { rooms } = cem.trackit;
    expect(await (await rooms.get(other.id)).resets()).toEqual(line);
    expect(await (await rooms.get(one.id)).resets()).toEqual([]);
  });

  it("gets no direct message of ada's before she has accepted him, in the old room or a new one", async () => {
    const { ada } = two();
    const ben = await talker(kit, "ben");
    const old = await ada.trackit.rooms.direct(ben.username);
    await old.send("before");
    const told = new Inbox<ChatAlarm>();
    const stop = ada.trackit.devices.on("alarm", told.put);
    await startOver(ben);
    await expect(ada.trackit.rooms.direct(ben.username)).rejects.toMatchObject(refusal("CRYPTO_IDENTITY"));
    expect(await told.take()).toMatchObject({ kind: "identity", userId: ben.id });
    await expect(old.send("are you there?")).rejects.toMatchObject(
      refusal("CRYPTO_IDENTITY", { details: { userId: ben.id } }),
    );
    expect(await old.resets()).toEqual([{ userId: ben.id, username: ben.username }]);
    const [unsent] = await old.history().toArray();
    expect(unsent).toMatchObject({ status: "failed", text: "are you there?" });
    await ada.trackit.devices.accept(ben.username);
    const anew = await ada.trackit.rooms.direct(ben.username);
    expect(anew.id).not.toBe(old.id);
    await anew.send("are you there?");
    expect(await texts(await ben.trackit.rooms.direct(ada.id))).toEqual(["are you there?"]);
    await expect(old.release(unsent ?? "")).rejects.toMatchObject(refusal("CRYPTO_IDENTITY"));
    stop();
  });

  it("root_change_holds_outbox: does not read what ada wrote before he was back; it is held, and she is asked", async () => {
    const { ada, cem } = two();
    const ben = await talker(kit, "ben");
    const room = await ada.trackit.rooms.create({ members: [ben.id, cem.id] });
    await room.setRole(cem.id, "admin");
    const his = await cem.trackit.rooms.get(room.id);
    await startOver(ben);
    await cem.trackit.devices.accept(ben.id).catch(() => {});
    await his.add(ben.id);
    const { changed } = listen(room);
    // For all that ada's device has seen, ben is who he was.
    const sent = room.send("for the ben that I know");
    await expect(sent).rejects.toMatchObject(
      refusal("CONFLICT_AUDIENCE", { details: { userIds: [ben.id] } }),
    );
    const held = await changed.take();
    expect(held).toMatchObject({ status: "held", text: "for the ben that I know" });
    expect(await texts(await ben.trackit.rooms.get(room.id))).toEqual([]);
    await room.release(held);
    expect(await texts(await ben.trackit.rooms.get(room.id))).toEqual(["for the ben that I know"]);
  });

  it("gets nothing of ada's in any room where she had verified him, on none of her devices", async () => {
    const { ada, cem } = two();
    const ben = await talker(kit, "ben");
    const room = await ada.trackit.rooms.create({ members: [ben.id, cem.id] });
    await room.setRole(cem.id, "admin");
    Object.assign(keeping, { delay: 20, between: 200 });
    await ada.trackit.devices.verify(ben.username);
    expect(await ada.trackit.devices.identity(ben.id)).toMatchObject({ verified: true, changed: false });
    const laptop = await approved(kit, ada);
    // Whoever has something new looks after what the others have.
    const onLaptop = async () => {
      for (const device of [ada.trackit, laptop]) await device.devices.accept(cem.username);
      return (await laptop.devices.identity(ben.id)).verified;
    };
    await expect.poll(onLaptop, { timeout: 60_000 }).toBe(true);
    Object.assign(keeping, { delay: 5_000, between: 90_000 });
    await startOver(ben);
    await (await cem.trackit.rooms.get(room.id)).add(ben.id).catch(() => {});
    await cem.trackit.devices.accept(ben.id);
    const his = await cem.trackit.rooms.get(room.id);
    if (!his.members.some(({ userId }) => userId === ben.id)) await his.add(ben.id);

    for (const device of [ada.trackit, laptop]) {
      // Written when he was back: others need not be asked, ada has said that it must be him.
      const hers = await device.rooms.get(room.id);
      await expect(hers.send("a secret")).rejects.toMatchObject(
        refusal("CRYPTO_IDENTITY", { details: { userIds: [ben.id] } }),
      );
      const [held] = await hers.history().toArray();
      expect(held).toMatchObject({ status: "held" });
      await expect(hers.release(held ?? "")).rejects.toMatchObject(refusal("CRYPTO_IDENTITY"));
    }
    expect(await texts(await ben.trackit.rooms.get(room.id))).toEqual([]);
    await his.send("nobody else is held up");
    await ada.trackit.devices.accept(ben.id);
    expect(await ada.trackit.devices.identity(ben.id)).toMatchObject({ verified: false, changed: false });
    const [held] = (await room.history().toArray()).filter(({ status }) => status === "held");
    await room.release(held ?? "");
    expect((await texts(await ben.trackit.rooms.get(room.id))).at(-1)).toBe("a secret");
  });
});
