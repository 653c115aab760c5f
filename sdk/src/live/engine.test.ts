import { describe, expect, it } from "vitest";
import { LiveWorld } from "../../../tests/support/live-world.ts";
import { TrackItError } from "../errors.ts";
import type { Outbox, OutboxChange, PendingWrite } from "../outbox/types.ts";
import { listing } from "../paging/listing.ts";
import type { Task } from "../tasks/types.ts";
import { clocks } from "./clocks.ts";
import type { Change } from "./types.ts";
import type { View } from "./view.ts";

const idOf = (place: number): string => `0199a1c0-0000-7000-8000-${String(place).padStart(12, "0")}`;
const [first, second, third] = [idOf(1), idOf(2), idOf(3)] as [string, string, string];
const MIDDLE = 0.5;

/** A world in which everything takes its turn, and nothing is left to chance. */
function world(outbox: Outbox | null = null): LiveWorld {
  const made = new LiveWorld(() => MIDDLE, outbox);
  made.model.write([{ id: first, title: "one" }]);
  return made;
}

/** What is told, in few words. */
function short(change: Change<Task>): string {
  if (change.kind === "snapshot") return `= ${change.rows.map(({ title }) => title).join(" ")}`.trim();
  return change.kind === "removed"
    ? `- ${change.id.slice(-1)}`
    : `${change.kind === "added" ? "+" : "~"} ${change.row.title}`;
}

async function watched(on: LiveWorld, more: Partial<View<Task>> = {}, statuses: Task["status"][] = ["todo"]) {
  const told: string[] = [];
  const ended: TrackItError[] = [];
  const stop = on.watch(
    statuses,
    (change) => told.push(short(change)),
    (error) => ended.push(error),
    more,
  );
  await on.settle();
  return { told, ended, stop };
}

describe("a watch", () => {
  it("is told of a lost last event by the next comparison of heads", async () => {
    const here = world();
    const { told } = await watched(here);
    here.chaos.lost = 1;
    here.model.write([{ id: second, title: "two" }]);
    await here.settle();
    expect(told).toEqual(["= one"]);
    await here.pass(clocks.headCheck * 1.5);
    expect(told).toEqual(["= one", "+ two"]);
  });

  it("is told although the channel cannot be joined at all, each time that heads are compared", async () => {
    const here = world();
    here.refusing = true;
    const { told } = await watched(here);
    expect([told, here.states.at(-1)]).toEqual([["= one"], "offline"]);
    here.model.write([{ id: second, title: "two" }]);
    await here.pass(clocks.headCheck * 1.5);
    expect(told).toEqual(["= one", "+ two"]);
    here.refusing = false;
    await here.pass(60_000);
    expect(here.states.at(-1)).toBe("online");
  });

  it("asks for the head again soon after an answer that did not come, although the channel looks open", async () => {
    const here = world();
    const { told } = await watched(here);
    here.chaos.lost = 1;
    here.chaos.failed = 1;
    here.model.write([{ id: second, title: "two" }]);
    await here.pass(clocks.headCheck * 1.5);
    here.chaos.failed = 0;
    await here.pass(clocks.headCheck / 4);
    expect([told, here.states.at(-1)]).toEqual([["= one", "+ two"], "online"]);
  });

  it("begins anew where the feed does not reach back, and after a database was set back", async () => {
    const here = world();
    const { told } = await watched(here);
    here.chaos.lost = 1;
    here.model.write([{ id: second, title: "two" }]);
    here.model.forget();
    await here.pass(clocks.headCheck * 1.5);
    expect(told).toEqual(["= one", "= one two"]);
    here.chaos.lost = 0;
    here.model.n = 0;
    here.model.rows.delete(second);
    await here.pass(clocks.headCheck * 1.5);
    expect(told.at(-1)).toBe("= one");
    here.model.write([{ id: third, title: "three" }]);
    await here.settle();
    expect(told.at(-1)).toBe("+ three");
  });

  it("that cannot read its table ends alone; the others go on", async () => {
    const here = world();
    const fault = new TrackItError("USAGE_REQUEST", "no such column");
    const failing = () => listing<Task>(() => Promise.reject(fault), {}, "tasks.watch");
    const [broken, sound] = await Promise.all([watched(here, { list: failing }), watched(here)]);
    expect(broken.ended).toEqual([fault]);
    here.model.write([{ id: second, title: "two" }]);
    await here.settle();
    expect([broken.told, sound.told, sound.ended]).toEqual([[], ["= one", "+ two"], []]);
  });

  it("goes on when its session could not be renewed and it was taken for a stranger; ends once it is gone", async () => {
    const here = world();
    const refused = new TrackItError("AUTH_REQUIRED", "permission denied", { cause: { code: "42501" } });
    let strange = true;
    const page = async () => {
      if (strange) throw refused;
      return { rows: [...here.model.rows.values()], next: null };
    };
    const list = () => listing<Task>(page, {}, "tasks.watch");
    const { told, ended } = await watched(here, { list });
    expect([told, ended]).toEqual([[], []]);
    strange = false;
    await here.pass(1_000);
    expect([told, ended]).toEqual([["= one"], []]);
    strange = true;
    here.user = null;
    const late = await watched(here, { list });
    expect([late.told, late.ended.map(({ code }) => code)]).toEqual([[], ["AUTH_REQUIRED"]]);
  });

  it("ends with the user, also while it is reading, and hands over nothing that was read by then", async () => {
    const here = world();
    const { told, ended } = await watched(here);
    const late: string[] = [];
    here.watch(["todo"], (change) => late.push(short(change)));
    await here.step();
    here.user = "0199a1c0-0000-7000-8000-00000000be00";
    await here.settle();
    expect([told, late, ended.map(({ code }) => code)]).toEqual([["= one"], [], ["AUTH_REQUIRED"]]);
    expect(here.engine.isOver).toBe(true);
  });

  it("left and taken up again within a second stays joined; the last one leaves for good", async () => {
    const here = world();
    const { stop } = await watched(here);
    stop();
    await here.pass(clocks.linger / 2);
    const again = await watched(here);
    await here.pass(clocks.linger * 2);
    expect([here.joins.length, here.engine.isOver]).toEqual([1, false]);
    again.stop();
    await here.pass(clocks.linger * 2);
    expect([here.joins.length, here.engine.isOver, here.states.at(-1)]).toEqual([1, true, "idle"]);
  });
});

describe("time", () => {
  const late = { filter: { due: "overdue" as const } };
  const at = (here: LiveWorld, ms: number): string => new Date(here.now + ms).toISOString();

  it("lets rows become overdue to the millisecond, also those that came or were put off meanwhile", async () => {
    const here = world();
    here.model.write([{ id: second, title: "two", dueAt: at(here, 1000) }]);
    const { told } = await watched(here, late);
    here.model.write([{ id: third, title: "three", dueAt: at(here, 500) }]);
    await here.pass(500);
    expect(told).toEqual(["="]);
    await here.pass(1);
    expect(told).toEqual(["=", "+ three"]);
    here.model.write([{ id: third, title: "later", dueAt: at(here, 5000) }]);
    await here.pass(500);
    expect(told).toEqual(["=", "+ three", "- 3", "+ two"]);
    here.model.write([{ id: second, title: "two", status: "done" }]);
    await here.pass(10_000);
    expect(told.slice(4)).toEqual(["- 2", "+ later"]);
  });

  it("that was slept through is caught up with, and a day later the table is read anew", async () => {
    const here = world();
    const reads: unknown[] = [];
    const list: View<Task>["list"] = (instead) => {
      reads.push(instead.due);
      return listing<Task>(async () => ({ rows: [...here.model.rows.values()], next: null }), {}, "x");
    };
    const begin = here.now;
    const { told } = await watched(here, { ...late, list });
    expect(reads).toEqual([{ to: new Date(begin + 86_400_000).toISOString() }]);
    await here.pass(86_400_000 + 3_600_000);
    expect(reads).toHaveLength(2);
    expect(told).toEqual(["=", "="]);
  });

  it("moves what is soon out when it is late, and in when its day comes near", async () => {
    const here = world();
    const day = 86_400_000;
    here.model.write([
      { id: second, title: "two", dueAt: at(here, 1000) },
      { id: third, title: "three", dueAt: at(here, 7 * day + day / 2) },
    ]);
    here.model.write([{ id: first, title: "one", dueAt: at(here, 9 * day) }]);
    const all = () =>
      listing<Task>(async () => ({ rows: [...here.model.rows.values()], next: null }), {}, "x");
    const { told } = await watched(here, { filter: { due: "soon" }, list: all });
    expect(told).toEqual(["= two three"]);
    await here.pass(1001);
    expect(told.at(-1)).toBe("- 2");
    await here.pass(day);
    expect(told).toHaveLength(2);
    await here.pass(day);
    expect(told.slice(2)).toEqual(["= one three"]);
  });
});

describe("words", () => {
  it("are looked for again when a row changes; an answer that is older than the row does not count", async () => {
    const here = world();
    const found = async (ids: readonly string[]): Promise<string[]> => {
      await here.pause("search");
      return ids.filter((id) => here.model.rows.get(id)?.title.includes("o"));
    };
    const list = () =>
      listing<Task>(
        async () => ({
          rows: [...here.model.rows.values()].filter(({ title }) => title.includes("o")),
          next: null,
        }),
        {},
        "x",
      );
    const { told } = await watched(here, { filter: { search: "o" }, list, found });
    here.model.write([{ id: second, title: "two" }]);
    here.model.write([{ id: third, title: "three" }]);
    here.model.write([{ id: first, title: "eins" }]);
    await here.settle();
    expect(told.slice(1).sort()).toEqual(["+ two", "- 1"]);
    here.model.write([{ id: second, title: "zwei" }]);
    await here.step();
    here.model.write([{ id: second, title: "dos" }]);
    await here.settle();
    expect(told.at(-1)).toMatch(/^[~+] dos$/);
  });
});

describe("the outbox", () => {
  /** An outbox of which the test says what is in it. */
  function box() {
    let hear: (change: OutboxChange) => void = () => {};
    let writes: PendingWrite[] = [];
    const outbox = {
      pending: async () => writes,
      failed: async () => [],
      on: (_: "change", listener: typeof hear) => {
        hear = listener;
        return () => {};
      },
    } as unknown as Outbox;
    const say = (kind: OutboxChange["kind"], rows: Task[], waiting: Task[][]): void => {
      writes = waiting.map((kept, at) => ({ id: String(at), rows: kept }) as unknown as PendingWrite);
      hear({ kind, rows, write: {} as PendingWrite });
    };
    return { outbox, say };
  }

  it("is shown above the table until the stream has caught up with what was sent", async () => {
    const { outbox, say } = box();
    const here = world(outbox);
    const row = here.model.rows.get(first) as Task;
    const { told } = await watched(here);
    const mine = { ...row, title: "mine" };
    say("kept", [mine], [[mine]]);
    await here.settle();
    // Somebody else was faster; what was sent on top of it has overtaken the events about both.
    here.hold = true;
    here.model.write([{ id: first, title: "theirs" }]);
    here.model.write([{ id: first, title: "mine" }]);
    const stored = here.model.rows.get(first) as Task;
    say("sent", [stored], []);
    await here.settle();
    expect(told).toEqual(["= one", "~ mine", "~ mine"]);
    here.hold = false;
    await here.settle();
    expect(told).toEqual(["= one", "~ mine", "~ mine"]);
    here.model.write([{ id: first, title: "next" }]);
    await here.settle();
    expect(told.at(-1)).toBe("~ next");
  });

  it("shows nobody else's rows, and gives back what was cancelled", async () => {
    const { outbox, say } = box();
    const here = world(outbox);
    const row = here.model.rows.get(first) as Task;
    const { told } = await watched(here);
    say("kept", [{ ...row, title: "of ben", ownerId: "ben" }], []);
    const gone = { ...row, status: "done" as const };
    say("kept", [gone], [[gone]]);
    await here.settle();
    say("cancelled", [row], []);
    await here.settle();
    expect(told).toEqual(["= one", "- 1", "+ one"]);
  });
});
