import type { Database } from "../access/database.ts";

/** What the feed reads: the project's own tables, stored messages, and the ends of sessions and users. */
const publications = [
  "supabase_realtime",
  "supabase_realtime_messages_publication",
  "supabase_realtime_sessions_publication",
];

/** A project may drop its publication, and make it anew. @returns the names of those that there are */
export async function findPublications(database: Database): Promise<string[]> {
  const rows = await database.query<{ pubname: string }>(
    "select pubname from pg_publication where pubname = any ($1)",
    [publications],
  );
  return rows.map(({ pubname }) => pubname);
}

export const isMissing = (found: string[]): boolean => found.length < publications.length;
