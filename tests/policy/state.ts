import type { TestStack } from "../support/stack.ts";

/** Names of the tables, views and foreign tables that the API could reach. */
export async function tablesOf({ db }: TestStack): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select c.relname as name from pg_class c
     where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
       and not c.relispartition
     order by 1`,
  );
  return rows.map(({ name }) => name);
}

/** Names of the functions that the API could reach: all of `public` that no extension brought. */
export async function functionsOf({ db }: TestStack): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select distinct p.proname as name from pg_proc p
     where p.pronamespace = 'public'::regnamespace and p.prokind in ('f', 'p')
       and p.prorettype <> 'trigger'::regtype
       and not exists (
         select from pg_depend d where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
     order by 1`,
  );
  return rows.map(({ name }) => name);
}

export async function columnsOf({ db }: TestStack, table: string): Promise<string[]> {
  const { rows } = await db.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = format('public.%I', $1::text)::regclass and attnum > 0 and not attisdropped order by 1`,
    [table],
  );
  return rows.map(({ name }) => name);
}

let texts: Promise<string> | null = null;
const last = new WeakMap<TestStack, { snapshot: string; digest: string }>();

/**
 * A digest of everything in `public`: the same as long as nobody has written anything. Of where each row stands and
 * which transaction wrote it, which no write leaves as they were, and not of what is in it. While no transaction has
 * written anywhere, which the snapshot tells, the last one holds.
 */
export async function fingerprint(stack: TestStack): Promise<string> {
  const snapshot = await snapshotOf(stack);
  const known = last.get(stack);
  if (known?.snapshot === snapshot) return known.digest;
  const digest = await digestOf(stack);
  last.set(stack, { snapshot, digest });
  return digest;
}

/** Which transactions have ended: each that writes has a number. */
async function snapshotOf({ db }: TestStack): Promise<string> {
  const { rows } = await db.query<{ snapshot: string }>("select pg_current_snapshot()::text as snapshot");
  return rows[0]?.snapshot ?? "";
}

async function digestOf(stack: TestStack): Promise<string> {
  texts ??= tablesOf(stack).then((tables) =>
    tables
      .map(
        (table) =>
          `select '${table}' as name, string_agg(t.ctid::text || t.xmin, '|' order by t.tableoid, t.ctid) as rows from public."${table}" t`,
      )
      .join(" union all "),
  );
  const text = `select md5(string_agg(name || coalesce(rows, ''), '|' order by name)) as digest from (${await texts}) everything`;
  const { rows } = await stack.db.query<{ digest: string }>({ name: "fingerprint", text });
  return rows[0]?.digest ?? "";
}
