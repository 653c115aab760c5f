import type { Message } from "@trackit/sdk";
import { expect, test } from "vitest";
import { byDay, inRuns, withMessages } from "./thread.ts";

const message = (id: string, seq: number | null, at = "2026-11-20T12:00:00Z"): Message => ({
  ...{ id, seq, at, roomId: "room", status: seq === null ? "pending" : "sent", text: id, edited: false },
  ...{ from: { userId: "ada", username: "ada", own: true }, content: { kind: "text", text: id } },
  ...{ reactions: [], replyTo: null, problem: null, gap: 0 },
});
const ids = (all: readonly Message[]) => all.map(({ id }) => id);

test("messages stand in the room's order, what waits to be sent after them, by its time", () => {
  const waiting = [message("late", null, "2026-11-20T13:00:00Z"), message("early", null)];
  expect(ids(withMessages([message("b", 2)], [...waiting, message("a", 1)]))).toEqual([
    "a",
    "b",
    "early",
    "late",
  ]);
});

test("a message that has got its place takes it, and is there once", () => {
  const thread = withMessages([message("mine", null)], [message("theirs", 3), message("mine", 4)]);
  expect(ids(thread)).toEqual(["theirs", "mine"]);
  expect(thread[1]?.status).toBe("sent");
});

test("what was said on two days stands under two headings", () => {
  const thread = [message("a", 1, "2026-11-18T12:00:00Z"), message("b", 2), message("c", 3)];
  expect(byDay(thread).map(({ messages }) => ids(messages))).toEqual([["a"], ["b", "c"]]);
});

test("what cannot be read for one reason stands together, and what is missing before one is still told", () => {
  const problem = { cause: "no key", next: "" };
  const sealed = (id: string, seq: number, gap = 0): Message => ({
    ...message(id, seq),
    ...{ status: "unreadable", problem, gap },
  });
  const thread = [
    sealed("a", 1),
    sealed("b", 2),
    sealed("c", 3),
    message("d", 4),
    sealed("e", 5),
    sealed("f", 6, 1),
  ];
  expect(inRuns(thread).map(ids)).toEqual([["a", "b", "c"], ["d"], ["e"], ["f"]]);
});
