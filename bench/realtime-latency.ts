import { createClient, type RealtimeChannel, type SupabaseClient } from "@supabase/supabase-js";
import pg from "pg";
import WebSocket from "ws";
import type { Stack } from "../stack/src/index.ts";
import { type Figure, median, round } from "./lib/result.ts";

const rounds = 500;

/**
 * From a write in the database to the callback of supabase-js, as a broadcast and as a changed row, beside the same
 * way by LISTEN and NOTIFY, which carry no policy. The three take turns.
 */
export async function latency({ env }: Stack): Promise<Figure[]> {
  const db = new pg.Client({ connectionString: env.DB_URL });
  const listener = new pg.Client({ connectionString: env.DB_URL });
  await Promise.all([db.connect(), listener.connect()]);
  await db.query(
    `create table public.bench_rows (id bigint generated always as identity primary key, n integer);
     grant select on public.bench_rows to anon; alter publication supabase_realtime add table public.bench_rows`,
  );
  const client = createClient(env.API_URL, env.PUBLISHABLE_KEY, {
    realtime: { transport: WebSocket as never },
  });
  let heard = () => {};
  await listen(client, () => heard());
  await listener.query("listen bench");
  listener.on("notification", () => heard());
  const time = async (sql: string) => {
    const start = performance.now();
    const arrived = new Promise<void>((resolve) => {
      heard = resolve;
    });
    await Promise.all([db.query(sql), arrived]);
    return performance.now() - start;
  };
  const [sent, rows, bare]: [number[], number[], number[]] = [[], [], []];
  for (let turn = 0; turn < rounds; turn++) {
    sent.push(await time("select realtime.send('{\"n\":1}', 'bench', 'bench', false)"));
    rows.push(await time("insert into public.bench_rows (n) values (1)"));
    bare.push(await time("select pg_notify('bench', '{\"n\":1}')"));
  }
  await client.removeAllChannels();
  client.realtime.disconnect();
  await Promise.all([db.end(), listener.end()]);
  return [
    ...percentiles("insert to callback", sent),
    ...percentiles("postgres_changes, insert to callback", rows),
    ...percentiles("bare LISTEN/NOTIFY", bare),
    { name: "callback / LISTEN, p50", value: ratio(sent, bare), unit: "ratio", goal: "<= 3" },
    { name: "postgres_changes / LISTEN, p50", value: ratio(rows, bare), unit: "ratio" },
  ];
}

/** Two channels: one for broadcasts, one for rows. */
async function listen(client: SupabaseClient, heard: () => void): Promise<void> {
  await subscribed(client.channel("bench").on("broadcast", { event: "bench" }, heard));
  const channel = client.channel("bench-rows");
  const filter = { event: "INSERT", schema: "public", table: "bench_rows" } as const;
  const told = new Promise<void>((resolve) => channel.on("system", {}, () => resolve()));
  await subscribed(channel.on("postgres_changes", filter, heard));
  await told;
}

const subscribed = (channel: RealtimeChannel) =>
  new Promise<void>((resolve) => channel.subscribe(() => resolve()));

const percentiles = (name: string, values: number[]): Figure[] => {
  const p99 = [...values].sort((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? 0;
  return [
    { name: `${name}, p50`, value: round(median(values), 2), unit: "ms" },
    { name: `${name}, p99`, value: round(p99, 2), unit: "ms" },
  ];
};

const ratio = (values: number[], bare: number[]) => round(median(values) / median(bare), 2);
