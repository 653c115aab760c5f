/** Files under whatever many devices do at once: what is counted is what there is. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Dice, dice, seed } from "../support/random.ts";
import { type Database, openDatabase } from "./support/database.ts";
import { type Around, actOf } from "./support/file-acts.ts";
import { fileFacts } from "./support/file-facts.ts";
import { age, removeSome, storeOne, sweep } from "./support/file-surroundings.ts";
import { createPeople, type Person, refusalOf } from "./support/people.ts";

const devices = 8;
const acts = 50;

let database: Database;
let clients: pg.Client[];
let operators: pg.Client[];
let ada: Person;
let ben: Person;
let around: Around;

const connect = async (role: "authenticator" | "supabase_admin") => {
  const client = new pg.Client(database.url(role));
  await client.connect();
  await client.query("set lock_timeout = '60s'; set statement_timeout = '60s'");
  return client;
};

beforeAll(async () => {
  database = await openDatabase();
  const people = await createPeople(database.admin, "ada", "ben", "eve");
  ({ ada, ben } = people);
  around = { people: [ben, people.eve], rooms: [randomUUID(), randomUUID()] };
  clients = await Promise.all(Array.from({ length: devices }, () => connect("authenticator")));
  operators = await Promise.all(Array.from({ length: 3 }, () => connect("supabase_admin")));
  await database.admin.query(
    `insert into public.limits (user_id, kind, max)
     select u, kind::public.limit_kind, max from unnest($1::uuid[]) as u,
       (values ('bytes', 300), ('files', 12), ('folders', 6)) as l (kind, max)`,
    [[ada.id, ben.id]],
  );
  await database.admin.query(
    `update private.settings set value = value || '{"versions": 3}' where name = 'files'`,
  );
  await database.admin.query(
    `with made as (
       insert into public.rooms (id, kind, protocol, minimum_suite, history, transcript)
       select r, 'group', 1, 1, 'none', sha256('') from unnest($1::uuid[]) as r returning id
     )
     select from made`,
    [around.rooms],
  );
  await database.admin.query(
    `insert into public.room_members (room_id, user_id, root, role, since)
     select r, u, sha256(''), 1, 1 from unnest($1::uuid[]) as r, unnest($2::uuid[]) as u`,
    [around.rooms, [ada.id, ben.id]],
  );
});
afterAll(async () => {
  await Promise.all([...clients, ...operators].map((client) => client.end()));
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

/** What somebody is answered whose account is gone, or is going. */
const gone = /^(TK003 AUTH_REQUIRED|23503 \w+_(owner|user)_id_fkey)$/;

/** Storage, time, schedules and the worker beside them, each over and over until `running` says no. */
async function surroundings(running: () => boolean): Promise<void> {
  const works = [
    (client: pg.Client, roll: Dice) => age(client, roll),
    async (client: pg.Client, roll: Dice) => expect(await sweep(client, roll.pick([1, 3, 5000]))).toBe(0),
    (client: pg.Client, roll: Dice) => removeSome(client, roll.between(1, 3)),
  ];
  await Promise.all(
    operators.map(async (client, index) => {
      const roll = dice(seed + 1000 + index);
      while (running()) await (roll() < 0.2 ? roll.pick(works)(client, roll) : storeOne(client));
    }),
  );
}

/** Ends an account; what got in its way, as a client is told that calls again, may do so once. */
async function erase({ id }: Person): Promise<void> {
  const end = () => database.admin.query("delete from auth.users where id = $1", [id]);
  await end().catch((error: unknown) => {
    if (!(error instanceof pg.DatabaseError && error.code === "40P01")) throw error;
    return end();
  });
}

async function expectFacts(): Promise<void> {
  for (const [fact, sql] of Object.entries(fileFacts)) {
    const { rows } = await database.admin.query<Record<string, string>>(sql);
    expect([fact, Number(Object.values(rows[0] ?? {})[0])]).toEqual([fact, 0]);
  }
}

/** Tables with rows of somebody's. */
const leftOver = ["files", "folders", "file_versions", "shares", "share_users", "share_events"]
  .map((table) => `select '${table}' as name from public.${table} where owner_id = $1`)
  .join(" union ");

it(`${devices} devices with ${acts} acts each leave every count exact (seed ${seed})`, async () => {
  let running = true;
  const beside = surroundings(() => running);
  const acting = Promise.all(
    clients.map(async (client, device) => {
      const roll = dice(seed + device);
      const outcomes: string[] = [];
      const who = device < devices - 2 ? ada : ben;
      for (let n = 0; n < acts; n++) {
        if (device === devices - 1 && n === acts / 2) outcomes.push(await refusalOf(erase(ben)));
        outcomes.push(await refusalOf(actOf(roll, around)(client, who)));
      }
      return outcomes;
    }),
  ).finally(() => {
    running = false;
  });
  const [done] = await Promise.all([acting, beside]);
  const unexpected = (from: string[][]) => from.flat().filter((outcome) => !expected.has(outcome));
  expect(unexpected(done.slice(0, -2))).toEqual([]);
  expect(unexpected(done.slice(-2)).filter((outcome) => !gone.test(outcome))).toEqual([]);
  expect(done.flat().filter((outcome) => outcome === "").length).toBeGreaterThan(acts);
  await expectFacts();
  const { rows } = await database.admin.query(leftOver, [ben.id]);
  expect(rows).toEqual([]);
});
