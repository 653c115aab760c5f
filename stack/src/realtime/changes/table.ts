import type { Database } from "../access/database.ts";
import { identifier } from "../access/database.ts";

export interface TableColumn {
  name: string;
  /** As `columns` tells it, `int8` or `_text`. */
  type: string;
  /** As SQL says it, `bigint` or `text[]`. */
  sqlType: string;
  /** What the values are: of a domain its base type, and `enum`, `array` or `composite` for these kinds; the latter
   * stands for every type that has a JSON of its own. */
  kind: string;
  isKey: boolean;
  /** What a generated column is computed by; null of every other. */
  expression: string | null;
  /** Equal values have equal texts: nothing but Postgres' text form need be compared. */
  isPlain: boolean;
}

/** A table as the catalog describes it. */
export interface Table {
  oid: number;
  /** Ready for SQL. */
  name: string;
  schema: string;
  table: string;
  columns: TableColumn[];
}

interface Row extends Omit<TableColumn, "isPlain"> {
  oid: number;
  deterministic: boolean;
}

/** Types whose text form is one for each value. */
const plain = new Set(["int2", "int4", "int8", "oid", "uuid", "bool", "text", "varchar", "date", "enum"]);

/** @returns null where there is no such table in the publication */
export async function describeTable(
  database: Database,
  schema: string,
  table: string,
): Promise<Table | null> {
  const rows = await database.query<Row>(catalog, [schema, table]);
  const [first] = rows;
  if (!first) return null;
  const columns = rows.map(({ oid, deterministic, ...column }) => ({
    ...column,
    isPlain: plain.has(column.kind) && deterministic,
  }));
  return { oid: first.oid, name: `${identifier(schema)}.${identifier(table)}`, schema, table, columns };
}

const catalog = `
  select c.oid::int8::text::int8 as oid, a.attname as name, t.typname as type,
    format_type(a.atttypid, null) as "sqlType",
    case when b.typtype = 'e' then 'enum' when b.typcategory = 'A' then 'array'
         when b.typtype = 'c' or exists (
           select from pg_cast where castsource = b.oid and casttarget = 'json'::regtype and b.typname <> 'jsonb'
         ) then 'composite' else b.typname end as kind,
    case a.attgenerated when '' then null else pg_get_expr(d.adbin, d.adrelid) end as expression,
    coalesce(a.attnum = any (k.conkey), false) as "isKey",
    coalesce(l.collisdeterministic, true) as deterministic
  from pg_publication_tables p
  join pg_namespace n on n.nspname = p.schemaname
  join pg_class c on c.relnamespace = n.oid and c.relname = p.tablename
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
  join pg_type b on b.oid = case t.typtype when 'd' then t.typbasetype else t.oid end
  left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
  left join pg_collation l on l.oid = a.attcollation
  left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
  where p.pubname = 'supabase_realtime' and p.schemaname = $1 and p.tablename = $2
  order by a.attnum`;

/** Names of the tables of the publication that a subscription may mean. */
export async function findTables(
  database: Database,
  schema: string,
  table: string,
): Promise<{ schema: string; table: string }[]> {
  return database.query(
    `select schemaname as schema, tablename as table from pg_publication_tables
     where pubname = 'supabase_realtime' and ($1 = '*' or schemaname = $1) and ($2 = '*' or tablename = $2)`,
    [schema, table],
  );
}
