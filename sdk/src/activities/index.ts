import type { Connection } from "../connect.ts";
import { checked } from "../failure/usage.ts";
import { camelRow } from "../rows/camel.ts";
import { listRows } from "../rows/list.ts";
import { activityFilter } from "../schema/activity.ts";
import type { Query, RowOf } from "../transport/rest.ts";
import type { JsonObject, Listing, ListOptions } from "../types.ts";
import type { Activities, Activity, ActivityFilter } from "./types.ts";

export function createActivitiesOn(connection: Connection): Activities {
  return { list: (filter, options) => listActivities(connection, filter ?? {}, options ?? {}) };
}

function listActivities(
  connection: Connection,
  filter: ActivityFilter,
  options: ListOptions,
): Listing<Activity> {
  const action = "activities.list";
  const { kind, entity, entityId, direction = "desc" } = checked(activityFilter, filter, action);
  const filters = async () => (query: Query<RowOf<"activities">>) => {
    let narrowed = query;
    if (kind) narrowed = narrowed.in("kind", kind);
    if (entity) narrowed = narrowed.eq("entity", entity);
    return entityId ? narrowed.eq("entity_id", entityId) : narrowed;
  };
  const order = { column: "created_at", direction };
  return listRows({ connection, table: "activities", order, filters, toOut: toActivity }, options, action);
}

function toActivity(row: RowOf<"activities">): Activity {
  const activity = camelRow(row);
  return { ...activity, data: activity.data as JsonObject };
}
