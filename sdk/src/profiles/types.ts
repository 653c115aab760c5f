import type { CallOptions, JsonObject, WriteOptions } from "../types.ts";

export interface Profile {
  id: string;
  username: string;
  displayName: string;
  avatarUrl: string | null;
  /** BCP 47 tag, such as `en` or `pt-BR`. */
  locale: string;
  /** IANA name, such as `Europe/Lisbon`. */
  timeZone: string;
  preferences: JsonObject;
  status: "active" | "suspended";
  /** Names the limits that apply. */
  plan: string;
  createdAt: string;
  updatedAt: string;
  version: number;
}

/** What other signed-in users may see of a profile. */
export interface PublicProfile {
  id: string;
  username: string;
  displayName: string;
  avatarUrl: string | null;
}

export interface ProfilePatch {
  username?: string | undefined;
  displayName?: string | undefined;
  avatarUrl?: string | null | undefined;
  locale?: string | undefined;
  timeZone?: string | undefined;
  preferences?: JsonObject | undefined;
}

export interface Profiles {
  /**
   * The signed-in user's own profile.
   *
   * @throws AUTH_REQUIRED, AUTH_SUSPENDED, AUTH_SECOND_FACTOR, NETWORK_ codes
   * @example
   * ```ts
   * const { username, timeZone } = await trackit.profiles.me();
   * ```
   */
  me(options?: CallOptions): Promise<Profile>;
  /**
   * Somebody by exact username, letter case aside; null when nobody has it. At most 60 calls a minute.
   *
   * @throws LIMIT_RATE (with `retryAfter`), USAGE_INVALID, AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * const ben = await trackit.profiles.get("ben");
   * ```
   */
  get(username: string, options?: CallOptions): Promise<PublicProfile | null>;
  /**
   * Changes the fields given of one's own profile. With `version`, only if no other device has changed it since.
   *
   * @throws CONFLICT_VERSION (with both sides), CONFLICT_USERNAME_TAKEN, USAGE_INVALID, USAGE_UNKNOWN_FIELD,
   * AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * await trackit.profiles.update({ timeZone: "Europe/Lisbon", preferences: { theme: "dark" } });
   * ```
   */
  update(patch: ProfilePatch, options?: WriteOptions): Promise<Profile>;
  /**
   * Whether a username can be had: well-formed, not reserved, free. For the sign-up form; at most 60 calls a minute.
   *
   * @throws LIMIT_RATE (with `retryAfter`), USAGE_INVALID, NETWORK_ codes
   * @example
   * ```ts
   * if (!(await trackit.profiles.usernameAvailable("ada"))) console.log("taken");
   * ```
   */
  usernameAvailable(username: string, options?: CallOptions): Promise<boolean>;
}
