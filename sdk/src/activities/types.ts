import type { Direction, JsonObject, Listing, ListOptions } from "../types.ts";

/** One line of the feed; written by the database alone. */
export interface Activity {
  id: string;
  userId: string;
  actorId: string | null;
  /** What happened: `goal.created`, `task.status`, … */
  kind: string;
  entity: "goal" | "task";
  entityId: string;
  data: JsonObject;
  createdAt: string;
}

export interface ActivityFilter {
  kind?: string | readonly string[] | undefined;
  entity?: "goal" | "task" | undefined;
  entityId?: string | undefined;
  /** Newest first (`desc`) when left out. */
  direction?: Direction | undefined;
}

export interface Activities {
  list(filter?: ActivityFilter, options?: ListOptions): Listing<Activity>;
}
