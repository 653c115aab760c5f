import type { Direction, JsonObject, Listing, ListOptions } from "../types.ts";

/** One line of the feed; written by the database alone. */
export interface Activity {
  id: string;
  userId: string;
  actorId: string | null;
  /** `goal.` or `task.` with created, updated, status, deleted, restored. */
  kind: string;
  entity: "goal" | "task" | "file" | "file";
  entityId: string;
  data: JsonObject;
  createdAt: string;
}

export interface ActivityFilter {
  kind?: string | readonly string[] | undefined;
  entity?: "goal" | "task" | "file" | "file" | undefined;
  entityId?: string | undefined;
  /** Newest first (`desc`) when left out. */
  direction?: Direction | undefined;
}

export interface Activities {
  /**
   * What happened to one's goals and tasks, newest first, page by page.
   *
   * @throws USAGE_INVALID, USAGE_UNKNOWN_FIELD, AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * const { rows } = await trackit.activities.list({ entityId: goal.id }).page({ limit: 20 });
   * ```
   */
  list(filter?: ActivityFilter, options?: ListOptions): Listing<Activity>;
}
