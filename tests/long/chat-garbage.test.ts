/** A server that answers chat with anything: typed errors, nothing posted, and afterwards all is as it was. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Talker } from "../story/chat-kit.ts";
import { type SdkKit, startSdkKit } from "../story/sdk-kit.ts";
import { type LyingProxy, lyingProxy } from "../support/chat/lying-proxy.ts";
import { readTexts, restartedBy, talkerBy } from "../support/chat/people.ts";

let kit: SdkKit;
let proxy: LyingProxy;
let ada: Talker;
let ben: Talker;
let room: string;
beforeAll(async () => {
  kit = await startSdkKit();
  proxy = await lyingProxy(kit.stack.env.API_URL);
  [ada, ben] = (await Promise.all(["ada", "ben"].map((name) => talkerBy(kit, proxy.url, name)))) as [
    Talker,
    Talker,
  ];
  const made = await ada.trackit.rooms.create({ name: "Training", members: [ben.id] });
  await made.send("first");
  room = made.id;
});
afterAll(async () => {
  await kit?.stop();
  await proxy?.close();
});

const garbage = [
  ...[null, {}, [], "x", 7, true, [null], [{}], [[]], [7], ["x"]],
  [{ id: 7, seq: "x", kind: "entry", bytes: 5, user_id: "nobody", rows: -1 }],
  [{ id: "01a1f8f8-c8ac-75aa-9b0a-9f5a11a05b6a", members: [{}], last_seq: -1, transcript: "!" }],
];
const reads =
  "heads room_rows room_wraps read_device_logs my_grants my_rooms lookup_profile my_approvals vault_items_since";

describe.each(reads.split(" "))("%s", (name) => {
  it.each(garbage)("answered with %j", async (answer) => {
    ben = await restartedBy(kit, proxy.url, ben);
    proxy.answers(name, ben.id, () => answer);
    const acts: (() => Promise<unknown>)[] = [
      () => ben.trackit.rooms.get(room),
      () => ben.trackit.rooms.list().toArray(),
      () => ben.trackit.rooms.direct(ada.username),
      () => ben.trackit.devices.list(),
      () => ben.trackit.devices.requests(),
    ];
    for (const act of acts) {
      const error = await act().then(
        () => null,
        (reason: unknown) => reason,
      );
      if (error) expect(error).toMatchObject({ name: "TrackItError" });
    }
    proxy.honest();
    ben = await restartedBy(kit, proxy.url, ben);
    expect(await readTexts(ben.trackit, room)).toEqual(["first"]);
    expect((await ben.trackit.rooms.get(room)).alarm).toBeNull();
  });
});

it("nobody has begun anew, and the two still talk", async () => {
  expect(await kit.sql`select count(*)::int as n from identities`).toMatchObject([{ n: 2 }]);
  await (await ada.trackit.rooms.get(room)).send("second");
  expect(await readTexts(ben.trackit, room)).toEqual(["first", "second"]);
});
