import type { Database } from "../access/database.ts";
import type { Table } from "./table.ts";

/** What the catalog lets roles see of a table, at this moment. */
export interface Access {
  rls: boolean;
  /** Names of the columns that each role may read. */
  columns: Map<string, ReadonlySet<string>>;
}

export async function readAccess(
  database: Database,
  { oid }: Table,
  roles: string[],
): Promise<Access | null> {
  const [row] = await database.query<{ rls: boolean; readable: Record<string, string[]> }>(
    `select c.relrowsecurity as rls,
       (select jsonb_object_agg(r.role, (
          select coalesce(jsonb_agg(a.attname), '[]') from pg_attribute a
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            and has_column_privilege(r.role, c.oid, a.attnum, 'SELECT')))
        from unnest($2::text[]) as r (role)) as readable
     from pg_class c where c.oid = $1`,
    [oid, roles],
    "access",
  );
  if (!row) return null;
  const columns = new Map(Object.entries(row.readable).map(([role, names]) => [role, new Set(names)]));
  return { rls: row.rls, columns };
}
