import { describe, expect, it } from "vitest";
import {
  completeApproval,
  openApprovalAnswer,
  readApprovalRequest,
} from "../../sdk/src/crypto/approval/index.ts";
import { encode, head } from "../../sdk/src/crypto/codec.ts";
import { asSigner } from "../../sdk/src/crypto/device-log/index.ts";
import { checkJoin, decodeInviteLink, isInvitedBy } from "../../sdk/src/crypto/invite/index.ts";
import {
  applyRoomEntry,
  type DeviceLogs,
  nameKey,
  openRoomName,
  type RoomLog,
  roomEntryHash,
  selfRoomId,
  startRoomLog,
} from "../../sdk/src/crypto/room-log/index.ts";
import { createSuite } from "../../sdk/src/crypto/suite/index.ts";
import { bytes, hex, kept, logOf } from "./kept.ts";

const suite = createSuite();

async function devices(): Promise<DeviceLogs> {
  const logs = [await logOf(0), await logOf(1)];
  return (user) => logs.find((log) => hex(log.user) === hex(user));
}

/** The room's log after each of its entries, and what was said of each. */
async function roomOf(
  index: number,
): Promise<{ log: RoomLog; verdict: unknown; note: string; is: string }[]> {
  const { id, rows } = kept.rooms[index] ?? { id: "", rows: [] };
  const logs = await devices();
  const states = [];
  let log = startRoomLog(bytes(id));
  for (const [at, row] of rows.entries()) {
    if (row.kind !== "entry") continue;
    const next = await applyRoomEntry(suite, log, { bytes: bytes(row.bytes), place: at + 1 }, logs);
    log = next.log;
    const is = hex(await roomEntryHash(suite, bytes(row.bytes)));
    expect(is, row.note).toBe(row.hash);
    states.push({ log, verdict: next.verdict, note: row.note, is });
  }
  return states;
}

describe("what a second reading of §9 to §12 made", () => {
  it("the rows of both rooms' logs are valid, the last of the group's alone is not", async () => {
    const group = await roomOf(0);
    const last = group.at(-1);
    expect(last?.note).toContain("void");
    expect(last?.verdict).toEqual({ void: "right" });
    expect(group.slice(0, -1).map(({ verdict }) => verdict)).toEqual(group.slice(1).map(() => "valid"));
    expect(last?.log.members.size).toBe(1);
    const [own] = await roomOf(1);
    expect(own?.verdict).toBe("valid");
    expect(hex(await selfRoomId(suite, await logOf(0)))).toBe(kept.rooms[1]?.id);
  });

  it("the room's name opens with the secret of its epoch", async () => {
    const { log } = (await roomOf(0)).at(-1) ?? {};
    const commit = kept.rooms[0]?.commits[0];
    const name = log?.name;
    if (!name || !commit) throw new Error("the group of the vectors has a name");
    expect([name.epoch, hex(name.commit)]).toEqual([commit.epoch, commit.hash]);
    const key = await nameKey(suite, await suite.hmacKey(bytes(commit.secret)), name.commit);
    const room = bytes(kept.rooms[0]?.id ?? "");
    expect(await openRoomName(suite, key, { room, seq: name.seq, sealed: name.sealed })).toBe("Träning 🏃");
  });

  it("its request for approval is read, and its answer leads to the entry that is in the log", async () => {
    const { code, request, answer } = kept.approval;
    const asked = await readApprovalRequest(suite, code, bytes(request));
    const laptop = kept.devices.find(({ name }) => name === "ada.laptop");
    expect(hex(asked.wrapKey)).toBe(laptop?.wrapKey);
    const approval = await openApprovalAnswer(suite, code, bytes(request), bytes(answer));
    expect([hex(approval.root), approval.head.seq]).toEqual([kept.people[0]?.root, 1]);
    const row = bytes(kept.people[0]?.rows[1] ?? "");
    const signed = await asSigner(suite, asked.user, await suite.makeSigningKeys());
    const whole = await completeApproval(suite, approval, { ...signed, sign: async () => row.slice(-64) });
    expect(hex(whole)).toBe(hex(row));
  });

  it("its invite leads into the room, and its request to join is taken", async () => {
    const { fragment, secret, request } = kept.joining;
    const link = decodeInviteLink(fragment);
    const log = (await roomOf(0)).find(({ note }) => note === "invite")?.log;
    if (!log) throw new Error("the group of the vectors has an invite");
    expect(hex(encode(head, log.head))).toBe(hex(encode(head, link.head)));
    expect(await isInvitedBy(suite, log, link)).toBe(true);
    const about = { secret: bytes(secret), log, logs: await devices() };
    // The vectors' invite ends at 0, and expiry is a matter of the reader's clock alone.
    expect((await checkJoin(suite, bytes(request), { ...about, now: -1 })).verdict).toBe("valid");
    expect((await checkJoin(suite, bytes(request), { ...about, now: 0 })).verdict).toEqual({
      void: "expired",
    });
  });
});
