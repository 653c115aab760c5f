import type { TableExpectations } from "../expectations.ts";
import { activities } from "./activities.ts";
import { deviceTables } from "./devices.ts";
import { fileTables } from "./files.ts";
import { goals } from "./goals.ts";
import { limits, limitsOfPlans } from "./limits.ts";
import { profiles } from "./profiles.ts";
import { roomTables } from "./rooms.ts";
import { sealedTables } from "./sealed.ts";
import { tasks } from "./tasks.ts";
import { userRoles } from "./user_roles.ts";

/** Every table that the API can reach. The matrix compares this list with the database. */
export const tables: readonly TableExpectations[] = [
  activities,
  goals,
  limits,
  limitsOfPlans,
  profiles,
  tasks,
  userRoles,
  ...deviceTables,
  ...fileTables,
  ...roomTables,
  ...sealedTables,
];

export const tableNames: readonly string[] = [...new Set(tables.map(({ name }) => name))].sort();
