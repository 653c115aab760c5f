/** The checks of every input, for forms and functions that want to say the same as the SDK does. */
export * as account from "./account.ts";
export { type Checked, check, type Fault } from "./check.ts";
export type { Database } from "./database.types.ts";
export { goalFilter, goalPatch, newGoal, newGoalWithTasks } from "./goal.ts";
export { profilePatch } from "./profile.ts";
export { newTask, taskFilter, taskPatch } from "./task.ts";
