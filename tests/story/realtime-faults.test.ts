import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startStack } from "../../stack/src/index.ts";
import { freePort } from "../support/free-port.ts";
import { Live, superuserUrl } from "./realtime-kit.ts";
import { Inbox, joined, within } from "./realtime-wait.ts";
import { makeFolder, makeProject } from "./stack-kit.ts";

const opened: Live[] = [];
const start = async (...args: Parameters<typeof Live.start>) => {
  const live = await Live.start(...args);
  opened.push(live);
  return live;
};
afterEach(async () => {
  for (const live of opened.splice(0)) await live.stop();
});

interface Said {
  payload: { n: number };
}

async function listener(live: Live, topic: string): Promise<Inbox<number>> {
  const heard = new Inbox<number>();
  const channel = (await live.client()).channel(topic);
  await joined(
    channel.on("broadcast", { event: "n" }, (message) => heard.put((message as unknown as Said).payload.n)),
  );
  return heard;
}

/** Says a number from the database, again until the database is there to say it. */
async function say(live: Live, topic: string, n: number): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; ) {
    const client = new pg.Client({ connectionString: live.stack.env.DB_URL });
    client.on("error", () => {});
    try {
      await client.connect();
      await client.query("select realtime.send(jsonb_build_object('n', $1::int), 'n', $2, false)", [
        n,
        topic,
      ]);
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      await client.end().catch(() => {});
    }
  }
}

describe("an open channel", () => {
  let live: Live;
  beforeAll(async () => {
    live = await Live.start();
  });
  afterAll(() => live?.stop());

  it("goes on hearing when the slot was lost, and when its connection was", async () => {
    const heard = await listener(live, "slot");
    await say(live, "slot", 1);
    expect(await heard.take()).toBe(1);
    const kill =
      "select pg_terminate_backend(active_pid, 5000) from pg_replication_slots where active_pid is not null";
    await live.db.query(kill);
    await say(live, "slot", 2);
    expect(await heard.take()).toBe(2);
    await live.db.query(
      `do $$ begin
         loop
           perform pg_terminate_backend(active_pid, 5000) from pg_replication_slots where active_pid is not null;
           begin
             perform pg_drop_replication_slot('trackit_realtime');
             exit;
           exception when object_in_use then null;
           end;
         end loop;
       end $$`,
    );
    const back = "select 1 from pg_replication_slots where slot_name = 'trackit_realtime' and active";
    for (const deadline = Date.now() + 60_000; (await live.db.query(back)).rowCount === 0; ) {
      if (Date.now() > deadline) throw new Error("the slot did not come back");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await say(live, "slot", 3);
    expect(await heard.take()).toBe(3);
  });

  it("hears changes of a publication that was made anew", async () => {
    await live.db.query("drop publication supabase_realtime");
    await live.db.query("insert into public.board (body) values ('while there is none')");
    await live.db.query("create publication supabase_realtime for table public.board");
    const told = new Inbox<{ new: { body: string } }>();
    const system = new Inbox<{ message: string }>();
    const channel = (await live.client()).channel("anew");
    channel.on("postgres_changes", { event: "INSERT", schema: "public", table: "board" }, told.put as never);
    await joined(channel.on("system", {}, system.put));
    expect(await system.take()).toMatchObject({ message: "Subscribed to PostgreSQL" });
    // The feed finds its place again; what is written until then is lost.
    while (told.all.length === 0) await live.db.query("insert into public.board (body) values ('after')");
    expect((await told.take()).new.body).toBe("after");
  });

  // The last: it costs the connections that others have.
  it("hears everything, once and in order, through three kills of Postgres", async () => {
    const heard = await listener(live, "kills");
    for (let n = 0; n < 30; n++) {
      if (n % 10 === 5) process.kill(live.stack.postgresPid(), "SIGKILL");
      await say(live, "kills", n);
    }
    while (new Set(heard.all).size < 30) await heard.take();
    // A commit whose answer was lost with the server is said again by its sender, never by the feed.
    const first = [...new Set(heard.all)];
    expect(first).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });
});

describe("a stack that starts again", () => {
  it("is joined anew by its clients, who hear on", async () => {
    const data = makeFolder();
    const port = await freePort();
    const live = await start({}, { data, port });
    const heard = await listener(live, "again");
    await say(live, "again", 1);
    expect(await heard.take()).toBe(1);
    await live.restart();
    // The client comes back by itself; until it has, what is said is lost, as on the real server.
    for (let n = 2; heard.all.length < 2; n++) await say(live, "again", n);
    expect(heard.all[1]).toBeGreaterThan(1);
  });

  it("serves everything else where Realtime is off", async () => {
    const live = await start({ realtime: { enabled: false } });
    const answer = await fetch(`${live.stack.env.API_URL}/realtime/v1/api/ping`);
    expect(answer.status).toBe(404);
    const slots = await live.db.query("select 1 from pg_replication_slots");
    expect(slots.rowCount).toBe(0);
    const health = await fetch(`${live.stack.env.API_URL}/auth/v1/health`);
    expect(health.status).toBe(200);
  });

  it("gives its slot back, and makes what an older database lacks", async () => {
    const data = makeFolder();
    const project = makeProject({
      "supabase/config.toml": 'project_id = "old"\n[edge_runtime]\nenabled = false\n',
    });
    const older = await startStack({
      project,
      data,
      port: 0,
      web: false,
      config: { realtime: { enabled: false } },
    });
    const admin = new pg.Client({ connectionString: superuserUrl(older.env.DB_URL, data) });
    await admin.connect();
    await admin.query(
      `drop table realtime.messages cascade; drop publication supabase_realtime_messages_publication;
       drop publication supabase_realtime_sessions_publication; drop function realtime.topic(), realtime.keep_partitions(),
       realtime.is_live(text, text), realtime.send(jsonb, text, text, boolean), realtime.send_binary(bytea, text, text, boolean),
       realtime.broadcast_changes(text, text, text, text, text, record, record, text)`,
    );
    await admin.end();
    await older.stop();
    const newer = await startStack({ project, data, port: 0, web: false });
    try {
      const answer = await within(
        fetch(`${newer.env.API_URL}/realtime/v1/api/ping?apikey=${newer.env.PUBLISHABLE_KEY}`),
        "an answer",
      );
      expect(await answer.json()).toEqual({ message: "Success" });
    } finally {
      await newer.stop();
    }
    const last = await startStack({
      project,
      data,
      port: 0,
      web: false,
      config: { realtime: { enabled: false } },
    });
    const db = new pg.Client({ connectionString: last.env.DB_URL });
    try {
      await db.connect();
      expect((await db.query("select 1 from pg_replication_slots")).rowCount).toBe(0);
    } finally {
      await db.end();
      await last.stop();
    }
  });
});
