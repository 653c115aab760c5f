import { beforeAll, describe, expect, it } from "vitest";
import { type Bytes, concat } from "../bytes/index.ts";
import type { Signer } from "../device-log/index.ts";
import { addDevice, person, revoke, suite } from "../testing/cast.ts";
import { act, add, invite, logsOf, meet, must, newRoom, remove, setRole } from "../testing/rooms.ts";
import {
  applyRoomEntry,
  type DeviceLogs,
  pinHeads,
  ROOM_RULES,
  type RoomLog,
  type RoomVoid,
} from "./index.ts";

interface Refused {
  log: RoomLog;
  row: Bytes;
  logs?: DeviceLogs;
}
/** For each rule a row that it alone refuses: without the rule the row would be taken. */
const rows = new Map<RoomVoid, Refused>();
let everybody: DeviceLogs;

beforeAll(async () => {
  const { cast, group } = await meet();
  const { ada, ben, cem, eve } = cast;
  everybody = logsOf(...Object.values(cast));
  const make = async (...given: Parameters<typeof act>) => (await act(...given)).row;
  const elsewhere = { ...group, room: suite.random(16) };
  rows.set("place", { log: group, row: await make(elsewhere, ada, add(eve)) });
  const laptop = await addDevice(ada);
  const gone = await revoke(laptop.who, [laptop.device.id]);
  const logs = logsOf(...Object.values(cast), gone.who);
  const pinned = pinHeads(group, [{ user: ada.user, root: ada.log.root, head: gone.who.log.head }]);
  const late = await make(group, laptop.who, add(eve), { device: laptop.device });
  rows.set("head", { log: pinned, row: late, logs });
  rows.set("right", { log: group, row: await make(group, cem, remove(ben)) });
  rows.set("target", { log: group, row: await make(group, ada, setRole(cem, 1)) });
  let full = await newRoom(ada);
  for (let count = 0; count < 100; count++) full = await must(full, ada, invite(suite.random(16)));
  rows.set("limit", { log: full, row: await make(full, ada, invite(suite.random(16))) });
  const row = await make(group, ada, add(eve));
  rows.set("signature", { log: group, row: concat(row.slice(0, -64), suite.random(64)) });
});

describe("each rule of a room log", () => {
  const alone = ROOM_RULES.map(([reason]) => reason).filter((reason) => reason !== "device");

  it.each(alone)("%s: nothing else would refuse this", async (reason) => {
    const { log, row, logs = everybody } = rows.get(reason) as Refused;
    const given = { bytes: row, place: 9 };
    expect((await applyRoomEntry(suite, log, given, logs)).verdict).toEqual({ void: reason });
    const others = ROOM_RULES.filter(([name]) => name !== reason);
    expect((await applyRoomEntry(suite, log, given, logs, others)).verdict).toBe("valid");
  });

  it("device: without the rule there is no key to verify by", async () => {
    const { cast, group } = await meet();
    const stranger = await person("fay");
    const device: Signer = stranger.phone;
    const { row, verdict } = await act(group, cast.ada, add(cast.eve), { device });
    expect(verdict).toEqual({ void: "device" });
    const others = ROOM_RULES.filter(([name]) => name !== "device");
    const logs = logsOf(...Object.values(cast));
    const next = await applyRoomEntry(suite, group, { bytes: row, place: 9 }, logs, others);
    expect(next.verdict).toEqual({ void: "signature" });
  });
});
