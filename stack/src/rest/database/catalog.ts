import pg from "pg";

export interface Column {
  name: string;
  /** As SQL spells it, qualified. */
  type: string;
}

export interface Relation {
  schema: string;
  name: string;
  columns: ReadonlyMap<string, Column>;
  primaryKey: readonly string[];
  /** None of its columns has a cast to json of its own, by which lite would write it. */
  isPlain: boolean;
}

export interface Parameter {
  name: string;
  type: string;
  optional: boolean;
}

/** What a call gives back: nothing, one value or row, or a set of them. */
export type Returns = "void" | "value" | "values" | "row" | "rows";

export interface Routine {
  schema: string;
  name: string;
  parameters: ReadonlyMap<string, Parameter>;
  returns: Returns;
  /** `schema.name` of the relation whose rows it gives, where they are such rows. */
  relation: string | null;
}

/** What is exposed of a database, by `schema.name`. */
export interface Catalog {
  relations: ReadonlyMap<string, Relation>;
  /** Functions that go by one signature only and take named arguments. */
  routines: ReadonlyMap<string, Routine>;
  /** `statement_timeout` of each API role. */
  timeouts: ReadonlyMap<string, string>;
  /** Where the server's Unix sockets are. */
  socketFolders: readonly string[];
}

interface RelationRow {
  schema: string;
  name: string;
  columns: Column[];
  primary_key: string[];
  is_plain: boolean;
}

interface RoutineRow {
  schema: string;
  name: string;
  parameters: Parameter[];
  returns: Returns;
  relation: string | null;
}

const relationsSql = `
select n.nspname as schema, c.relname as name,
  json_agg(json_build_object('name', a.attname, 'type', pg_catalog.format_type(a.atttypid, a.atttypmod))
    order by a.attnum) as columns,
  coalesce((
    select json_agg(k.attname order by array_position(i.indkey::int2[], k.attnum))
    from pg_catalog.pg_index i
    join pg_catalog.pg_attribute k on k.attrelid = c.oid and k.attnum = any (i.indkey)
    where i.indrelid = c.oid and i.indisprimary), '[]') as primary_key,
  not bool_or(exists (
    select from pg_catalog.pg_cast x where x.castsource = a.atttypid and a.atttypid >= 16384
      and x.casttarget in ('pg_catalog.json'::regtype, 'pg_catalog.jsonb'::regtype))) as is_plain
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where n.nspname = any ($1) and c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
group by c.oid, n.nspname, c.relname`;

const routinesSql = `
select n.nspname as schema, p.proname as name,
  (select format('%s.%s', cn.nspname, c.relname)
    from pg_catalog.pg_class c join pg_catalog.pg_namespace cn on cn.oid = c.relnamespace
    where c.oid = t.typrelid and c.relkind <> 'c') as relation,
  case
    when p.prorettype = 'pg_catalog.void'::regtype then 'void'
    when t.typtype = 'c' or p.prorettype = 'pg_catalog.record'::regtype
      then case when p.proretset then 'rows' else 'row' end
    else case when p.proretset then 'values' else 'value' end
  end as returns,
  coalesce((
    select json_agg(json_build_object(
      'name', p.proargnames[x.place],
      'type', pg_catalog.format_type(x.type, null),
      'optional', x.place > p.pronargs - p.pronargdefaults))
    from unnest(p.proargtypes) with ordinality as x (type, place)), '[]') as parameters
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_type t on t.oid = p.prorettype
where n.nspname = any ($1) and p.prokind = 'f' and p.provariadic = 0
  and t.typtype in ('b', 'c', 'e') is distinct from (p.prorettype = any ('{record,void}'::regtype[]))
  -- A record needs its columns declared; one single output column is neither a row nor a plain value.
  and (p.prorettype = 'pg_catalog.record'::regtype) = coalesce(p.proargmodes && '{o,t}'::"char"[], false)
  -- In-parameters first and all of them named: then the names' places are the types' places.
  and (p.pronargs = 0 or coalesce(p.proargnames[1:p.pronargs], '{}') <> '{}')
  and not '' = any (coalesce(p.proargnames[1:p.pronargs], '{}'))
  and (p.proargmodes is null or p.proargmodes[1:p.pronargs] <@ '{i}'::"char"[])
  and not exists (
    select from pg_catalog.pg_proc o
    where o.proname = p.proname and o.pronamespace = p.pronamespace and o.oid <> p.oid)`;

const timeoutsSql = `
select r.rolname as role, substr(setting, length('statement_timeout=') + 1) as timeout
from pg_catalog.pg_db_role_setting s
join pg_catalog.pg_roles r on r.oid = s.setrole
cross join lateral unnest(s.setconfig) as setting
where setting like 'statement\\_timeout=%' and s.setdatabase in (0, (
  select oid from pg_catalog.pg_database where datname = current_database()))`;

const socketsSql = "select current_setting('unix_socket_directories') as folders";

/** Reads the catalogs as administrator: what the API roles may see of them is not enough. */
export async function readCatalog(adminDatabaseUrl: string, schemas: readonly string[]): Promise<Catalog> {
  const client = new pg.Client({ connectionString: adminDatabaseUrl, application_name: "rest catalog" });
  client.on("error", () => {});
  await client.connect();
  try {
    // Types outside pg_catalog are then spelled with their schema.
    await client.query("set search_path = ''");
    const relations = await client.query<RelationRow>(relationsSql, [schemas]);
    const routines = await client.query<RoutineRow>(routinesSql, [schemas]);
    const timeouts = await client.query<{ role: string; timeout: string }>(timeoutsSql);
    const sockets = await client.query<{ folders: string }>(socketsSql);
    return {
      relations: new Map(relations.rows.map((row) => [`${row.schema}.${row.name}`, toRelation(row)])),
      routines: new Map(routines.rows.map((row) => [`${row.schema}.${row.name}`, toRoutine(row)])),
      timeouts: new Map(timeouts.rows.map((row) => [row.role, row.timeout])),
      socketFolders: sockets.rows[0]?.folders.split(",").map((folder) => folder.trim()) ?? [],
    };
  } finally {
    await client.end();
  }
}

function toRelation({ schema, name, columns, primary_key, is_plain }: RelationRow): Relation {
  return { schema, name, columns: byName(columns), primaryKey: primary_key, isPlain: is_plain };
}

function toRoutine({ parameters, ...routine }: RoutineRow): Routine {
  return { ...routine, parameters: byName(parameters) };
}

const byName = <T extends { name: string }>(entries: T[]) =>
  new Map(entries.map((entry) => [entry.name, entry]));
