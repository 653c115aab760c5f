import type pg from "pg";
import { queryAs } from "../../tests/sql/support/people.ts";
import { type Figure, median, round } from "../lib/result.ts";
import { call, connect, makeRoom, type Person, type World } from "./world.ts";

const SMALL = 10_000;
const LARGE = Number(process.env.BENCH_MESSAGES ?? 1_000_000);
const OTHERS = 100_000;
const ROUNDS = 300;

interface Filled {
  id: string;
  messages: number;
  /** Milliseconds. */
  http: number[];
  sql: number[];
}

/** A page of 50 in a room of 10,000 and in one of a million, at random places, with 1,000 other rooms around. */
export async function pages(world: World): Promise<{ figures: Figure[]; plans: Record<string, string[]> }> {
  const { stack, db } = world;
  const [reader] = world.people as [Person];
  await withoutLog(db);
  const small = await fill(world, reader, SMALL);
  const client = await connect(stack.authenticatorUrl);
  const alone = await take(world, client, reader, [small]);
  const large = await fill(world, reader, LARGE);
  await fillOthers(db, reader);
  const [few, many] = await take(world, client, reader, [small, large]);
  const plans = {
    [`messages_page, ${SMALL} messages`]: await planOf(client, reader, small),
    [`messages_page, ${LARGE} messages`]: await planOf(client, reader, large),
  };
  await client.end();
  const figures = [
    ...figuresOf(`page of 50, room of ${SMALL.toLocaleString("en")}, alone`, alone[0]),
    ...figuresOf(`page of 50, room of ${SMALL.toLocaleString("en")}, among others`, few),
    ...figuresOf(`page of 50, room of ${LARGE.toLocaleString("en")}`, many),
    ...(["sql", "http"] as const).map((way) => ({
      name: `page of 50: ${LARGE.toLocaleString("en")} / ${SMALL.toLocaleString("en")}, ${way === "sql" ? "SQL" : "HTTP"}`,
      value: round(of(many?.[way]) / of(few?.[way]), 2),
      unit: "ratio",
      goal: "<= 1.2",
    })),
  ];
  return { figures, plans };
}

const of = (times: number[] = []) => median(times.slice(ROUNDS / 10));

const figuresOf = (name: string, times: Pick<Filled, "http" | "sql"> | undefined): Figure[] => [
  { name: `${name}: SQL`, value: round(of(times?.sql), 2), unit: "ms" },
  { name: `${name}: HTTP`, value: round(of(times?.http), 2), unit: "ms" },
];

/** A million rows would be a gigabyte of WAL, for which nothing is read differently. Partitions must be empty for it. */
async function withoutLog(db: pg.Client): Promise<void> {
  await db.query("truncate public.messages");
  for (let part = 0; part < 16; part++) await db.query(`alter table private.messages_${part} set unlogged`);
}

const columns = `1, 1, $1::uuid, md5('device')::uuid, n, sha256('x'), sha256('x'),
  decode(repeat('00', 219), 'hex'), decode(repeat('00', 328), 'hex'), decode(repeat('00', 64), 'hex')`;
/** In the order of time, as those of devices are. */
const idOf = "lpad(to_hex(n), 32, '0')::uuid";

/** A room with so many messages, past everything that admits them. */
async function fill({ stack, db, people }: World, reader: Person, messages: number): Promise<Filled> {
  const id = await makeRoom(stack, db, people.slice(0, 2));
  await db.query("set session_replication_role = replica");
  await db.query(
    `insert into public.messages
     select $2::uuid, ${idOf}, n + 2, ${columns} from generate_series(1, $3::integer) n`,
    [reader.id, id, messages],
  );
  await db.query("update public.rooms set last_seq = $2 where id = $1", [id, messages + 2]);
  await db.query("set session_replication_role = origin");
  await db.query("vacuum analyze public.messages");
  return { id, messages, http: [], sql: [] };
}

async function fillOthers(db: pg.Client, reader: Person): Promise<void> {
  await db.query("set session_replication_role = replica");
  await db.query(
    `insert into public.messages
     select md5('other' || n % 1000)::uuid, ${idOf}, n, ${columns} from generate_series(1, $2::integer) n`,
    [reader.id, OTHERS],
  );
  await db.query("set session_replication_role = origin");
  await db.query("vacuum analyze public.messages");
}

/** Rooms take turns; each time a page at a place of its own. */
async function take(
  { stack }: World,
  client: pg.Client,
  reader: Person,
  rooms: readonly Filled[],
): Promise<Filled[]> {
  const taken = rooms.map((room) => ({ ...room, http: [] as number[], sql: [] as number[] }));
  for (let turn = 0; turn < ROUNDS; turn++) {
    for (const { id, messages, http, sql } of taken) {
      const before = 60 + Math.floor(Math.random() * (messages - 60));
      const start = performance.now();
      await queryAs(client, reader, "select public.messages_page($1, $2, 50)", [id, before]);
      const middle = performance.now();
      await call(stack, reader, "messages_page", { room: id, before, limit: 50 });
      sql.push(middle - start);
      http.push(performance.now() - middle);
    }
  }
  return taken;
}

/** What Postgres does inside of the function, as its reader and with its policies. */
async function planOf(client: pg.Client, reader: Person, { id, messages }: Filled): Promise<string[]> {
  const rows = await queryAs<{ "QUERY PLAN": string }>(
    client,
    reader,
    `explain (analyze, buffers, costs off) select m, m.seq from public.messages m
     where m.room_id = $1 and m.seq < $2 order by m.seq desc limit 50`,
    [id, Math.floor(messages / 2)],
  );
  return rows.map((row) => row["QUERY PLAN"]);
}
