import { uuid7 } from "../../../sdk/src/ids/uuid7.ts";
import { isTrackItError, type NewTask, type TaskPatch, type TrackIt } from "../../../sdk/src/index.ts";
import type { Dice } from "../random.ts";

const statuses = ["todo", "doing", "blocked", "done", "cancelled"] as const;
/** More than this many rows of one statement are told as one event. */
const manyRows = 50;

/** Rows that a writer knows to be stored, or kept, by their ids. */
export interface Known {
  there: string[];
  deleted: string[];
  goals: string[];
}

export const knownNone = (): Known => ({ there: [], deleted: [], goals: [] });

/** A device that writes: it creates tasks and goals, changes, deletes and restores them, until it has made so many rows. */
export class Writer {
  readonly trackit: TrackIt;
  readonly known: Known;
  /** How many rows it has made, and in how many steps, changes included. */
  made = 0;
  steps = 0;
  readonly #dice: Dice;
  readonly #others: Known | null;
  #wake: (() => void)[] = [];

  /** @param others rows of somebody else that it changes now and then */
  constructor(trackit: TrackIt, dice: Dice, known: Known, others: Known | null) {
    this.trackit = trackit;
    this.known = known;
    this.#dice = dice;
    this.#others = others;
  }

  async write(steps: number): Promise<void> {
    for (let left = steps; left > 0; left--) await this.#step();
  }

  /** Writes until it has made so many rows in all. */
  async writeUntil(rows: number): Promise<void> {
    while (this.made < rows) await this.#step();
  }

  /** Settles when it has taken so many steps in all. */
  async hasTaken(steps: number): Promise<void> {
    while (this.steps < steps) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  /** One task more; what a run ends with. */
  async last(): Promise<void> {
    await this.#create(1);
  }

  async #step(): Promise<void> {
    await this.#something();
    this.steps += 1;
    for (const wake of this.#wake.splice(0)) wake();
  }

  #something(): Promise<void> {
    const lot = this.#dice();
    if (lot < 0.01) return this.#create(this.#dice.between(manyRows + 1, manyRows + 10));
    if (lot < 0.06) return this.#createGoal();
    if (lot < 0.35) return this.#create(1);
    if (lot < 0.45) return this.#create(this.#dice.between(2, 8));
    if (lot < 0.8) return this.#change(this.known.there);
    if (lot < 0.85) return this.#change(this.#others?.there ?? this.known.there);
    if (lot < 0.93) return this.#remove();
    return this.#restore();
  }

  async #create(count: number): Promise<void> {
    const tasks = Array.from({ length: count }, () => this.#task());
    await surely(() => this.trackit.tasks.createMany(tasks));
    this.known.there.push(...tasks.map(({ id }) => id));
    this.made += count;
  }

  #task(): NewTask & { id: string } {
    const { goals } = this.known;
    const goalId = goals.length > 0 && this.#dice() < 0.3 ? this.#dice.pick(goals) : null;
    const tags = this.#dice() < 0.5 ? ["even"] : ["odd"];
    return { id: uuid7(), title: this.#title(), goalId, status: this.#dice.pick(statuses), tags };
  }

  async #createGoal(): Promise<void> {
    const goal = { id: uuid7(), title: `Goal ${this.#title()}` };
    await surely(() => this.trackit.goals.create(goal));
    this.known.goals.push(goal.id);
    this.made += 1;
  }

  async #change(ids: string[]): Promise<void> {
    if (ids.length === 0) return;
    const patches: TaskPatch[] = [
      { title: this.#title() },
      { status: this.#dice.pick(statuses) },
      { tags: [this.#dice.pick(["even", "odd"])] },
    ];
    const id = this.#dice.pick(ids);
    await surely(() => this.trackit.tasks.update(id, this.#dice.pick(patches)));
  }

  async #remove(): Promise<void> {
    const { there, deleted } = this.known;
    if (there.length === 0) return;
    const [id = ""] = there.splice(this.#dice.between(0, there.length - 1), 1);
    await surely(() => this.trackit.tasks.remove(id));
    deleted.push(id);
  }

  async #restore(): Promise<void> {
    const { there, deleted } = this.known;
    if (deleted.length === 0) return;
    const [id = ""] = deleted.splice(this.#dice.between(0, deleted.length - 1), 1);
    await surely(() => this.trackit.tasks.restore(id));
    there.push(id);
  }

  #title(): string {
    return `task ${Math.floor(this.#dice() * 2 ** 32).toString(36)}`;
  }
}

/** Repeats a call until it is answered, as an app without an outbox has to; what is gone already is fine. */
async function surely(call: () => Promise<unknown>): Promise<void> {
  for (const deadline = Date.now() + 120_000; ; ) {
    try {
      await call();
      return;
    } catch (error) {
      if (!isTrackItError(error)) throw error;
      if (error.code === "ACCESS_NOT_FOUND") return;
      if (!error.code.startsWith("NETWORK_") || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
