import { afterAll, beforeAll, expect, it } from "vitest";
import { pace } from "../../sdk/src/chat/approval/wait.ts";
import type { TrackIt } from "../../sdk/src/index.ts";
import { clocks } from "../../sdk/src/live/clocks.ts";
import { approved, type Talker, talker } from "./chat-kit.ts";
import { refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let people: { ada: Talker; ben: Talker; cem: Talker };
/** Ada's other device: it has made no invite. */
let laptop: TrackIt;
beforeAll(async () => {
  // A word that is lost on its way shall cost a test no seconds.
  pace.poll = 300;
  clocks.headCheck = 500;
  kit = await startSdkKit();
  const [ada, ben, cem] = await Promise.all([talker(kit, "ada"), talker(kit, "ben"), talker(kit, "cem")]);
  people = { ada, ben, cem };
  laptop = await approved(kit, ada);
});
afterAll(() => kit?.stop());

const cap = () => ({ signal: AbortSignal.timeout(60_000) });

/** How often each user was brought into a room, by its log. */
const brought = async (room: string) => {
  const rows = await kit.sql`
    select encode(substring(entry from 171 for 16), 'hex') as who, count(*)::int as times
    from room_log where room_id = ${room} and op = 2 group by 1`;
  return Object.fromEntries(rows.map(({ who, times }) => [who, times]));
};
const hex = (id: string) => id.replaceAll("-", "");

it("ada's laptop answers an invite that her phone has made, without having the room open", async () => {
  const { ada, ben } = people;
  const room = await ada.trackit.rooms.create({ name: "open house" });
  const link = await room.invite({ uses: 2 });
  const stop = laptop.rooms.on("change", () => {});
  await laptop.devices.me();
  await ada.trackit.close();
  const his = await ben.trackit.rooms.join(link, cap());
  his.on("message", () => {});
  // The name, under a key of his, comes a moment after him.
  await expect.poll(() => his.name, { timeout: 60_000 }).toBe("open house");
  expect(await brought(room.id)).toEqual({ [hex(ben.id)]: 1 });
  const [invite] = await (await laptop.rooms.get(room.id)).invites();
  expect(invite).toMatchObject({ left: 1, role: "member", own: true, userId: ada.id });
  stop();
  people.ada = { ...ada, trackit: laptop };
});

it("two of ada's devices that answer at once bring cem in once", async () => {
  const { ada, cem, ben } = people;
  const phone = await approved(kit, ada);
  const room = await ada.trackit.rooms.create({ name: "crowd", historyPolicy: "shared" });
  await room.send("welcome");
  const link = await room.invite({ uses: 5 });
  for (const device of [phone, ada.trackit]) {
    await device.rooms.get(room.id);
    device.rooms.on("change", () => {});
  }
  const joined = await Promise.all([cem, ben].map((who) => who.trackit.rooms.join(link, cap())));
  expect(joined.map(({ id }) => id)).toEqual([room.id, room.id]);
  const left = async () => (await (await phone.rooms.get(room.id)).invites()).map((one) => one.left);
  await expect.poll(left, { timeout: 60_000 }).toEqual([3]);
  expect(await brought(room.id)).toEqual({ [hex(cem.id)]: 1, [hex(ben.id)]: 1 });
  expect((await kit.sql`select 1 from join_requests where room_id = ${room.id}`).length).toBe(0);
});

it("nobody comes in by an invite that is used up, over, or withdrawn, and who waits is told", async () => {
  const { ada, ben, cem } = people;
  const room = await ada.trackit.rooms.create({ name: "closed" });
  const once = await room.invite();
  await ben.trackit.rooms.join(once, cap());
  await expect(cem.trackit.rooms.join(once, cap())).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));

  const withdrawn = await room.invite({ uses: 3 });
  const [{ id } = { id: "" }] = await room.invites();
  await expect((await ben.trackit.rooms.get(room.id)).withdrawInvite(id)).rejects.toMatchObject(
    refusal("ACCESS_DENIED"),
  );
  await room.withdrawInvite(withdrawn);
  expect(await room.invites()).toEqual([]);
  await expect(room.withdrawInvite(id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
  await expect(cem.trackit.rooms.join(withdrawn, cap())).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));

  const late = await room.invite({ uses: 3 });
  await kit.sql`update room_invites set expires_at = now() - interval '1 second' where room_id = ${room.id}`;
  await expect(cem.trackit.rooms.join(late, cap())).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
  expect(Object.keys(await brought(room.id))).toEqual([hex(ben.id)]);
});

it.each(["withdrawn", "over"])(
  "ada's devices let nobody in by an invite that is %s by the log, whatever the server says, and cem is told",
  async (how) => {
    const { ada, cem } = people;
    const room = await ada.trackit.rooms.create({ name: how });
    const link = await room.invite(how === "over" ? { expiresIn: 1 } : { uses: 3 });
    if (how === "withdrawn") await room.withdrawInvite(link);
    await kit.sql`
      update room_invites set uses = 3, expires_at = now() + interval '1 day' where room_id = ${room.id}`;
    await expect(cem.trackit.rooms.join(link, cap())).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    expect(await brought(room.id)).toEqual({});
  },
);
