export { AlreadyRunningError } from "./data-directory.ts";
export type { StackEnv } from "./env.ts";
export { MigrationChangedError } from "./postgres/migrate.ts";
export { PortTakenError } from "./process/ports.ts";
export { type Stack, type StackOptions, startStack } from "./start.ts";
