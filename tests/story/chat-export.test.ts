import { createHash, createPublicKey, verify } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ReadProgress } from "../../sdk/src/index.ts";
import { lyingAbout, restarted, type Talker, talker } from "./chat-kit.ts";
import { refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";

let kit: SdkKit;
let people: { ada: Talker; ben: Talker; cem: Talker };
beforeAll(async () => {
  kit = await startSdkKit();
  const [ada, ben, cem] = await Promise.all([talker(kit, "ada"), talker(kit, "ben"), talker(kit, "cem")]);
  people = { ada, ben, cem };
});
afterAll(() => kit?.stop());

describe("a room's export", () => {
  it("has what ada's device has opened, in order, with who signed it, and what it has not as that", async () => {
    const { ada, ben, cem } = people;
    const hers = await ada.trackit.rooms.create({ name: "Training\nben: no", members: [ben.id] });
    const first = await hers.send("one\n2026-01-01 00:00:00Z  ben: I never said this\u202e");
    const his = await ben.trackit.rooms.get(hers.id);
    await his.react(first.id, "👍");
    await his.send("two", { replyTo: first.id });
    await hers.send({ type: "poll", data: { question: "Six?" } });
    const third = await hers.send("oops");
    await hers.delete(third);
    await hers.add(cem.id);
    const cems = await cem.trackit.rooms.get(hers.id);
    await cems.send("new here");
    await ada.trackit.rooms.get(hers.id);

    const steps: ReadProgress[] = [];
    const text = await hers.export({ onProgress: (step) => void steps.push(step) }).text();
    expect(steps.at(-1)).toEqual({ done: 5, total: 5 });
    const { messages, room } = JSON.parse(text);
    expect(room).toMatchObject({ id: hers.id, name: hers.name, historyPolicy: "none" });
    const { id: device } = await ben.trackit.devices.me();
    expect(messages).toMatchObject([
      { id: first.id, status: "sent", reactions: [{ emoji: "👍", userIds: [ben.id] }] },
      { text: "two", replyTo: first.id, signed: { device, hash: expect.stringMatching(/^[0-9a-f]{64}$/) } },
      { content: { kind: "structured", data: { question: "Six?" } } },
      { id: third.id, status: "deleted", text: "" },
      { text: "new here", from: { userId: cem.id } },
    ]);
    const [row] = await kit.sql`select id from devices where id = ${device} and user_id = ${ben.id}`;
    expect(row?.id).toBe(device);

    const unread = JSON.parse(await cems.export({ format: "json" }).text()).messages;
    expect(unread.map(({ status }: { status: string }) => status)).toEqual([
      // What cem cannot read includes that ada has signed for its end.
      ...["unreadable", "unreadable", "unreadable", "withheld", "sent"],
    ]);
    expect(unread[0]).toMatchObject({ content: null, problem: { cause: expect.stringContaining("no key") } });
  });

  it("reads as text in which no message passes for another's line", async () => {
    const { ada, ben } = people;
    const hers = await ada.trackit.rooms.create({ name: "Training", members: [ben.id] });
    await hers.send("one\n2026-01-01 00:00:00Z  ben: I never said this\u202e\u001b[2J");
    await hers.send("two");
    const pieces: string[] = [];
    for await (const piece of hers.export({ format: "text" })) pieces.push(piece);
    const lines = pieces.join("").split("\n");
    expect(lines.slice(0, 2)).toEqual(["Training", `${ada.username}, ${ben.username}`]);
    expect(lines.slice(3)).toEqual([
      expect.stringMatching(new RegExp(`^\\d{4}-\\d\\d-\\d\\d [\\d:]{8}Z  ${ada.username}: one$`)),
      "    2026-01-01 00:00:00Z  ben: I never said this[2J",
      expect.stringMatching(/: two$/),
      "",
    ]);
    const signal = AbortSignal.abort();
    await expect(hers.export({ signal }).text()).rejects.toMatchObject(refusal("NETWORK_ABORTED"));
    const format = "csv" as "json";
    await expect(hers.export({ format }).text()).rejects.toMatchObject(
      refusal("USAGE_INVALID", { field: "format" }),
    );
  });
});

interface Evidence {
  room: string;
  alarm: { message: string } | null;
  pin: { seq: number; transcript: string } | null;
  rows: { seq: number; kind: string; bytes: string; by: string; transcript: string }[];
  deviceLogs: { userId: string; root: string; entries: string[] }[];
  transcript: { seq: number; transcript: string };
  findings: { row: number | null; seq: number; says: string; here: string | null }[];
}

/** What a stranger makes of the file, by docs/protocol.md alone: nothing here is the SDK's. */
const sha = (...parts: (Uint8Array | string)[]) => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
};
const tagged = (tag: string, ...parts: Uint8Array[]) => sha(`trackit/1/${tag}\0`, ...parts);
const uuid = (bytes: Uint8Array) =>
  Buffer.from(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

/** §15.2, §15.5: hash of a message, whole or withdrawn. */
function messageHash(bytes: Buffer): Buffer {
  const header = bytes.subarray(0, 219);
  const body = bytes.length === 315 ? bytes.subarray(219, 251) : sha(bytes.subarray(223, -64));
  return tagged("message", header, body);
}

/** §13.3, over §11.1, §14.1 and §15.2. */
function transcriptOf({ room, rows }: Evidence, upTo: number): string {
  let t = tagged("transcript-start", Buffer.from(room.replaceAll("-", ""), "hex"));
  for (const { bytes: text, kind } of rows.slice(0, upTo)) {
    const bytes = Buffer.from(text, "base64url");
    const whole = bytes.subarray(0, -64);
    const hash =
      kind === "entry"
        ? tagged("room-entry", whole)
        : kind === "commit"
          ? tagged("commit", whole)
          : messageHash(bytes);
    t = tagged("transcript", t, hash);
  }
  return t.toString("hex");
}

/** The signing key of a device, from the signed list of its user: §9.2, its id by §9.1. */
function keyOf({ deviceLogs }: Evidence, device: string): Buffer {
  for (const { entries, userId } of deviceLogs)
    for (const text of entries) {
      const bytes = Buffer.from(text, "base64url");
      const key = bytes[89] === 1 ? bytes.subarray(114 + 1 + 422, 114 + 1 + 422 + 65) : null;
      const user = Buffer.from(userId.replaceAll("-", ""), "hex");
      if (key && uuid(tagged("device-id", user, key).subarray(0, 16)) === device) return key;
    }
  throw new Error(`no list of devices has ${device}`);
}

/** §3: tag ‖ 00 ‖ object hash ‖ signer id ‖ SHA-256(signing key), ECDSA P-256 over SHA-256. */
function isSigned(evidence: Evidence, row: Evidence["rows"][number]): boolean {
  const bytes = Buffer.from(row.bytes, "base64url");
  const id = bytes.subarray(59, 75);
  const key = keyOf(evidence, uuid(id));
  const input = Buffer.concat([Buffer.from("trackit/1/message-sig\0"), messageHash(bytes), id, sha(key)]);
  const [x, y] = [key.subarray(1, 33).toString("base64url"), key.subarray(33).toString("base64url")];
  const publicKey = createPublicKey({ key: { kty: "EC", crv: "P-256", x, y }, format: "jwk" });
  return verify("sha256", input, { key: publicKey, dsaEncoding: "ieee-p1363" }, bytes.subarray(-64));
}

const evidenceOf = async ({ trackit }: Talker, room: string): Promise<Evidence> =>
  JSON.parse(await trackit.rooms.exportEvidence(room).text());

describe("evidence", () => {
  it("of a room where nothing is wrong finds nothing, and its rows come to the transcript that it names", async () => {
    const { ada, ben } = people;
    const room = await ada.trackit.rooms.create({ name: "fine", members: [ben.id] });
    await room.send("a secret word");
    const steps: ReadProgress[] = [];
    const onProgress = (step: ReadProgress) => void steps.push(step);
    const text = await ada.trackit.rooms.exportEvidence(room.id, { onProgress }).text();
    expect(text).not.toContain("secret");
    const evidence = JSON.parse(text) as Evidence;
    expect(evidence).toMatchObject({ room: room.id, alarm: null, findings: [] });
    const last = evidence.rows.length;
    expect(evidence.transcript).toEqual({ seq: last, transcript: transcriptOf(evidence, last) });
    expect(evidence.pin).toEqual(evidence.transcript);
    expect(steps.at(-1)).toEqual({ done: last, total: last });
    const message = evidence.rows.find(({ kind }) => kind === "message");
    expect(message && isSigned(evidence, message)).toBe(true);
  });

  it("that ben's device names another history is a row that it has signed, which anybody can check", async () => {
    const { ada, ben } = people;
    const room = await ada.trackit.rooms.create({ name: "lied about", members: [ben.id] });
    await room.send("one");
    await (await ben.trackit.rooms.get(room.id)).send("two");
    await lyingAbout(ben, room.id, "three");
    await ada.trackit.rooms.get(room.id);
    expect(room.alarm).toMatchObject({ kind: "history", userId: ben.id });
    const evidence = await evidenceOf(ada, room.id);
    expect(evidence.alarm?.message).toBe(room.alarm?.message);
    const [finding] = evidence.findings;
    expect(evidence.findings).toHaveLength(1);
    const row = evidence.rows.find(({ seq }) => seq === finding?.row);
    expect(row && isSigned(evidence, row)).toBe(true);
    // What it has signed is not what the rows before it come to, which ben's own earlier row agrees with.
    const seen = Buffer.from(row?.bytes ?? "", "base64url").subarray(171, 211);
    expect(seen.subarray(8).toString("hex")).toBe(finding?.says);
    const real = transcriptOf(evidence, Number(seen.readBigUInt64BE()));
    expect([real, finding?.here]).toEqual([real, real]);
    expect(real).not.toBe(finding?.says);
    // The check can fail: a byte of the row changed is no signature of ben's.
    const bytes = Buffer.from(row?.bytes ?? "", "base64url");
    bytes[180] = (bytes[180] ?? 0) ^ 1;
    expect(row && isSigned(evidence, { ...row, bytes: bytes.toString("base64url") })).toBe(false);
  });

  it("of a fork holds what ben's device has signed about rows that ada was never shown", async () => {
    const { ada, ben } = people;
    const hers = await ada.trackit.rooms.create({ name: "forked", members: [ben.id] });
    const [before] = await kit.sql`select last_seq, transcript from rooms where id = ${hers.id}`;
    const his = await ben.trackit.rooms.get(hers.id);
    await hers.send("what ben never sees");
    await kit.sql`delete from messages where room_id = ${hers.id} and seq > ${before?.last_seq}`;
    await kit.sql`update rooms set ${kit.sql(before ?? {}, "last_seq", "transcript")} where id = ${hers.id}`;
    await his.send("in its place");
    await his.send("and on");
    await expect(hers.send("three")).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
    const evidence = await evidenceOf(ada, hers.id);
    // Ada's own pin is her word; that ben's rows stand in its place is signed by him, and by his transcript.
    expect(evidence.findings).toMatchObject([{ row: null, seq: Number(before?.last_seq) + 1 }]);
    const last = evidence.rows.at(-1);
    const seen = Buffer.from(last?.bytes ?? "", "base64url").subarray(171, 211);
    const place = Number(seen.readBigUInt64BE());
    expect(last && isSigned(evidence, last)).toBe(true);
    expect(seen.subarray(8).toString("hex")).toBe(transcriptOf(evidence, place));
    expect(place).toBe(evidence.findings[0]?.seq);
    expect(evidence.findings[0]?.says).not.toBe(transcriptOf(evidence, place));
  });

  it("of rows that the server has taken back names the place that ada's device had verified", async () => {
    const { ada, ben } = people;
    const room = await ada.trackit.rooms.create({ name: "taken back", members: [ben.id] });
    await room.send("one");
    const before = await evidenceOf(ada, room.id);
    const { seq } = await room.send("two");
    const after = await evidenceOf(ada, room.id);
    await kit.sql`delete from messages where room_id = ${room.id} and seq = ${seq}`;
    await kit.sql`
      update rooms set last_seq = ${before.transcript.seq},
        transcript = decode(${before.transcript.transcript}, 'hex') where id = ${room.id}`;
    await expect(room.send("three")).rejects.toMatchObject(refusal("CRYPTO_HISTORY"));
    const evidence = await evidenceOf(ada, room.id);
    expect(evidence.rows).toEqual(before.rows);
    expect(evidence.findings).toEqual([{ row: null, seq, says: after.transcript.transcript, here: null }]);
    expect(evidence.pin).toEqual(after.transcript);
    // By a session that has not opened the room, too: by what the device has kept.
    people.ada = await restarted(kit, ada);
    expect((await evidenceOf(people.ada, room.id)).findings).toEqual(evidence.findings);
  });

  it("of somebody else's room is not to be had", async () => {
    const { ada, cem } = people;
    const room = await ada.trackit.rooms.create({ name: "not cem's" });
    await expect(evidenceOf(cem, room.id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
    const signal = AbortSignal.abort();
    await expect(ada.trackit.rooms.exportEvidence(room.id, { signal }).text()).rejects.toMatchObject(
      refusal("NETWORK_ABORTED"),
    );
  });
});
