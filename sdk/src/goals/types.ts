import type { Change, Watch, WatchOptions } from "../live/types.ts";
import type { NewTask, Task } from "../tasks/types.ts";
import type {
  CallOptions,
  Direction,
  DueFilter,
  Instant,
  JsonObject,
  Listing,
  ListOptions,
  PatchOf,
  Place,
  Priority,
  WriteOptions,
} from "../types.ts";

export type GoalStatus = "open" | "done" | "dropped" | "archived";

export interface Goal {
  id: string;
  ownerId: string;
  title: string;
  description: string;
  status: GoalStatus;
  priority: Priority;
  colour: string | null;
  icon: string | null;
  /** A calendar day, `YYYY-MM-DD`. */
  startsOn: string | null;
  dueAt: string | null;
  /** Fractional index; compare as text by code units. */
  position: string;
  custom: JsonObject;
  /** Share of finished tasks, 0 to 1; kept by the database. */
  progress: number;
  /** Tasks that count: neither deleted nor cancelled. */
  tasksTotal: number;
  /** Those of them that are done. */
  tasksDone: number;
  completedAt: string | null;
  deletedAt: string | null;
  createdAt: string;
  updatedAt: string;
  version: number;
}

export interface NewGoal {
  /** UUID; made by the SDK (version 7) when left out. Give one to be able to repeat the call safely. */
  id?: string | undefined;
  title: string;
  description?: string | undefined;
  status?: GoalStatus | undefined;
  priority?: Priority | undefined;
  colour?: string | null | undefined;
  icon?: string | null | undefined;
  startsOn?: string | null | undefined;
  dueAt?: Instant | null | undefined;
  position?: string | undefined;
  custom?: JsonObject | undefined;
}

export type GoalPatch = PatchOf<NewGoal>;

export interface GoalFilter {
  status?: GoalStatus | readonly GoalStatus[] | undefined;
  priority?: Priority | readonly Priority[] | undefined;
  due?: DueFilter | undefined;
  /** Goals whose `custom` contains this, at any depth of objects. */
  custom?: JsonObject | undefined;
  /** Words to be found in title or description. */
  search?: string | undefined;
  /** `false` (default): rows that are not deleted; `true`: only deleted ones. */
  deleted?: boolean | undefined;
  sort?: "position" | "createdAt" | "updatedAt" | "dueAt" | "priority" | undefined;
  direction?: Direction | undefined;
}

export interface GoalWithTasks extends Goal {
  tasks: Task[];
}

/** Every call may throw AUTH_REQUIRED, AUTH_SUSPENDED, AUTH_SECOND_FACTOR and the NETWORK_ codes besides its own. */
export interface Goals {
  /**
   * Creates a goal together with tasks, in one transaction: all of it is stored or nothing. Safe to repeat with the
   * same `id`s.
   *
   * @param goal The goal, and up to 500 `tasks` in their order.
   * @returns The goal as stored, with its tasks.
   * @throws USAGE_INVALID, USAGE_UNKNOWN_FIELD, USAGE_REFERENCE, CONFLICT_TITLE_TAKEN, CONFLICT_ID, LIMIT_GOALS,
   * LIMIT_TASKS
   * @example
   * ```ts
   * const goal = await trackit.goals.create({ title: "Move house", tasks: [{ title: "Pack" }, { title: "Drive" }] });
   * console.log(goal.tasks.length);
   * ```
   */
  create(
    goal: NewGoal & { tasks: readonly Omit<NewTask, "goalId">[] },
    options?: CallOptions,
  ): Promise<GoalWithTasks>;
  /**
   * Creates a goal. With an `id` of one's own the call can be repeated: equal content returns the stored row.
   *
   * @throws USAGE_INVALID, USAGE_UNKNOWN_FIELD, CONFLICT_TITLE_TAKEN (with `details.proposed`), CONFLICT_ID,
   * LIMIT_GOALS
   * @example
   * ```ts
   * const goal = await trackit.goals.create({ title: "Run a marathon", dueAt: "2027-04-18T09:00:00+01:00" });
   * ```
   */
  create(goal: NewGoal, options?: CallOptions): Promise<Goal>;
  /**
   * Creates up to 1,000 goals: all of them or none.
   *
   * @returns The goals as stored, in the order given.
   * @throws As `create`; fields carry the place: `2.title`.
   * @example
   * ```ts
   * await trackit.goals.createMany([{ title: "Read" }, { title: "Write" }]);
   * ```
   */
  createMany(goals: readonly NewGoal[], options?: CallOptions): Promise<Goal[]>;
  /**
   * Reads one goal that is not deleted.
   *
   * @throws ACCESS_NOT_FOUND, USAGE_INVALID
   * @example
   * ```ts
   * const { progress } = await trackit.goals.get(id);
   * ```
   */
  get(id: string, options?: CallOptions): Promise<Goal>;
  /**
   * Goals page by page; in their own order, and without deleted ones, unless the filter says otherwise.
   *
   * @throws USAGE_INVALID or USAGE_UNKNOWN_FIELD at once; USAGE_CURSOR from `page()`
   * @example
   * ```ts
   * for await (const goal of trackit.goals.list({ due: "overdue", sort: "dueAt" })) console.log(goal.title);
   * ```
   */
  list(filter?: GoalFilter, options?: ListOptions): Listing<Goal>;
  /**
   * The goals of a filter, and from then on whatever changes about them, on any device of this account and by the
   * passing of time: a snapshot first, then changes, without loss or repetition (docs/live.md).
   *
   * @param filter As for `list`; the snapshot comes in the list's order, later changes are the app's to sort in.
   * @throws USAGE_INVALID or USAGE_UNKNOWN_FIELD at once; AUTH_ codes by `ready` and `onError`
   * @example
   * ```ts
   * const rows = new Map<string, typeof goal>();
   * const stop = trackit.goals.watch({ status: "open" }, (change) => {
   *   if (change.kind === "snapshot") rows.clear();
   *   if (change.kind === "removed") rows.delete(change.id);
   *   for (const row of change.kind === "snapshot" ? change.rows : "row" in change ? [change.row] : [])
   *     rows.set(row.id, row);
   * });
   * await stop.ready;
   * ```
   */
  watch(filter: GoalFilter, listener: (change: Change<Goal>) => void, options?: WatchOptions): Watch;
  /**
   * Changes the fields given and no others. With `version`, only if nobody has changed the goal since.
   *
   * @throws ACCESS_NOT_FOUND, CONFLICT_VERSION (with both sides), CONFLICT_TITLE_TAKEN, USAGE_INVALID,
   * USAGE_UNKNOWN_FIELD
   * @example
   * ```ts
   * await trackit.goals.update(goal.id, { title: "Run", custom: { shoe: 41 } }, { version: goal.version });
   * ```
   */
  update(id: string, patch: GoalPatch, options?: WriteOptions): Promise<Goal>;
  /**
   * Changes the status alone.
   *
   * @throws As `update`; reopening may find the title taken.
   * @example
   * ```ts
   * await trackit.goals.setStatus(goal.id, "done");
   * ```
   */
  setStatus(id: string, status: GoalStatus, options?: WriteOptions): Promise<Goal>;
  /**
   * Changes the deadline alone; null takes it away.
   *
   * @throws As `update`
   * @example
   * ```ts
   * await trackit.goals.reschedule(goal.id, new Date("2027-01-01T12:00:00Z"));
   * ```
   */
  reschedule(id: string, dueAt: Instant | null, options?: WriteOptions): Promise<Goal>;
  /**
   * Puts the goal somewhere else in one's own order; only this row is written.
   *
   * @throws As `update`; USAGE_REFERENCE for a neighbour of another list
   * @example
   * ```ts
   * await trackit.goals.reorder(goal.id, "first");
   * await trackit.goals.reorder(goal.id, { after: other.id });
   * ```
   */
  reorder(id: string, place: Place, options?: WriteOptions): Promise<Goal>;
  /**
   * Deletes the goal and its tasks, so that `restore` can undo it.
   *
   * @returns The deleted row.
   * @throws ACCESS_NOT_FOUND, CONFLICT_VERSION
   * @example
   * ```ts
   * await trackit.goals.remove(goal.id);
   * await trackit.goals.restore(goal.id);
   * ```
   */
  remove(id: string, options?: WriteOptions): Promise<Goal>;
  /**
   * Undoes `remove`, with exactly the tasks that went with the goal. A goal that is there is returned as it is.
   *
   * @param options `title`: another title, where the old one is taken by now.
   * @throws ACCESS_NOT_FOUND, CONFLICT_TITLE_TAKEN (`details.proposed` is free), LIMIT_GOALS
   * @example
   * ```ts
   * await trackit.goals.restore(goal.id, { title: "Run (2)" });
   * ```
   */
  restore(id: string, options?: CallOptions & { title?: string | undefined }): Promise<Goal>;
}
