import type pg from "pg";

const inOurSchemas = "n.nspname in ('public', 'private')";

interface TableRow {
  oid: number;
  name: string;
  unlogged: boolean;
  rls: boolean;
  comment: string | null;
}

/** Each table with its columns, constraints, indexes, triggers, comments, policies and grants, in that order. */
export async function renderTables(db: pg.Client): Promise<string[]> {
  const { rows } = await db.query<TableRow>(
    `select c.oid, c.oid::regclass::text as name, c.relpersistence = 'u' as unlogged, c.relrowsecurity as rls,
       obj_description(c.oid, 'pg_class') as comment
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where ${inOurSchemas} and c.relkind in ('r', 'p') order by n.nspname desc, c.relname`,
  );
  const blocks: string[] = [];
  for (const table of rows) blocks.push(await renderTable(db, table));
  return blocks;
}

async function renderTable(db: pg.Client, table: TableRow): Promise<string> {
  const parts = [
    await createTable(db, table),
    ...(table.rls ? [`alter table ${table.name} enable row level security;`] : []),
    ...(await indexes(db, table)),
    ...(await triggers(db, table.oid)),
    ...(await comments(db, table)),
    ...(await policies(db, table.oid)),
    ...(await grants(db, table)),
  ];
  return `${parts.join("\n")}\n`;
}

async function createTable(db: pg.Client, { oid, name, unlogged }: TableRow): Promise<string> {
  const columns = await texts(
    db,
    `select format('%I %s%s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
       case when a.attcollation <> t.typcollation then ' collate ' || quote_ident(co.collname) end,
       case when a.attnotnull then ' not null' end,
       case a.attgenerated when 's' then format(' generated always as (%s) stored', pg_get_expr(d.adbin, d.adrelid))
         else ' default ' || pg_get_expr(d.adbin, d.adrelid) end) as text
     from pg_attribute a join pg_type t on t.oid = a.atttypid
       left join pg_collation co on co.oid = a.attcollation
       left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    oid,
  );
  const constraints = await texts(
    db,
    `select format('constraint %I %s', conname, pg_get_constraintdef(oid)) as text
     from pg_constraint where conrelid = $1 and contype <> 'n'
     order by array_position('{p,f,u,c}'::"char"[], contype), conname`,
    oid,
  );
  const lines = [...columns, ...constraints].map((line) => `  ${line}`);
  return `create ${unlogged ? "unlogged " : ""}table ${name} (\n${lines.join(",\n")}\n);`;
}

const indexes = (db: pg.Client, { oid }: TableRow) =>
  texts(
    db,
    `select pg_get_indexdef(i.indexrelid) || ';' as text
     from pg_index i where i.indrelid = $1
       and not exists (select from pg_constraint where conindid = i.indexrelid and contype in ('p', 'u'))
     order by i.indexrelid::regclass::text`,
    oid,
  );

/** The triggers of a table that execute functions of ours. */
export const triggers = (db: pg.Client, table: number | string): Promise<string[]> =>
  texts(
    db,
    `select pg_get_triggerdef(t.oid) || ';' as text
     from pg_trigger t join pg_proc p on p.oid = t.tgfoid join pg_namespace n on n.oid = p.pronamespace
     where t.tgrelid = $1::regclass and not t.tgisinternal and ${inOurSchemas} order by t.tgname`,
    table,
  );

async function comments(db: pg.Client, { oid, name, comment }: TableRow): Promise<string[]> {
  const columns = await texts(
    db,
    `select format('comment on column %s.%I is %L;', $1::regclass, a.attname, d.description) as text
     from pg_description d join pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid
     where d.objoid = $1 and d.classoid = 'pg_class'::regclass and d.objsubid > 0 order by a.attnum`,
    oid,
  );
  const table = comment === null ? [] : [`comment on table ${name} is '${comment.replaceAll("'", "''")}';`];
  return [...table, ...columns];
}

const policies = (db: pg.Client, oid: number) =>
  texts(
    db,
    `select format('create policy %I on %s as %s for %s to %s%s%s;', polname, $1::regclass,
       case when polpermissive then 'permissive' else 'restrictive' end,
       case polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete'
         else 'all' end,
       case when polroles = '{0}' then 'public'
         else (select string_agg(r::regrole::text, ', ' order by r::regrole::text) from unnest(polroles) r) end,
       E'\n  using (' || pg_get_expr(polqual, polrelid) || ')',
       E'\n  with check (' || pg_get_expr(polwithcheck, polrelid) || ')') as text
     from pg_policy where polrelid = $1 order by polname`,
    oid,
  );

async function grants(db: pg.Client, { oid }: TableRow): Promise<string[]> {
  const whole = await texts(
    db,
    `select format('grant %s on %s to %s;', string_agg(lower(privilege_type), ', ' order by privilege_type),
       $1::regclass, grantee::regrole) as text
     from pg_class, aclexplode(relacl) where oid = $1 and grantee <> relowner
     group by grantee order by grantee::regrole::text`,
    oid,
  );
  const columns = await texts(
    db,
    `select format('grant %s (%s) on %s to %s;', lower(x.privilege_type),
       string_agg(quote_ident(attname), ', ' order by attnum), $1::regclass, x.grantee::regrole) as text
     from pg_attribute, aclexplode(attacl) x where attrelid = $1 and attnum > 0
     group by x.grantee, x.privilege_type order by x.grantee::regrole::text, x.privilege_type`,
    oid,
  );
  return [...whole, ...columns];
}

/** The one column `text` of a query about one object. */
export async function texts(db: pg.Client, sql: string, object?: number | string): Promise<string[]> {
  const { rows } = await db.query<{ text: string }>(sql, object === undefined ? [] : [object]);
  return rows.map((row) => row.text);
}
