/** Files and links with many at them at once; and each policy on objects, spoiled, is noticed. */
import { randomBytes, randomUUID } from "node:crypto";
import path from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mutantsOf } from "../policy/mutants.ts";
import { type Database, openDatabase, root } from "./support/database.ts";
import { createFile, type Link, makeLink, redeemer, store } from "./support/files.ts";
import { beginAs, createPeople, type Person, queryAs, refusalOf } from "./support/people.ts";
import { runTapFile } from "./support/tap.ts";

const parallel = 50;

let database: Database;
let clients: pg.Client[];
let ada: Person;
let ben: Person;

beforeAll(async () => {
  database = await openDatabase();
  ({ ada, ben } = await createPeople(database.admin, "ada", "ben"));
  clients = Array.from({ length: parallel }, () => new pg.Client(database.url("authenticator")));
  await Promise.all(clients.map((client) => client.connect()));
  // Fifty take turns: on a busy machine the last waits longer than a request may.
  await Promise.all(
    clients.map((client) => client.query("set lock_timeout = '60s'; set statement_timeout = '60s'")),
  );
});
afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()));
  await database.close();
});

/** The same statement of ada's from every connection at once; the refusals, "" for those that went through. */
const everyone = (sql: string, values: (index: number) => unknown[]) =>
  Promise.all(clients.map((client, index) => refusalOf(queryAs(client, ada, sql, values(index)))));

const count = <Value>(values: Value[], wanted: Value) => values.filter((value) => value === wanted).length;

async function one<Value>(sql: string, ...values: unknown[]): Promise<Value> {
  const { rows } = await database.admin.query<{ value: Value }>(`select (${sql}) as value`, values);
  return rows[0]?.value as Value;
}

/** Resolves when some request waits for a lock. */
async function blocked(): Promise<void> {
  const limit = Date.now() + 60_000;
  while (
    (await one<string>("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")) === "0"
  ) {
    await database.admin.query("select pg_stat_clear_snapshot()");
    if (Date.now() > limit) throw new Error("nobody waits for a lock");
  }
}

const held = (kind: string) =>
  one<string>("select held from private.holdings where owner_id = $1 and kind::text = $2", ada.id, kind);

describe("at once", () => {
  it("50 reservations of 10 bytes with room for 125 make exactly 12, and LIMIT_QUOTA for the others", async () => {
    await database.admin.query("insert into public.limits (user_id, kind, max) values ($1, 'bytes', 125)", [
      ada.id,
    ]);
    const outcomes = await everyone("select public.reserve_file($1, 10)", () => [randomUUID()]);
    expect([count(outcomes, ""), count(outcomes, "TK205 LIMIT_QUOTA")]).toEqual([12, parallel - 12]);
    expect(await one("select sum(size) from public.file_versions where owner_id = $1", ada.id)).toBe("120");
    expect([await held("bytes"), await held("files")]).toEqual(["120", "12"]);
    const uploads = await queryAs<{ cancelled: boolean }>(
      database.admin,
      ada,
      "select public.cancel_upload(id) as cancelled from public.files",
    );
    expect(uploads).toHaveLength(12);
    expect([await held("bytes"), await held("files")]).toEqual(["0", "0"]);
    await database.admin.query("delete from public.limits where user_id = $1", [ada.id]);
  });

  it("50 who reserve and give up, over and over, do not get in each other's way", async () => {
    const rounds = clients.map(async (client) => {
      const refusals: string[] = [];
      for (let round = 0; round < 5; round++) {
        const id = randomUUID();
        refusals.push(await refusalOf(queryAs(client, ada, "select public.reserve_file($1, 10)", [id])));
        refusals.push(await refusalOf(queryAs(client, ada, "select public.cancel_upload($1)", [id])));
      }
      return refusals.join("");
    });
    expect(await Promise.all(rounds)).toEqual(Array(parallel).fill(""));
    expect([await held("bytes"), await held("files")]).toEqual(["0", "0"]);
  });

  it("50 reservations with one id are one", async () => {
    const id = randomUUID();
    const outcomes = await everyone("select public.reserve_file($1, 10)", () => [id]);
    expect(outcomes).toEqual(Array(parallel).fill(""));
    expect(await one("select count(*) from public.file_versions where file_id = $1", id)).toBe("1");
    expect(await held("bytes")).toBe("10");
  });

  it("50 completions of one upload are one, and so are 50 versions under one upload's id", async () => {
    const id = randomUUID();
    await queryAs(database.admin, ada, "select public.reserve_file($1, 10)", [id]);
    await store(database, ada, id, 10);
    expect(await everyone("select public.complete_upload($1)", () => [id])).toEqual(Array(parallel).fill(""));
    const upload = randomUUID();
    const outcomes = await everyone("select public.reserve_version($1, $2, 1)", () => [id, upload]);
    expect(outcomes).toEqual(Array(parallel).fill(""));
    expect(await one("select last_number from public.files where id = $1", id)).toBe(2);
  });

  it("50 redeemers of a link that opens 3 times: 3 open it, and each is noted", async () => {
    const link = await makeLink(database, ada, await createFile(database, ada), { maxDownloads: 3 });
    const outcomes = await Promise.all(clients.map((client) => redeemer(client)(link)));
    expect([count(outcomes, "open"), count(outcomes, "refused")]).toEqual([3, parallel - 3]);
    expect(await one("select downloads from public.shares where id = $1", link.id)).toBe(3);
    const opened = "select count(*) from public.share_events where share_id = $1 and kind = 'opened'";
    expect(await one(opened, link.id)).toBe("3");
    expect(await one("select count(*) from private.share_grants where share_id = $1", link.id)).toBe("3");
  });

  it("50 tries of one opening, of a link that opens once, all open it and are one", async () => {
    const link = await makeLink(database, ada, await createFile(database, ada), { maxDownloads: 1 });
    const nonce = randomBytes(16).toString("base64url");
    const outcomes = await Promise.all(clients.map((client) => redeemer(client, nonce)(link)));
    expect(outcomes).toEqual(Array(parallel).fill("open"));
    expect(await one("select downloads from public.shares where id = $1", link.id)).toBe(1);
    const opened = "select count(*) from public.share_events where share_id = $1 and kind = 'opened'";
    expect(await one(opened, link.id)).toBe("1");
    expect(await one("select count(*) from private.share_grants where share_id = $1", link.id)).toBe("1");
  });

  it("50 wrong passwords are ten tries", async () => {
    const link = await makeLink(database, ada, await createFile(database, ada));
    const wrong: Link = { ...link, access: link.door };
    const outcomes = await Promise.all(clients.map((client) => redeemer(client)(wrong)));
    expect([count(outcomes, "password"), count(outcomes, "limited")]).toEqual([10, parallel - 10]);
  });

  it("a link that is revoked while it is opened leaves no grant behind", async () => {
    const link = await makeLink(database, ada, await createFile(database, ada));
    const work = clients.map((client, index) =>
      index === 25
        ? queryAs(client, ada, "select public.revoke_share($1)", [link.id]).then(() => "revoked")
        : redeemer(client)(link),
    );
    const outcomes = await Promise.all(work);
    expect(count(outcomes, "open") + count(outcomes, "refused")).toBe(parallel - 1);
    expect(await one("select count(*) from private.share_grants where share_id = $1", link.id)).toBe("0");
    expect(await redeemer(clients[0] as pg.Client)(link)).toBe("refused");
  });

  it("two folders moved into each other make no circle", async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const make = "select public.create_folder($1, null, 'a'), public.create_folder($2, null, 'b')";
    await queryAs(database.admin, ada, make, [first, second]);
    const move = "select public.change_folder($1, jsonb_build_object('parent_id', $2::text))";
    const outcomes = await everyone(move, (index) => (index % 2 ? [first, second] : [second, first]));
    expect([count(outcomes, ""), count(outcomes, "TK703 USAGE_CYCLE")]).toEqual([25, 25]);
    const roots = "select count(*) from public.folders where id in ($1, $2) and parent_id is null";
    expect(await one(roots, first, second)).toBe("1");
  });

  it("ada and ben make a folder of one id at once: one has it, the other is told of the conflict", async () => {
    const id = randomUUID();
    const make = "select public.create_folder($1, null, 'x')";
    const first = clients[0] as pg.Client;
    await beginAs(first, ben);
    await first.query(make, [id]);
    const second = refusalOf(queryAs(clients[1] as pg.Client, ada, make, [id]));
    await blocked();
    await first.query("commit");
    expect(await second).toBe("TK005 CONFLICT_ID");
    expect(await one("select owner_id from public.folders where id = $1", id)).toBe(ben.id);
  });

  it("50 times shared with ben is once", async () => {
    const file = await createFile(database, ada);
    const outcomes = await everyone("select public.share_file($1, $2)", () => [file, ben.id]);
    expect(outcomes).toEqual(Array(parallel).fill(""));
    expect(await one("select count(*) from public.share_users where file_id = $1", file)).toBe("1");
  });

  it("a reservation that is given up while its object enters takes the object along", async () => {
    const id = randomUUID();
    await queryAs(database.admin, ada, "select public.reserve_file($1, 10)", [id]);
    await database.admin.query("begin");
    await store(database, ada, id, 10);
    const cancelled = queryAs(clients[0] as pg.Client, ada, "select public.cancel_upload($1)", [id]);
    await blocked();
    await database.admin.query("commit");
    await cancelled;
    expect(await one("select count(*) from private.removals where file_id = $1", id)).toBe("1");
    const late = "42501 ACCESS_DENIED";
    expect(await refusalOf(store(database, ada, id, 10))).toBe(late);
  });

  it("an upload that two devices give up at once is given up by one: for the other there is none", async () => {
    const [file, version] = [await createFile(database, ada), randomUUID()];
    const whole = randomUUID();
    await queryAs(
      database.admin,
      ada,
      "select public.reserve_version($1, $2, 1), public.reserve_file($3, 1)",
      [file, version, whole],
    );
    const [first, second] = clients as [pg.Client, pg.Client];
    for (const upload of [version, whole]) {
      await beginAs(first, ada);
      await first.query("select public.cancel_upload($1)", [upload]);
      const late = queryAs(second, ada, "select public.cancel_upload($1) as done", [upload]);
      await blocked();
      await first.query("commit");
      expect(await late).toEqual([{ done: false }]);
    }
  });

  it("a link that is revoked while its reader looks again is dead for that look, and nothing is noted after it", async () => {
    const link = await makeLink(database, ada, await createFile(database, ada));
    const open = "select public.share_redeem($1, $2, $3) ->> 'grant' as grant";
    const { rows } = await database.admin.query<{ grant: string }>(open, [link.id, link.door, link.access]);
    const owner = clients[0] as pg.Client;
    await beginAs(owner, ada);
    await owner.query("select public.revoke_share($1)", [link.id]);
    const reader = new pg.Client(database.url("postgres"));
    await reader.connect();
    const look = reader.query<{ outcome: string }>(
      "select private.share_renew($1, $2) ->> 'outcome' as outcome",
      [link.id, rows[0]?.grant],
    );
    await blocked();
    await owner.query("commit");
    expect((await look).rows).toEqual([{ outcome: "refused" }]);
    await reader.end();
    const last = "select kind from public.share_events where share_id = $1 order by created_at desc limit 1";
    expect(await one(last, link.id)).toBe("revoked");
  });

  it("an id that is reserved again while its file goes is refused: the bytes of the first are on their way out", async () => {
    const id = randomUUID();
    await queryAs(database.admin, ada, "select public.reserve_file($1, 10)", [id]);
    const going = clients[0] as pg.Client;
    await beginAs(going, ada);
    await going.query("select public.cancel_upload($1)", [id]);
    const again = refusalOf(
      queryAs(clients[1] as pg.Client, ada, "select public.reserve_file($1, 20)", [id]),
    );
    await blocked();
    await going.query("commit");
    expect(await again).toBe("TK005 CONFLICT_ID");
    expect(await one("select count(*) from public.files where id = $1", id)).toBe("0");
  });

  it("an upload that is being completed is not swept, and nobody waits for the other", async () => {
    const id = randomUUID();
    await queryAs(database.admin, ada, "select public.reserve_file($1, 10)", [id]);
    await store(database, ada, id, 10);
    await database.admin.query("update public.file_versions set expires_at = now() where file_id = $1", [id]);
    const device = clients[0] as pg.Client;
    await beginAs(device, ada);
    await device.query("select public.complete_upload($1)", [id]);
    const operator = new pg.Client(database.url("postgres"));
    await operator.connect();
    await operator.query("select private.sweep_files()");
    await device.query("commit");
    await operator.query("select private.sweep_files()");
    await operator.end();
    expect(await one("select state from public.file_versions where file_id = $1", id)).toBe("ready");
  });

  it("a late upload that is held when the sweep begins, and free before it ends, stays whole until the next", async () => {
    const [late, busy] = [randomUUID(), randomUUID()];
    await queryAs(database.admin, ada, "select public.reserve_file($1, 10), public.reserve_file($2, 10)", [
      late,
      busy,
    ]);
    await database.admin.query(
      "update public.file_versions set expires_at = now() where file_id in ($1, $2)",
      [late, busy],
    );
    const [holder, counter, operator] = await Promise.all(
      Array.from({ length: 3 }, async () => {
        const client = new pg.Client(database.url("postgres"));
        await client.connect();
        return client;
      }),
    );
    if (!holder || !counter || !operator) throw new Error("three connections are wanted");
    // The sweep passes over the one, and waits at what counts before it comes to versions.
    await holder.query("begin");
    await holder.query("select from public.files where id = $1 for no key update", [busy]);
    await counter.query("begin");
    await counter.query("select from private.holdings where owner_id = $1 for update", [ada.id]);
    const swept = operator.query("select private.sweep_files()");
    await blocked();
    await holder.query("commit");
    await counter.query("commit");
    await swept;
    const left = "select array_agg(file_id) from public.file_versions where file_id in ($1, $2)";
    expect([await one(left, late, busy)]).toEqual([[busy]]);
    await operator.query("select private.sweep_files()");
    const files = "select count(*) from public.files where id in ($1, $2)";
    expect(await one(files, late, busy)).toBe("0");
    await Promise.all([holder, counter, operator].map((client) => client.end()));
  });
});

describe("an account that goes", () => {
  const erase = "delete from auth.users where id = $1";

  it("takes its turn with a sweep that has a file of it in hand: neither ends as a deadlock", async () => {
    const { carl } = await createPeople(database.admin, "carl");
    const id = randomUUID();
    await queryAs(database.admin, carl, "select public.reserve_file($1, 10)", [id]);
    const server = new pg.Client(database.url("supabase_auth_admin"));
    await server.connect();
    // As sweep_uploads() does: the file, and then what counts it.
    await database.admin.query("begin");
    await database.admin.query("select from public.files where id = $1 for update", [id]);
    const erased = server.query(erase, [carl.id]);
    await blocked();
    await database.admin.query("select private.lock_holdings(array[$1]::uuid[])", [carl.id]);
    await database.admin.query("commit");
    await erased;
    await server.end();
    expect(await one("select count(*) from public.files where id = $1", id)).toBe("0");
    expect(await one("select count(*) from private.removals where file_id = $1", id)).toBe("1");
  });

  it("is nobody to share with, for whoever asks while it goes", async () => {
    const { dora } = await createPeople(database.admin, "dora");
    const file = await createFile(database, ada);
    const server = new pg.Client(database.url("supabase_auth_admin"));
    await server.connect();
    await server.query("begin");
    await server.query(erase, [dora.id]);
    const share = "select public.share_file($1, $2)";
    const shared = refusalOf(queryAs(clients[0] as pg.Client, ada, share, [file, dora.id]));
    await blocked();
    await server.query("commit");
    await server.end();
    expect(await shared).toBe("TK702 USAGE_REFERENCE");
  });
});

describe("storage.objects", () => {
  it("each of its policies, spoiled, breaks a line of 13_files", async () => {
    const file = path.join(root, "supabase", "tests", "13_files.test.sql");
    await database.admin.query("create extension if not exists pgtap with schema extensions");
    const mutants = await mutantsOf({ db: database.admin }, "storage");
    expect(mutants.length).toBeGreaterThan(8);
    const survivors: string[] = [];
    for (const { name, sql } of mutants) {
      const results = await runTapFile(database.url("postgres"), file, sql);
      if (results.every(({ ok }) => ok)) survivors.push(name);
    }
    expect(survivors).toEqual([]);
  });
});
