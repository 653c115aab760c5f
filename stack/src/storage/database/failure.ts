import { accessDenied, alreadyExists, invalidRequest, StorageError } from "../errors.ts";

/** Hosted's words, which name no table. */
const policySaysNo = "new row violates row-level security policy";

interface PostgresError extends Error {
  code: string;
  severity: string;
}

/** Whether the database said it, and not the way to it. */
export const isPostgresError = (error: unknown): error is PostgresError =>
  error instanceof Error && "severity" in error && "code" in error && typeof error.code === "string";

/** What the caller is told of an error of the database: hosted's words where it has any. */
export function asStorageError(error: unknown): unknown {
  if (error instanceof StorageError) return error;
  if (!isPostgresError(error)) return isConnectionError(error) ? unavailable(error) : error;
  const { code, message } = error;
  if (/^(57P0|08|53)/.test(code)) return unavailable(error);
  switch (code) {
    case "42501":
      return accessDenied(message.includes("row-level security") ? policySaysNo : message);
    case "23505":
      return alreadyExists(/buckets_pkey|bname/.test(message) ? "BucketAlreadyExists" : "KeyAlreadyExists");
    case "23503":
      return new StorageError("InvalidRequest", 404, "The related resource does not exist");
    case "55P03":
    case "40P01":
      return new StorageError("ResourceLocked", 423, "The resource is locked");
    case "57014":
      return new StorageError("DatabaseTimeout", 544, "The connection to the database timed out");
    default:
      // Class 22: what was sent does not fit its column, such as a NUL in JSON.
      if (code.startsWith("22")) return invalidRequest(message);
      return new StorageError("DatabaseError", 500, message, { word: code, cause: error });
  }
}

const unavailable = (cause: unknown) =>
  new StorageError("SlowDown", 503, "The database is not available, try again", { cause });

/** Whether nobody was there to answer. */
function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = String(Reflect.get(error, "code") ?? "");
  return (
    /^(ECONN|EPIPE|ETIMEDOUT)/.test(code) ||
    /connection (?:terminated|timeout|error)|timeout exceeded/i.test(error.message)
  );
}
