/** Files under whatever many devices do at once: what is counted is what there is. */
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Dice, dice, seed } from "../support/random.ts";
import { type Database, openDatabase } from "./support/database.ts";
import { createPeople, type Person, queryAs, refusalOf } from "./support/people.ts";

const devices = 8;
const acts = 50;

let database: Database;
let clients: pg.Client[];
let ada: Person;
beforeAll(async () => {
  database = await openDatabase();
  ({ ada } = await createPeople(database.admin, "ada"));
  await database.admin.query(
    "insert into public.limits (user_id, kind, max) values ($1, 'bytes', 300), ($1, 'files', 12), ($1, 'folders', 6)",
    [ada.id],
  );
  clients = Array.from({ length: devices }, () => new pg.Client(database.url("authenticator")));
  await Promise.all(clients.map((client) => client.connect()));
  await Promise.all(
    clients.map((client) => client.query("set lock_timeout = '60s'; set statement_timeout = '60s'")),
  );
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await database.close();
});

/** What may be refused: something else was first, or there is no room. A deadlock may not. */
const expected = new Set([
  "",
  "TK005 CONFLICT_ID",
  "TK203 LIMIT_FILES",
  "TK204 LIMIT_FOLDERS",
  "TK205 LIMIT_QUOTA",
  "TK700 ACCESS_NOT_FOUND",
  "TK702 USAGE_REFERENCE",
  "TK703 USAGE_CYCLE",
  "TK705 FILE_INCOMPLETE",
]);

/** Ids of few things, so that devices meet at them. */
const idOf = (roll: Dice, kind: string) =>
  `${kind}0000000-0000-4000-8000-${String(roll.between(1, kind === "f" ? 20 : 6)).padStart(12, "0")}`;

/** One act of a device: a statement with its values. */
function actOf(roll: Dice): [sql: string, values: unknown[]] {
  const [file, folder] = [idOf(roll, "f"), idOf(roll, "d")];
  const upload = `a0000000-0000-4000-8000-${String(roll.between(1, 1e9)).padStart(12, "0")}`;
  return roll.pick<[string, unknown[]]>([
    ["select public.reserve_file($1, $2)", [file, roll.between(0, 60)]],
    ["select public.reserve_file($1, $2, folder := $3)", [file, roll.between(0, 60), folder]],
    ["select public.reserve_version($1, $2, $3)", [file, upload, roll.between(0, 60)]],
    ["select public.complete_upload((public.my_uploads() #>> '{0,upload,id}')::uuid)", []],
    ["select public.complete_upload($1)", [file]],
    ["select public.cancel_upload((public.my_uploads() #>> '{-1,upload,id}')::uuid)", []],
    ["select public.change_file($1, '{\"trashed\": true}')", [file]],
    ["select public.change_file($1, '{\"trashed\": false}')", [file]],
    ["select public.change_file($1, jsonb_build_object('folder_id', $2::text))", [file, folder]],
    ["select public.purge_files(array[$1]::uuid[])", [file]],
    ["select public.restore_version($1, 1)", [file]],
    ["select public.create_folder($1, $2, 'x')", [folder, roll.pick([null, idOf(roll, "d")])]],
    ["select public.change_folder($1, jsonb_build_object('parent_id', $2::text))", [folder, idOf(roll, "d")]],
    ["select public.change_folder($1, '{\"trashed\": true}')", [folder]],
    ["select public.change_folder($1, '{\"trashed\": false}')", [folder]],
    ["select public.purge_folder($1)", [folder]],
  ]);
}

/** Storage beside them: stores what is reserved; and the clock, which gives up what is late. */
async function surroundings(running: () => boolean, roll: Dice): Promise<void> {
  while (running()) {
    await database.admin
      .query(
        `insert into storage.objects (bucket_id, name, metadata)
       select 'files', v.path, jsonb_build_object('size', v.size) from public.file_versions v
       where v.state = 'reserved' and not exists (select from storage.objects o where o.name = v.path)
       order by random() limit 1
       on conflict do nothing`,
      )
      .catch((error: unknown) => {
        // Given up between the look and the store.
        if (!(error instanceof pg.DatabaseError && error.code === "42501")) throw error;
      });
    if (roll() < 0.2) {
      await database.admin.query(
        "update public.file_versions set expires_at = now() where state = 'reserved' and random() < 0.2",
      );
      await database.admin.query("select private.sweep_files()");
    }
  }
}

const facts: Record<string, string> = {
  "bytes counted are those of versions": `
    select coalesce((select held from private.holdings where kind = 'bytes'), 0)
      - coalesce((select sum(size) from public.file_versions), 0)`,
  "files counted are those outside the trash": `
    select coalesce((select held from private.holdings where kind = 'files'), 0)
      - (select count(*) from public.files where deleted_at is null)`,
  "folders counted are those outside the trash": `
    select coalesce((select held from private.holdings where kind = 'folders'), 0)
      - (select count(*) from public.folders where deleted_at is null)`,
  "no more bytes than the quota":
    "select coalesce(sum(size) > 300, false)::integer from public.file_versions",
  "no file without a version": `
    select count(*) from public.files f where not exists (select from public.file_versions v where v.file_id = f.id)`,
  "a ready file's present version is ready and has its bytes": `
    select count(*) from public.files f where f.state = 'ready' and not exists (
      select from public.file_versions v join storage.objects o on o.name = v.path
      where v.file_id = f.id and v.number = f.content_version and v.state = 'ready' and v.size = f.size
        and (o.metadata ->> 'size')::bigint = v.size)`,
  "an object without a version is on its way out": `
    select count(*) from storage.objects o
    where not exists (select from public.file_versions v where v.path = o.name)
      and not exists (select from private.removals r where r.path = o.name and r.removed_at is null)`,
  "no path is doomed that there is a version of": `
    select count(*) from private.removals r join public.file_versions v on v.path = r.path`,
  "nothing outside the trash lies in it": `
    select count(*) from public.folders d where d.deleted_at is not null and (
      exists (select from public.files f where f.folder_id = d.id and f.deleted_at is null)
      or exists (select from public.folders c where c.parent_id = d.id and c.deleted_at is null))`,
  "folders have their depth": `
    select count(*) from public.folders d left join public.folders p on p.id = d.parent_id
    where d.depth <> coalesce(p.depth, 0) + 1`,
};

it(`${devices} devices with ${acts} acts each leave every count exact (seed ${seed})`, async () => {
  let running = true;
  const around = surroundings(() => running, dice(seed + 1000));
  const done = await Promise.all(
    clients.map(async (client, device) => {
      const roll = dice(seed + device);
      const outcomes: string[] = [];
      for (let n = 0; n < acts; n++) outcomes.push(await refusalOf(queryAs(client, ada, ...actOf(roll))));
      return outcomes;
    }),
  );
  running = false;
  await around;
  expect(done.flat().filter((outcome) => !expected.has(outcome))).toEqual([]);
  expect(done.flat().filter((outcome) => outcome === "").length).toBeGreaterThan(acts);
  for (const [fact, sql] of Object.entries(facts)) {
    const { rows } = await database.admin.query<Record<string, string>>(sql);
    expect([fact, Number(Object.values(rows[0] ?? {})[0])]).toEqual([fact, 0]);
  }
});
