/** Loads with the first verb of `recovery`. */
export { backUp } from "./backup.ts";
export { confirmCode, createCode, recoveryStatus } from "./code.ts";
export { takeSecrets, useCode } from "./use.ts";
