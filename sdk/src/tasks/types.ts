import type { Change, Watch, WatchOptions } from "../live/types.ts";
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

export type TaskStatus = "todo" | "doing" | "blocked" | "done" | "cancelled";

export interface Task {
  id: string;
  ownerId: string;
  goalId: string | null;
  parentId: string | null;
  title: string;
  description: string;
  status: TaskStatus;
  priority: Priority;
  assigneeId: string | null;
  dueAt: string | null;
  remindAt: string | null;
  /** Repeat rule, RFC 5545 RRULE without the `RRULE:` prefix. */
  rrule: string | null;
  tags: string[];
  /** Fractional index; compare as text by code units. */
  position: string;
  custom: JsonObject;
  completedAt: string | null;
  deletedAt: string | null;
  createdAt: string;
  updatedAt: string;
  version: number;
}

export interface NewTask {
  /** UUID; made by the SDK (version 7) when left out. Give one to be able to repeat the call safely. */
  id?: string | undefined;
  goalId?: string | null | undefined;
  parentId?: string | null | undefined;
  title: string;
  description?: string | undefined;
  status?: TaskStatus | undefined;
  priority?: Priority | undefined;
  assigneeId?: string | null | undefined;
  dueAt?: Instant | null | undefined;
  remindAt?: Instant | null | undefined;
  rrule?: string | null | undefined;
  tags?: readonly string[] | undefined;
  position?: string | undefined;
  custom?: JsonObject | undefined;
}

export type TaskPatch = PatchOf<NewTask>;

export interface TaskFilter {
  status?: TaskStatus | readonly TaskStatus[] | undefined;
  priority?: Priority | readonly Priority[] | undefined;
  /** Tasks of this goal; null for tasks without one. */
  goalId?: string | null | undefined;
  /** Subtasks of this task; null for tasks at the top. */
  parentId?: string | null | undefined;
  tag?: string | undefined;
  /** All of these tags. */
  tags?: readonly string[] | undefined;
  due?: DueFilter | undefined;
  /** Tasks whose `custom` contains this, at any depth of objects. */
  custom?: JsonObject | undefined;
  /** Words to be found in title or description. */
  search?: string | undefined;
  /** `false` (default): rows that are not deleted; `true`: only deleted ones. */
  deleted?: boolean | undefined;
  sort?: "position" | "createdAt" | "updatedAt" | "dueAt" | "priority" | undefined;
  direction?: Direction | undefined;
}

/** Every call may throw AUTH_REQUIRED, AUTH_SUSPENDED, AUTH_SECOND_FACTOR and the NETWORK_ codes besides its own. */
export interface Tasks {
  /**
   * Creates a task, alone, in a goal or below another task. With an `id` of one's own the call can be repeated: equal
   * content returns the stored row.
   *
   * @throws USAGE_INVALID, USAGE_UNKNOWN_FIELD, USAGE_REFERENCE, USAGE_DEPTH, CONFLICT_ID, LIMIT_TASKS
   * @example
   * ```ts
   * const task = await trackit.tasks.create({ goalId: goal.id, title: "Buy shoes", tags: ["shop"], priority: 2 });
   * ```
   */
  create(task: NewTask, options?: CallOptions): Promise<Task>;
  /**
   * Creates up to 1,000 tasks: all of them or none. Parents come before their subtasks.
   *
   * @returns The tasks as stored, in the order given.
   * @throws As `create`; fields carry the place: `2.title`.
   * @example
   * ```ts
   * await trackit.tasks.createMany([{ title: "Pack" }, { title: "Drive" }]);
   * ```
   */
  createMany(tasks: readonly NewTask[], options?: CallOptions): Promise<Task[]>;
  /**
   * Reads one task that is not deleted.
   *
   * @throws ACCESS_NOT_FOUND, USAGE_INVALID
   * @example
   * ```ts
   * const { status } = await trackit.tasks.get(id);
   * ```
   */
  get(id: string, options?: CallOptions): Promise<Task>;
  /**
   * Tasks page by page; in their own order, and without deleted ones, unless the filter says otherwise. Filters are
   * combined by "and"; several values of one by "or", several tags by "and".
   *
   * @throws USAGE_INVALID or USAGE_UNKNOWN_FIELD at once; USAGE_CURSOR from `page()`
   * @example
   * ```ts
   * for await (const task of trackit.tasks.list({ due: "today", tag: "shop", search: "shoes" })) {
   *   console.log(task.title);
   * }
   * const { rows, next } = await trackit.tasks.list({ goalId: goal.id }).page({ limit: 20 });
   * ```
   */
  list(filter?: TaskFilter, options?: ListOptions): Listing<Task>;
  /**
   * The tasks of a filter, and from then on whatever changes about them, on any device of this account and by the
   * passing of time: a snapshot first, then changes, without loss or repetition (docs/live.md).
   *
   * @param filter As for `list`; the snapshot comes in the list's order, later changes are the app's to sort in.
   * @throws USAGE_INVALID or USAGE_UNKNOWN_FIELD at once; AUTH_ codes by `ready` and `onError`
   * @example
   * ```ts
   * const stop = trackit.tasks.watch({ due: "overdue" }, (change) => {
   *   if (change.kind === "added") console.log("late:", change.row.title);
   * });
   * await stop.ready;
   * stop();
   * ```
   */
  watch(filter: TaskFilter, listener: (change: Change<Task>) => void, options?: WatchOptions): Watch;
  /**
   * Changes the fields given and no others; `goalId` and `parentId` move the task with its subtasks. With `version`,
   * only if nobody has changed the task since.
   *
   * @throws ACCESS_NOT_FOUND, CONFLICT_VERSION (with both sides), USAGE_INVALID, USAGE_UNKNOWN_FIELD, USAGE_REFERENCE,
   * USAGE_CYCLE, USAGE_DEPTH
   * @example
   * ```ts
   * await trackit.tasks.update(task.id, { tags: ["shop", "urgent"] }, { version: task.version });
   * ```
   */
  update(id: string, patch: TaskPatch, options?: WriteOptions): Promise<Task>;
  /**
   * Changes the status alone.
   *
   * @throws As `update`
   * @example
   * ```ts
   * await trackit.tasks.setStatus(task.id, "done");
   * ```
   */
  setStatus(id: string, status: TaskStatus, options?: WriteOptions): Promise<Task>;
  /**
   * Changes the deadline alone; null takes it away.
   *
   * @throws As `update`
   * @example
   * ```ts
   * await trackit.tasks.reschedule(task.id, null);
   * ```
   */
  reschedule(id: string, dueAt: Instant | null, options?: WriteOptions): Promise<Task>;
  /**
   * Puts the task somewhere else among its siblings: the tasks of its goal below the same parent. Only this row is
   * written.
   *
   * @throws As `update`; USAGE_REFERENCE for a neighbour of another list
   * @example
   * ```ts
   * await trackit.tasks.reorder(task.id, { before: other.id });
   * ```
   */
  reorder(id: string, place: Place, options?: WriteOptions): Promise<Task>;
  /**
   * Deletes the task and its subtasks, so that `restore` can undo it.
   *
   * @returns The deleted row.
   * @throws ACCESS_NOT_FOUND, CONFLICT_VERSION
   * @example
   * ```ts
   * await trackit.tasks.remove(task.id, { version: task.version });
   * ```
   */
  remove(id: string, options?: WriteOptions): Promise<Task>;
  /**
   * Undoes `remove`, with exactly the subtasks that went with the task. A task that is there is returned as it is.
   *
   * @throws ACCESS_NOT_FOUND, USAGE_REFERENCE (its goal or parent is deleted), LIMIT_TASKS
   * @example
   * ```ts
   * await trackit.tasks.restore(task.id);
   * ```
   */
  restore(id: string, options?: CallOptions): Promise<Task>;
}
