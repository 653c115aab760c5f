import { describe, expect, it } from "vitest";
import { checkAnswer } from "./answers.ts";

const id = "01a1f8f8-c8ac-75aa-9b0a-9f5a11a05b6a";
const head = { id, topic_rev: 1, epoch: 2, log_rows: 1, last_seq: 9, transcript: "AAAA", members: null };
const sent = { id, seq: 9, at: "2026-11-20T12:00:00Z" };
const check = (name: string, answer: unknown) => () => checkAnswer(name, answer, "room.send");

describe("what the server says to a message", () => {
  it("is its place, or where the room stands that it was not for", () => {
    expect(check("send_messages", { room: head, messages: [sent] })).not.toThrow();
    expect(check("send_messages", { stale: head })).not.toThrow();
    expect(
      check("send_messages", { stale: { ...head, members: [{ user_id: id, root: "AAAA", log_rows: 2 }] } }),
    ).not.toThrow();
  });

  it.each([
    ...[null, {}, [], "x", { messages: null }, { messages: [{}] }, { messages: [{ ...sent, seq: -1 }] }],
    ...[{ stale: null }, { stale: {} }, { stale: [head] }, { stale: { id } }],
    ...Object.keys(head)
      .filter((name) => name !== "members")
      .map((name) => ({ stale: { ...head, [name]: {} } })),
    { stale: { ...head, members: [{}] } },
  ])("is refused where it is of another form: %j (NETWORK_SERVER)", (answer) => {
    expect(check("send_messages", answer)).toThrow(expect.objectContaining({ code: "NETWORK_SERVER" }));
  });
});

describe("where a room stands", () => {
  it("is not told to who is no member, and told whole to who is", () => {
    expect(check("heads", [{ id }, head])).not.toThrow();
    for (const part of ["epoch", "log_rows", "last_seq", "transcript"])
      expect(check("heads", [{ ...head, [part]: null }])).toThrow();
    expect(check("heads", [{}])).toThrow();
  });
});
