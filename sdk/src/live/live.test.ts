import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LiveWorld } from "../../../tests/support/live-world.ts";
import type { Task } from "../tasks/types.ts";
import type { Change } from "./types.ts";

const idOf = (place: number): string => `0199a1c0-0000-7000-8000-${String(place).padStart(12, "0")}`;
const STATUSES = ["todo", "doing", "done"] as const;

/** An app that believes what it is told, and notes what should not have been told. */
class App {
  readonly rows = new Map<string, Task>();
  readonly faults: string[] = [];
  readonly kinds: string[] = [];
  /** When each row was told last, by the order of writes. */
  readonly #stamps = new Map<string, number>();
  snapshots = 0;

  readonly tell = (change: Change<Task>): void => {
    this.kinds.push(change.kind);
    if (change.kind === "snapshot") {
      this.#snapshot(change.rows);
      return;
    }
    if (this.snapshots === 0) this.faults.push(`${change.kind} before the snapshot`);
    if (change.kind === "removed") {
      if (!this.rows.delete(change.id)) this.faults.push(`removed ${change.id}, which was not there`);
      return;
    }
    const { row } = change;
    if (this.rows.has(row.id) !== (change.kind === "changed")) this.faults.push(`${change.kind} ${row.id}`);
    this.#note(row, "later");
    this.rows.set(row.id, row);
  };

  #snapshot(rows: Task[]): void {
    this.snapshots += 1;
    this.rows.clear();
    for (const row of rows) {
      if (this.rows.has(row.id)) this.faults.push(`${row.id} twice in a snapshot`);
      this.#note(row, "not earlier");
      this.rows.set(row.id, row);
    }
  }

  #note(row: Task, wanted: "later" | "not earlier"): void {
    const stamp = Number(row.custom.stamp);
    const before = this.#stamps.get(row.id) ?? 0;
    if (stamp < before || (wanted === "later" && stamp === before))
      this.faults.push(`${row.id}: state ${stamp} after ${before}`);
    this.#stamps.set(row.id, stamp);
  }
}

type Command =
  | { do: "write"; place: number; status: number }
  | { do: "several"; from: number; count: number; status: number }
  | { do: "erase"; place: number }
  | { do: "steps"; count: number }
  | { do: "later"; ms: number }
  | { do: "cut" | "move" | "forget" | "watch" | "wake" };

const place = fc.nat(9);
const status = fc.nat(STATUSES.length - 1);
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("write" as const), place, status }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("several" as const),
      from: place,
      count: fc.constantFrom(2, 5, 51),
      status,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("erase" as const), place }) },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("steps" as const), count: fc.integer({ min: 1, max: 12 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("later" as const), ms: fc.constantFrom(100, 2_000, 45_000) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("cut", "move", "forget", "watch", "wake") }),
  },
);

const chaos = fc.record({
  lost: fc.constantFrom(0, 0.2, 1),
  twice: fc.constantFrom(0, 0.5),
  failed: fc.constantFrom(0, 0.1),
});

function obey(world: LiveWorld, given: Command): void | Promise<void> {
  const { model } = world;
  const state = (index: number): Task["status"] => STATUSES[index] ?? "todo";
  if (given.do === "write") model.write([{ id: idOf(given.place), status: state(given.status) }]);
  if (given.do === "several") {
    const ids = [...Array(given.count).keys()].map((index) => idOf(given.from + index));
    model.write(ids.map((id) => ({ id, status: state(given.status) })));
  }
  if (given.do === "erase") model.erase(idOf(given.place));
  if (given.do === "cut") world.cut();
  if (given.do === "move") model.move();
  if (given.do === "forget") model.forget();
  if (given.do === "wake") world.engine.wake();
  if (given.do === "later") return world.pass(given.ms);
}

/** Mulberry32: the same numbers for the same seed. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("whatever happens on the way", () => {
  it("every watcher ends with the table, and hears of each state once and in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        chaos,
        fc.array(command, { minLength: 20, maxLength: 80, size: "max" }),
        async (seed, faults, commands) => {
          const world = new LiveWorld(dice(seed));
          const apps: App[] = [];
          const watch = (): void => {
            const app = new App();
            apps.push(app);
            world.watch(["todo", "doing"], app.tell, (error) => app.faults.push(String(error)));
          };
          world.model.write([0, 1, 2, 3, 4].map((index) => ({ id: idOf(index) })));
          watch();
          world.chaos = faults;
          for (const given of commands) {
            if (given.do === "watch") watch();
            else await obey(world, given);
            for (let count = given.do === "steps" ? given.count : 0; count > 0; count--) await world.step();
          }
          world.chaos = { lost: 0, twice: 0, failed: 0 };
          await world.pass(200_000);
          const wanted = [...world.model.rows.values()].filter(({ status }) => status !== "done");
          for (const app of apps) {
            expect(app.faults).toEqual([]);
            expect(app.snapshots).toBeGreaterThan(0);
            expect([...app.rows.values()].sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(
              wanted.sort((a, b) => (a.id < b.id ? -1 : 1)),
            );
          }
          expect(world.states.at(-1)).toBe("online");
          world.engine.stop();
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);
});
