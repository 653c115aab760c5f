import { connect } from "../connect.ts";
import type { AppClient, TrackItOptions } from "../trackit.ts";
import type { Auth } from "./types.ts";
import { authOn } from "./verbs.ts";

/**
 * Accounts alone, for pages that need nothing else.
 *
 * @example
 * ```ts
 * import { createAuth } from "@trackit/sdk/auth";
 * const auth = createAuth({ url, key });
 * await auth.signIn({ email, password, remember: "tab" });
 * ```
 */
export function createAuth(source: TrackItOptions | AppClient): Auth {
  return authOn(connect(source));
}
