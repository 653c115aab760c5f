import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { createKeys, loginRoles, type StackKeys } from "./keys.ts";

/**
 * Reads a data directory's keys, or makes and keeps them at its first start.
 * @param file absolute path of `keys.json`
 * @param mayMake false where there is a database already: a new set would lock it out
 * @throws Error when the file is missing and must not be made, or is not readable as keys
 */
export async function loadKeys(file: string, { mayMake = true } = {}): Promise<StackKeys> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text !== null) return parse(text, file);
  if (!mayMake) throw unreadable(file, "the file is gone, and the database beside it knows those keys only");
  const keys = await createKeys();
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  // Written aside and renamed: a crash leaves either no keys or all of them.
  await writeFile(`${file}.new`, `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
  return keys;
}

const texts = ["publishableKey", "secretKey", "jwtSecret", "anonKey", "serviceRoleKey"] as const;

function parse(text: string, file: string): StackKeys {
  let keys: Partial<StackKeys>;
  try {
    keys = JSON.parse(text) as StackKeys;
  } catch {
    throw unreadable(file, "it is no JSON");
  }
  if (typeof keys !== "object" || keys === null) throw unreadable(file, "it is no JSON object");
  const lacks = [
    ...texts.filter((name) => typeof keys[name] !== "string"),
    ...(keys.signingKey?.kid && keys.signingKey.privateJwk && keys.signingKey.publicJwk
      ? []
      : ["signingKey"]),
    ...loginRoles.filter((role) => typeof keys.databasePasswords?.[role] !== "string"),
  ];
  if (lacks.length > 0) throw unreadable(file, `it lacks ${lacks.join(", ")}`);
  return keys as StackKeys;
}

const unreadable = (file: string, why: string) =>
  new Error(
    `cannot read the keys in ${file}: ${why}; put the file back from a backup, ` +
      "or remove the whole data directory to begin anew",
  );
