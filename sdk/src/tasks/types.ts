import type {
  CallOptions,
  Direction,
  DueFilter,
  Instant,
  JsonObject,
  Listing,
  ListOptions,
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

export type TaskPatch = Partial<Omit<NewTask, "id">>;

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

export interface Tasks {
  create(task: NewTask, options?: CallOptions): Promise<Task>;
  createMany(tasks: readonly NewTask[], options?: CallOptions): Promise<Task[]>;
  get(id: string, options?: CallOptions): Promise<Task>;
  list(filter?: TaskFilter, options?: ListOptions): Listing<Task>;
  update(id: string, patch: TaskPatch, options?: WriteOptions): Promise<Task>;
  setStatus(id: string, status: TaskStatus, options?: WriteOptions): Promise<Task>;
  reschedule(id: string, dueAt: Instant | null, options?: WriteOptions): Promise<Task>;
  reorder(id: string, place: Place, options?: WriteOptions): Promise<Task>;
  remove(id: string, options?: WriteOptions): Promise<Task>;
  restore(id: string, options?: CallOptions): Promise<Task>;
}
