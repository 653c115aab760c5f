import path from "node:path";

const reasons: Record<string, string> = {
  EACCES: "this user may not write there",
  EPERM: "this user may not write there",
  EROFS: "it is on a read-only file system",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EIO: "the disk reports an error",
  EEXIST: "it is a file, want a folder",
  ENOTDIR: "a part of the path is a file, want folders",
  ENAMETOOLONG: "the path is longer than the system allows",
};

/** SQLSTATE of disk_full, for what the database says of its own files. */
const diskFull = "53100";

/**
 * An error of the file system in a data directory, said so that its reader knows what to do; any other error
 * comes back as it is.
 * @param shown what the directory is called in the message, where it is not made yet
 */
export function inPlainWords(error: unknown, folder: string, shown = folder): unknown {
  const reason = reasonOf(error, folder);
  if (reason === null) return error;
  return new Error(`cannot use the data directory ${shown}: ${reason}; choose another with --data DIR`, {
    cause: error,
  });
}

function reasonOf(error: unknown, folder: string): string | null {
  if (!(error instanceof Error)) return null;
  const { code, path: where, cause } = error as NodeJS.ErrnoException & { cause?: unknown };
  if (code === diskFull || /No space left on device/.test(error.message)) return reasons.ENOSPC ?? null;
  // What exists above the directory itself is a part of its path.
  if (code === "EEXIST" && where !== folder) return reasons.ENOTDIR ?? null;
  if (where !== undefined && isIn(where, folder)) return reasons[code ?? ""] ?? null;
  return cause === undefined ? null : reasonOf(cause, folder);
}

const isIn = (name: string, folder: string) =>
  name === folder || name.startsWith(folder + path.sep) || folder.startsWith(name + path.sep);
