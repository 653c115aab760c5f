export { type BackupContent, type BackupHead, openBackup, sealBackup } from "./backup.ts";
export { backupKey, createRecoveryCode, type RecoveryCode, readRecoveryCode, recoveryKeys } from "./code.ts";
