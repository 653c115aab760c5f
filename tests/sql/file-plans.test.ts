/** What files and links cost: a page is a page and a link is a link, however many there are. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Database, openDatabase } from "./support/database.ts";
import { createPeople, type Person } from "./support/people.ts";
import { type Plan, planOf } from "./support/plan.ts";

const own = 10_000;
const others = 20_000;
const links = 100_000;

let database: Database;
let client: pg.Client;
let ada: Person;

beforeAll(async () => {
  database = await openDatabase();
  const { admin } = database;
  const people = await createPeople(admin, "ada", "ben");
  ada = people.ada;
  await admin.query("set session_replication_role = replica");
  await admin.query(
    `insert into public.folders (id, owner_id, depth, name)
     select md5('folder' || n)::uuid, $1, 1, 'f' || n from generate_series(0, 9) n`,
    [ada.id],
  );
  await admin.query(
    `insert into public.files (id, owner_id, folder_id, encrypted, size, state, content_version, created_at, deleted_at)
     select md5('file' || n)::uuid, case when n <= $2::integer then $1::uuid else md5('crowd' || n % 500)::uuid end,
       case when n <= $2::integer and n % 11 > 0 then md5('folder' || n % 11 - 1)::uuid end, true, 1, 'ready', 1,
       now() - n * interval '1 second', case when n % 20 = 0 then now() - n * interval '1 second' end
     from generate_series(1, $2::integer + $3::integer) n`,
    [ada.id, own, others],
  );
  await admin.query(
    `insert into public.file_versions (file_id, number, owner_id, upload_id, size, state, created_at)
     select id, 1, owner_id, id, 1, 'ready', created_at from public.files`,
  );
  await admin.query(
    `insert into public.share_users (file_id, owner_id, user_id, since)
     select md5('file' || n)::uuid, md5('crowd' || n % 500)::uuid, $1, 1 from generate_series($2::integer + 1, $2::integer + 300) n`,
    [ada.id, own],
  );
  await admin.query(
    `insert into public.shares (id, file_id, owner_id, content_version, password, created_at)
     select md5('link' || n)::uuid, f.id, f.owner_id, 1, false, now() - n * interval '1 second'
     from generate_series(1, $1::integer) n join public.files f on f.id = md5('file' || n % $2::integer + 1)::uuid`,
    [links, own + others],
  );
  await admin.query(
    `insert into private.share_secrets (share_id, door_hash, access_hash, body)
     select id, sha256('x'), sha256('x'), 'x' from public.shares`,
  );
  await admin.query(
    `insert into public.share_events (owner_id, file_id, share_id, kind, created_at)
     select owner_id, file_id, id, 'opened', created_at from public.shares where created_at > now() - interval '40000 seconds'`,
  );
  await admin.query("set session_replication_role = origin");
  await admin.query(
    "vacuum analyze public.folders, public.files, public.file_versions, public.shares, public.share_users, public.share_events, private.share_secrets",
  );
  client = new pg.Client(database.url("authenticator"));
  await client.connect();
  // Filling takes seconds, more on a busy machine.
}, 180_000);
afterAll(async () => {
  await client.end();
  await database.close();
});

const plan = (sql: string, ...values: unknown[]): Promise<Plan> => planOf(client, ada, sql, values);
const before = "now() - interval '5000 seconds', 'ffffffff-ffff-ffff-ffff-ffffffffffff', 20";

/** Reads of ada's, with the most pages of memory that each may touch. */
const reads: Record<string, [sql: string, buffers: number]> = {
  "the first page of a folder": [
    "select public.files_page('folder', md5('folder3')::uuid, null, null, 20)",
    40,
  ],
  "a later page of a folder": [`select public.files_page('folder', md5('folder3')::uuid, ${before})`, 40],
  "the first page of the root": ["select public.files_page('folder', null, null, null, 20)", 40],
  "a later page of all": [`select public.files_page('all', null, ${before})`, 40],
  "the trash": ["select public.files_page('trash', null, null, null, 20)", 40],
  "a later page of the export": [`select public.files_page('export', null, ${before})`, 40],
  folders: ["select public.folders_page()", 40],
  "a file's versions": ["select public.file_versions_of(md5('file7')::uuid)", 40],
  "links, a later page": [`select public.shares_page(null, ${before})`, 40],
  "links of a file": ["select public.shares_page(md5('file7')::uuid)", 40],
  "events, a later page": [`select public.share_events_page(null, null, ${before})`, 40],
  "events of a file": ["select public.share_events_page(md5('file7')::uuid)", 40],
  "events of a link": ["select public.share_events_page(null, md5('link7')::uuid)", 40],
  "what is shared with her": ["select public.shared_with_me(null, null, 20)", 300],
};

describe("what ada reads", () => {
  it.each(Object.entries(reads))("%s touches what it gives", async (_name, [sql, most]) => {
    const { buffers, text } = await plan(sql);
    expect(buffers, text).toBeLessThan(most);
  });

  it("rows of the table come from the index of owners, and none is dropped", async () => {
    const { indexes, rowsRead } = await plan(
      "select id, name from public.files order by created_at desc, id desc limit 20",
    );
    expect([indexes[0], rowsRead]).toEqual(["files_owner_created_idx", 0]);
  });

  it("one object's policy looks its version up", async () => {
    const { buffers } = await plan(
      "select private.can_read_object($1)",
      `${ada.id}/${"0".repeat(8)}-0000-4000-8000-${"0".repeat(12)}/1`,
    );
    expect(buffers).toBeLessThan(30);
  });
});

/** Pages touched by a statement of the service's. */
async function buffersOf(sql: string): Promise<number> {
  const { rows } = await database.admin.query<{ "QUERY PLAN": { Plan: Record<string, number> }[] }>(
    `explain (analyze, buffers, format json) ${sql}`,
  );
  const top = rows[0]?.["QUERY PLAN"][0]?.Plan ?? {};
  return (top["Shared Hit Blocks"] ?? 0) + (top["Shared Read Blocks"] ?? 0);
}

describe("among 100,000 links", () => {
  it("one that is opened, and one that is not there, are found by their id", async () => {
    const token = `'${Buffer.alloc(32).toString("base64url")}'`;
    await database.admin.query(
      "update private.share_secrets set door_hash = private.tagged_hash('link-token', decode(repeat('00', 32), 'hex')), access_hash = private.tagged_hash('link-token', decode(repeat('00', 32), 'hex')) where share_id = md5('link7')::uuid",
    );
    const open = `select public.share_redeem(md5('link7')::uuid, ${token}, ${token})`;
    await database.admin.query(open);
    // It writes its count, a grant and an event, and tells its owner.
    expect(await buffersOf(open)).toBeLessThan(400);
    expect(await buffersOf(`select public.share_redeem(md5('none')::uuid, ${token}, ${token})`)).toBeLessThan(
      30,
    );
  });

  it("a reservation counts without looking at other files", async () => {
    const reserve = "select public.reserve_file($1, 1)";
    const { buffers } = await plan(reserve.replace("$1", "gen_random_uuid()"));
    expect(buffers).toBeLessThan(300);
  });

  it("a sweep with nothing to do reads the ends of its indexes", async () => {
    await database.admin.query("select private.sweep_files(1)");
    await database.admin.query(
      "update public.files set deleted_at = null where deleted_at < now() - interval '30 days'",
    );
    await database.admin.query("select private.sweep_files()");
    expect(await buffersOf("select private.sweep_files()")).toBeLessThan(600);
  });
});
