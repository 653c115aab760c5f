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
  /** The signed-in user's own profile. */
  me(options?: CallOptions): Promise<Profile>;
  /** Somebody by exact username, or null. */
  get(username: string, options?: CallOptions): Promise<PublicProfile | null>;
  update(patch: ProfilePatch, options?: WriteOptions): Promise<Profile>;
  usernameAvailable(username: string, options?: CallOptions): Promise<boolean>;
}
