import type { Message, RoomSummary } from "@trackit/sdk";
import { expect, test } from "vitest";
import { withChange, withMessage, withRead } from "./summaries.ts";

const room = (id: string, activeAt: string): RoomSummary => ({
  ...{ id, activeAt, kind: "group", name: id, unread: 0, last: null },
});
const said = (roomId: string, own: boolean): Message => ({
  ...{ id: "m", roomId, seq: 1, status: "sent", at: "2026-11-20T12:00:00Z", text: "hi", edited: false },
  ...{ from: { userId: "ben", username: "ben", own }, content: { kind: "text", text: "hi" } },
  ...{ reactions: [], replyTo: null, problem: null, gap: 0 },
});
const all = [room("new", "2026-11-20T11:00:00.000+00:00"), room("old", "2026-11-19T11:00:00.000+00:00")];

test("a conversation in which ben says something comes first, with one more that is new", () => {
  expect(withMessage(all, said("old", false)).map(({ id, unread }) => [id, unread])).toEqual([
    ["old", 1],
    ["new", 0],
  ]);
});

test("what ada says herself is not new to her", () => {
  expect(withMessage(all, said("old", true))[0]).toMatchObject({ id: "old", unread: 0 });
});

test("what was said last is shown as it is now: what ben has deleted is not there any more", () => {
  const heard = withMessage(all, said("old", false));
  const gone: Message = { ...said("old", false), status: "deleted", content: null, text: "" };
  expect(heard[0]?.last?.text).toBe("hi");
  expect(withChange(heard, gone)[0]?.last?.status).toBe("deleted");
  expect(withChange(heard, { ...gone, id: "another" })).toBe(heard);
});

test("a conversation that was read keeps its place and has nothing new", () => {
  const read = withRead(withMessage(all, said("old", false)), "old");
  expect(read.map(({ id, unread }) => [id, unread])).toEqual([
    ["old", 0],
    ["new", 0],
  ]);
});
