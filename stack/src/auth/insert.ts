import postgres from "postgres";
import type { AuthContext, Call, Json } from "./context.ts";
import { describe } from "./describe.ts";
import { AuthError, unexpected } from "./errors.ts";
import { askBeforeUserCreated } from "./hook.ts";

/** True for the violation that a second sign-up with one address meets. */
export function isAddressTaken(error: unknown): boolean {
  return (
    error instanceof postgres.PostgresError &&
    error.code === "23505" &&
    error.constraint_name === "users_email_partial_key"
  );
}

// Postgres and its extensions leave these classes of SQLSTATE alone: whoever raises one means its message for callers.
const OF_THE_PROJECT = /^[A-EGI-OQ-WYZ][0-9A-Z]{4}$/;

/**
 * Inserts a user. A trigger of the project that refuses is heard: through the hook, which words the refusal where it
 * shares the reason (a cap reached since it was asked), else in the trigger's own words.
 */
export async function insertHeard<T>(
  auth: AuthContext,
  call: Call,
  user: Json,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AuthError || isAddressTaken(error)) throw error;
    await askBeforeUserCreated(auth, call, user);
    if (error instanceof postgres.PostgresError && OF_THE_PROJECT.test(error.code)) {
      throw new AuthError(422, "unknown", error.message);
    }
    call.log.error("auth.insert_user_failed", describe(error));
    throw unexpected("Database error saving new user");
  }
}
