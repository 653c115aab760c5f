import type { SupabaseClient } from "@supabase/supabase-js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { Live } from "./realtime-kit.ts";
import { hearRoom, room, Stacks, say } from "./realtime-process.ts";
import { Inbox, joined } from "./realtime-wait.ts";
import { waitFor } from "./stack-kit.ts";

const stacks = new Stacks();

interface Row {
  body: string;
  n: number;
}

/** Listens to inserts into the board. */
async function boardOf(client: SupabaseClient): Promise<Inbox<Row>> {
  const told = new Inbox<Row>();
  const system = new Inbox<{ message: string }>();
  const channel = client.channel("board");
  const filter = { event: "INSERT", schema: "public", table: "board" } as never;
  channel.on("postgres_changes", filter, ({ new: row }: { new: Row }) => told.put(row));
  await joined(channel.on("system", {}, system.put));
  expect(await system.take()).toMatchObject({ message: "Subscribed to PostgreSQL" });
  return told;
}

describe("an open channel", () => {
  let live: Live;
  beforeAll(async () => {
    live = await Live.start();
  });
  afterAll(() => live?.stop());

  it("is not left waiting by a Postgres that slept through a commit: it is spoken to all the time", async () => {
    const heardAt = async (): Promise<number> => {
      const { rows } = await live.db.query("select reply_time from pg_stat_replication");
      return Number(rows[0]?.reply_time ?? 0);
    };
    for (let times = 0; times < 3; times++) {
      const before = await heardAt();
      await waitFor(async () => (await heardAt()) > before);
    }
  });

  it("hears a transaction whose connections are killed in its middle once, whole and in order", async () => {
    const told = await boardOf(await live.client());
    const rows = 6_000;
    await live.db.query("insert into public.board (body, n) select 'cut', n from generate_series(1, $1) n", [
      rows,
    ]);
    // Every connection of Realtime, again and again while it tells the rows.
    for (let kills = 0; kills < 4; kills++) {
      const before = told.all.length;
      await waitFor(() => told.all.length > before || told.all.length === rows);
      await live.asSuperuser(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'realtime%'",
      );
    }
    await told.takeMany(rows);
    await live.db.query("insert into public.board (body, n) values ('last', 0)");
    expect(await told.take()).toMatchObject({ body: "last" });
    expect(told.all.map(({ n }) => n)).toEqual([...Array.from({ length: rows }, (_, at) => at + 1), 0]);
  });

  it("hears a publication that is dropped and made anew, without asking again", async () => {
    const told = await boardOf(await live.client());
    const write = (body: string) => live.db.query("insert into public.board (body) values ($1)", [body]);
    await write("before");
    expect((await told.take()).body).toBe("before");
    await live.db.query("drop publication supabase_realtime");
    await write("while there is none");
    await live.db.query("create publication supabase_realtime for table public.board");
    // The feed looks for it every two seconds; what is written until then is lost.
    await waitFor(async () => {
      await write("after");
      return told.all.length > 1;
    });
    expect((await told.take()).body).toBe("after");
  });
});

describe("a stack in a process of its own", () => {
  afterEach(() => stacks.end());

  it("that was killed tells what it owed to each who joins, and to nobody twice", async () => {
    const first = await stacks.start();
    const before = await stacks.database(first);
    // Nobody is owed what was said before it listened to Postgres.
    const listening = "select from pg_stat_replication where state = 'streaming'";
    await waitFor(async () => (await before.query(listening)).rows.length === 1);
    first.child.kill("SIGSTOP");
    for (const n of [1, 2]) await say(before, n);
    first.child.kill("SIGKILL");
    await first.ended;
    const second = await stacks.start(first);
    const [client, other] = [stacks.clientOf(second), stacks.clientOf(second)];
    const channel = room(client);
    const heard = await hearRoom(channel);
    expect(await heard.takeMany(2)).toEqual([1, 2]);
    expect(await (await hearRoom(room(other))).takeMany(2)).toEqual([1, 2]);
    // As after a connection that was lost: the same person joins again.
    await client.removeChannel(channel);
    const again = await hearRoom(room(client));
    await say(await stacks.database(second), 3);
    expect(await again.take()).toBe(3);
    expect(again.all).toEqual([3]);
  });

  it("whose Realtime cannot start serves everything else and says so; an older database gains what it lacks", async () => {
    const first = await stacks.start();
    const db = await stacks.database(first);
    await db.query("alter table realtime.messages drop column skip_broadcast, drop column expires_at");
    await db.query("drop function realtime.keep_partitions()");
    await first.end();
    const second = await stacks.start(first);
    const health = await fetch(`${second.env.API_URL}/auth/v1/health`);
    const rows = await fetch(`${second.env.API_URL}/rest/v1/board?apikey=${second.env.PUBLISHABLE_KEY}`);
    expect([health.status, rows.status]).toEqual([200, 200]);
    const { error } = await new Promise<{ error: Error }>((resolve) => {
      const ws = new WebSocket(`${second.env.API_URL.replace("http", "ws")}/realtime/v1/websocket`);
      ws.once("error", (reason) => resolve({ error: reason }));
    });
    expect(error.message).toMatch(/40[04]/);
    const newer = await stacks.database(second);
    expect((await newer.query("select skip_broadcast, expires_at from realtime.messages")).rows).toEqual([]);
    const { stderr } = await second.end();
    expect(stderr).toContain("Realtime is not served: function realtime.keep_partitions() does not exist");
  });
});
