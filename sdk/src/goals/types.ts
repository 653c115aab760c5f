import type { NewTask, Task } from "../tasks/types.ts";
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

export type GoalPatch = Partial<Omit<NewGoal, "id">>;

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

export interface Goals {
  /** Creates a goal, with `tasks` in the same transaction when given: all of it is stored or nothing. */
  create(
    goal: NewGoal & { tasks: readonly Omit<NewTask, "goalId">[] },
    options?: CallOptions,
  ): Promise<GoalWithTasks>;
  create(goal: NewGoal, options?: CallOptions): Promise<Goal>;
  createMany(goals: readonly NewGoal[], options?: CallOptions): Promise<Goal[]>;
  get(id: string, options?: CallOptions): Promise<Goal>;
  list(filter?: GoalFilter, options?: ListOptions): Listing<Goal>;
  update(id: string, patch: GoalPatch, options?: WriteOptions): Promise<Goal>;
  setStatus(id: string, status: GoalStatus, options?: WriteOptions): Promise<Goal>;
  reschedule(id: string, dueAt: Instant | null, options?: WriteOptions): Promise<Goal>;
  reorder(id: string, place: Place, options?: WriteOptions): Promise<Goal>;
  remove(id: string, options?: WriteOptions): Promise<Goal>;
  restore(id: string, options?: CallOptions & { title?: string | undefined }): Promise<Goal>;
}
