export { AlreadyRunningError } from "./data/lock.ts";
export type { StackEnv } from "./env.ts";
export { MigrationChangedError } from "./postgres/migrate.ts";
export { PortTakenError } from "./process/port.ts";
export { type Stack, type StackOptions, startStack } from "./start.ts";
