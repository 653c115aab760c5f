import { beforeAll, describe, expect, it } from "vitest";
import type { GroupEffect } from "../group/index.ts";
import { addDevice, type Person, person, suite } from "../testing/cast.ts";
import { noRoot } from "../testing/rooms.ts";
import { type Client, change, enter, gather, grown, read, say, type World } from "../testing/world.ts";
import { type Item, receipted, shown, shownTime, startItem, targetOf, withdrawn } from "./item.ts";
import type { Content, Control } from "./payload.ts";

let people: Person[];
beforeAll(async () => {
  people = await Promise.all(["ada", "ben"].map((name) => person(name)));
});
const words = (text: string): Content => ({ kind: "text", reply: noRoot, text });
const by = (who: Person, place: number) => ({ user: who.user, device: who.phone.id, place });
const said = (who: Person, text: string, place = 1): Item => ({
  ...startItem(),
  message: { ...by(who, place), content: words(text), tombstone: false },
});
const done = (item: Item, who: Person, control: Control, place = 2): Item => ({
  ...item,
  acts: [...item.acts, { ...by(who, place), control }],
});
const target = noRoot;
const edit = (text: string, counter = 1): Control => ({
  kind: "edit",
  target,
  counter,
  content: words(text),
});
const remove: Control = { kind: "delete", target };
const react = (emoji: string, on = true): Control => ({ kind: "reaction", target, on, emoji });
const shownText = (item: Item) => {
  const what = shown(item);
  return what?.as === "content" && what.content.kind === "text" ? what.content.text : what?.as;
};

/** The item that a client makes of what it read about one message. */
function itemOf(effects: GroupEffect[], hash: Uint8Array): Item {
  let item = startItem();
  for (const { message, payload } of effects) {
    if (!message) continue;
    const author = { user: message.user, device: message.header.device, place: message.place };
    const about = payload && targetOf(payload);
    if (Buffer.compare(message.hash, hash) === 0) {
      item = { ...item, message: { ...author, content: payload as Content, tombstone: !message.body } };
    } else if (about && Buffer.compare(about, hash) === 0) {
      item = { ...item, acts: [...item.acts, { ...author, control: payload as Control }] };
    }
  }
  return item;
}

describe("edits and deletes", () => {
  it("edit_by_other_user: has no effect, and a delete by another neither; one's own, by any device, have", async () => {
    const { world, clients } = await gather(people);
    const [a, b] = clients as [Client, Client];
    const sync = async (...all: Client[]) => {
      for (const client of all) await read(world as World, client);
    };
    const hash = await say(world, a, "mine");
    await sync(a, b);
    await say(world, b, { kind: "edit", target: hash, counter: 9, content: words("ben's") });
    await say(world, b, { kind: "delete", target: hash });
    await sync(a, b);
    expect(shownText(itemOf(a.effects, hash))).toBe("mine");
    const laptop = await addDevice(a.who);
    grown(world, laptop.who);
    const other = await enter(world, laptop.who, laptop.device);
    await change(world, other);
    await sync(a, b, other);
    await say(world, other, { kind: "edit", target: hash, counter: 1, content: words("still mine") });
    await sync(a, b, other);
    expect([a, b].map(({ effects }) => shownText(itemOf(effects, hash)))).toEqual([
      "still mine",
      "still mine",
    ]);
  });

  it("the highest counter wins, of equal ones the later row, and a delete beats them all", () => {
    const [ada] = people as [Person];
    let item = done(done(said(ada, "one"), ada, edit("three", 3), 2), ada, edit("two", 2), 3);
    expect(shownText(item)).toBe("three");
    item = done(item, ada, edit("three again", 3), 4);
    expect(shownText(item)).toBe("three again");
    expect(shown(item)).toMatchObject({ edited: true });
    expect(shownText(done(done(item, ada, remove, 5), ada, edit("back", 9), 6))).toBe("deleted");
  });

  it("what was done may come before what was said", () => {
    const [ada, ben] = people as [Person, Person];
    const early = done(done(startItem(), ada, edit("edited")), ben, remove);
    expect(shown(early)).toBeNull();
    expect(shownText({ ...early, message: said(ada, "said").message })).toBe("edited");
    expect(shownText({ ...early, message: said(ben, "said").message })).toBe("deleted");
  });

  it("an edit keeps what was answered", () => {
    const [ada] = people as [Person];
    const reply = suite.random(32);
    const item = said(ada, "yes");
    const answer = {
      ...item,
      message: { ...by(ada, 1), tombstone: false, content: { ...words("yes"), reply } as Content },
    };
    expect(shown(done(answer, ada, edit("no")))).toMatchObject({ content: { text: "no", reply } });
  });
});

describe("what is gone or not to be trusted", () => {
  it("tombstone_without_delete: shows as withheld; with its author's delete as deleted", () => {
    const [ada, ben] = people as [Person, Person];
    const gone: Item = { ...startItem(), message: { ...by(ada, 1), content: null, tombstone: true } };
    expect(shown(gone)).toEqual({ as: "withheld" });
    expect(shown(done(gone, ben, remove))).toEqual({ as: "withheld" });
    expect(shown(done(gone, ada, remove))).toEqual({ as: "deleted" });
  });

  it("of two under one number neither is shown", () => {
    const [ada] = people as [Person];
    expect(shown({ ...said(ada, "one"), trusted: false })).toEqual({ as: "unreadable" });
    expect(shown({ ...startItem(), message: { ...by(ada, 1), content: null, tombstone: false } })).toEqual({
      as: "unreadable",
    });
  });

  it("a dropped device's late words and deeds go, its earlier ones stay", () => {
    const [ada, ben] = people as [Person, Person];
    const dropped = { devices: [ada.phone.id], cut: 3 };
    let item = done(done(said(ada, "said"), ada, edit("in time", 1), 3), ada, edit("late", 2), 4);
    item = done(item, ben, react("👍"), 5);
    expect(shownText(item)).toBe("late");
    expect(shownText(withdrawn(item, dropped))).toBe("in time");
    expect(shown(withdrawn(item, dropped))).toMatchObject({ reactions: [{ user: ben.user, emoji: "👍" }] });
    expect(shown(withdrawn(said(ada, "late", 4), dropped))).toBeNull();
  });
});

describe("reactions, receipts and times", () => {
  it("the last row of each user and emoji counts", () => {
    const [ada, ben] = people as [Person, Person];
    let item = done(done(said(ada, "hi"), ben, react("👍"), 4), ben, react("👍", false), 3);
    item = done(done(item, ada, react("👍"), 5), ada, react("🎉"), 6);
    item = done(item, ada, react("🎉", false), 7);
    expect(shown(item)).toMatchObject({
      reactions: [
        { user: ben.user, emoji: "👍" },
        { user: ada.user, emoji: "👍" },
      ],
    });
  });

  it("receipts go forward", () => {
    const receipt = (state: "received" | "read", row: number) => ({
      kind: "receipt" as const,
      state,
      row,
      target,
    });
    const read = receipted(undefined, receipt("read", 5));
    expect(read).toEqual({ received: 5, read: 5 });
    expect(receipted(read, receipt("received", 3))).toEqual({ received: 5, read: 5 });
    expect(receipted(read, receipt("received", 9))).toEqual({ received: 9, read: 5 });
  });

  it("a clock that is ahead shows five minutes at most", () => {
    expect(shownTime(1_000, 2_000)).toBe(1_000);
    expect(shownTime(9_000_000, 0)).toBe(300_000);
  });
});
