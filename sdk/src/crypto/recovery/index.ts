export { backupKey, createRecoveryCode, type RecoveryCode, readRecoveryCode, recoveryKeys } from "./code.ts";
