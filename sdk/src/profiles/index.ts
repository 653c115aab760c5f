import { userId } from "../auth/session.ts";
import type { Connection } from "../connect.ts";
import { TrackItError } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import { checked } from "../failure/usage.ts";
import { toColumns } from "../rows/camel.ts";
import { explained, throwIfNotLive } from "../rows/live.ts";
import { checkVersion, untouched } from "../rows/update.ts";
import { profilePatch, usernameOnly } from "../schema/profile.ts";
import { call, run, table } from "../transport/rest.ts";
import type { CallOptions, WriteOptions } from "../types.ts";
import { toProfile, toPublicProfile } from "./shape.ts";
import { rememberTimeZone } from "./time-zone.ts";
import type { Profile, ProfilePatch, Profiles, PublicProfile } from "./types.ts";

export function createProfilesOn(connection: Connection): Profiles {
  return {
    me: (options) => readOwn(connection, "profiles.me", options?.signal),
    get: (username, options) => lookUp(connection, username, options ?? {}),
    update: (patch, options) => updateOwn(connection, patch, options ?? {}),
    usernameAvailable: (username, options) => isAvailable(connection, username, options ?? {}),
  };
}

async function readOwn(connection: Connection, action: string, signal?: AbortSignal): Promise<Profile> {
  const id = await ownId(connection, action, signal);
  const [row] = await run(
    table(connection.client, "profiles").select("*").eq("id", id).limit(1),
    action,
    signal,
  );
  if (row) {
    rememberTimeZone(connection, id, row.time_zone);
    return toProfile(row);
  }
  await throwIfNotLive(connection, action, signal);
  throw new TrackItError("ACCESS_NOT_FOUND", `${action}: this account has no profile`);
}

async function updateOwn(
  connection: Connection,
  patch: ProfilePatch,
  { version, signal }: WriteOptions,
): Promise<Profile> {
  const action = "profiles.update";
  const columns = toColumns(checked(profilePatch, patch, action));
  checkVersion(version, action);
  if (Object.keys(columns).length === 0) throw invalid(action, "patch", patch, "at least one field");
  const id = await ownId(connection, action, signal);
  const own = table(connection.client, "profiles").update(columns).eq("id", id);
  const query = version === undefined ? own : own.eq("version", version);
  const [row] = await explained(connection, action, signal, () => run(query.select(), action, signal));
  if (row) {
    rememberTimeZone(connection, id, row.time_zone);
    return toProfile(row);
  }
  const theirs = await readOwn(connection, action, signal);
  throw untouched(action, id, patch, version, theirs, theirs.version);
}

async function lookUp(
  { client }: Connection,
  username: string,
  { signal }: CallOptions,
): Promise<PublicProfile | null> {
  const args = checked(usernameOnly, { username }, "profiles.get");
  return toPublicProfile(await call(client, "lookup_profile", args, "profiles.get", signal));
}

async function isAvailable(
  { client }: Connection,
  username: string,
  { signal }: CallOptions,
): Promise<boolean> {
  const action = "profiles.usernameAvailable";
  const args = checked(usernameOnly, { username }, action);
  return call(client, "username_available", args, action, signal);
}

async function ownId(connection: Connection, action: string, signal?: AbortSignal): Promise<string> {
  const id = await userId(connection, action, signal);
  if (id !== null) return id;
  throw new TrackItError("AUTH_REQUIRED", `${action}: nobody is signed in`, {
    hint: "Sign in first: auth.signIn({ email, password })",
  });
}
