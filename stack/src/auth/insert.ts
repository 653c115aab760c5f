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

/**
 * Inserts a user; a trigger of the project that refuses is heard through the hook, which words the refusal (a name
 * taken between the hook's look and the insert, for one).
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
    call.log.error("auth.insert_user_failed", describe(error));
    throw unexpected("Database error saving new user");
  }
}
