import type { Call, Db, Json } from "../context.ts";
import { parseDuration } from "../duration.ts";
import { AuthError, invalid } from "../errors.ts";
import { email, flag, object, text, uuid } from "../http.ts";
import type { UserRow } from "../store/users.ts";

/** What an administrator may say of a user; null or "" where nothing is said. */
export interface UserParams {
  id: string | null;
  email: string | null;
  password: string | null;
  /** A bcrypt hash from another system, in place of a password. */
  passwordHash: string | null;
  confirm: boolean;
  userData: Json | null;
  appData: Json | null;
  role: string | null;
  /** Seconds; 0 lifts a ban; null leaves it. */
  ban: number | null;
}

function banSeconds(value: string): number | null {
  if (value === "") return null;
  if (value === "none") return 0;
  const seconds = parseDuration(value);
  if (seconds === null)
    throw invalid(`invalid format for ban duration: ${value.slice(0, 40)}, want "24h" or "none"`);
  return seconds;
}

// pgcrypto reads $2a$ only; $2b$ and $2y$ are the same function under later names.
function bcryptHash(value: string): string | null {
  if (value === "") return null;
  if (!/^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(value))
    throw invalid("Field password_hash is no bcrypt hash");
  return value.replace(/^\$2[by]\$/, "$2a$");
}

export function userParams(body: Json): UserParams {
  if (text(body, "phone") !== "")
    throw new AuthError(400, "phone_provider_disabled", "Phone provider is disabled");
  const id = text(body, "id");
  const address = text(body, "email");
  return {
    id: id === "" ? null : uuid(id, "id"),
    email: address === "" ? null : email(address),
    password: text(body, "password") || null,
    passwordHash: bcryptHash(text(body, "password_hash")),
    confirm: flag(body, "email_confirm"),
    userData: object(body, "user_metadata"),
    appData: object(body, "app_metadata"),
    role: text(body, "role") || null,
    ban: banSeconds(text(body, "ban_duration")),
  };
}

/** The user of the path, the softly deleted included. */
export async function userOf(db: Db, call: Call): Promise<UserRow> {
  const id = uuid(call.params.user, "user_id");
  const [row] = await db<UserRow[]>`select * from auth.users where id = ${id}`;
  if (row === undefined) throw new AuthError(404, "user_not_found", "User not found");
  return row;
}

export async function applyBan(db: Db, userId: string, seconds: number): Promise<void> {
  await db`
    update auth.users
    set banned_until = case when ${seconds}::float8 > 0 then now() + make_interval(secs => ${seconds}::float8) end,
        updated_at = now()
    where id = ${userId}`;
}
