import { camelRow } from "../rows/camel.ts";
import type { RowOf } from "../transport/rest.ts";
import type { JsonObject } from "../types.ts";
import type { Profile, PublicProfile } from "./types.ts";

export function toProfile(row: RowOf<"profiles">): Profile {
  const profile = camelRow(row);
  return { ...profile, preferences: profile.preferences as JsonObject };
}

/** What `lookup_profile` returns. */
export function toPublicProfile(found: unknown): PublicProfile | null {
  if (typeof found !== "object" || found === null) return null;
  return camelRow(found) as unknown as PublicProfile;
}
