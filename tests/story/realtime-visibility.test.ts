import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { Live, type Person } from "./realtime-kit.ts";
import { Inbox, joined } from "./realtime-wait.ts";

let live: Live;
let ada: Person;
let writer: pg.Client;
let prober: pg.Client;
beforeAll(async () => {
  live = await Live.start();
  ada = await live.person("ada");
  // A commit that waits for a standby is in the WAL, and nobody sees it yet: as on a machine that is busy, for longer.
  await live.asSuperuser("alter system set synchronous_commit = local");
  [writer, prober] = await Promise.all([patient(), patient()]);
});
afterEach(() => live.hangUp());
afterAll(async () => {
  await Promise.all([writer?.end(), prober?.end()]);
  await live?.stop();
});

/** Whose commits wait for a standby where there is to be one. */
async function patient(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: live.stack.env.DB_URL });
  await client.connect();
  await client.query("set synchronous_commit = on");
  return client;
}

async function standby(names: string): Promise<void> {
  await live.asSuperuser(`alter system set synchronous_standby_names = '${names}'`);
  await live.asSuperuser("select pg_reload_conf()");
}

const waits = async (client: pg.Client): Promise<boolean> => {
  const text = "select from pg_stat_activity where pid = $1 and wait_event = 'SyncRep'";
  return (await live.db.query(text, [Reflect.get(client, "processID")])).rows.length === 1;
};

/** The commit that has been tried last. */
let tried: Promise<unknown> = Promise.resolve();

/** From now on commits wait. Postgres does not say when it has read its settings, so it is tried. */
async function holdCommits(): Promise<void> {
  await standby("nobody");
  for (;;) {
    let isOver = false;
    tried = prober.query("select pg_logical_emit_message(true, '', '')").finally(() => {
      isOver = true;
    });
    while (!isOver) if (await waits(prober)) return;
    await tried;
  }
}

/** How often Realtime has asked since then whether it can be seen. */
const asks = async (since: Date) => {
  const { rows } = await live.db.query(
    `select from pg_stat_activity
     where application_name = 'realtime' and query ~ 'pg_visible_in_snapshot' and query_start > $1`,
    [since],
  );
  return rows.length;
};

const now = async (): Promise<Date> => (await live.db.query("select clock_timestamp() as now")).rows[0].now;

describe("a change that went by before ada was there, and cannot be seen yet", () => {
  it.each([
    [
      "a broadcast",
      (room: string) => `select realtime.send('{}', 'late', '${room}')`,
      "realtime.messages where topic",
    ],
    ["a row", (room: string) => `insert into board (body) values ('${room}')`, "board where body"],
  ])("%s: once she is told that she listens, she finds it", async (_, write, found) => {
    const [room, other] = [crypto.randomUUID(), crypto.randomUUID()];
    for (const topic of [room, other]) await live.admit(topic, ada);
    const passed = new Inbox<unknown>();
    const bystander = (await live.client({ as: ada })).channel(other, { config: { private: true } });
    await joined(bystander.on("broadcast", { event: "*" }, passed.put));
    await holdCommits();
    const written = writer.query(write(room));
    try {
      await expect.poll(() => waits(writer)).toBe(true);
      await live.db.query("select realtime.send('{}', 'later', $1)", [other]);
      await passed.take("what was committed after it");
      const began = await now();
      const told = new Inbox<string>();
      const channel = (await live.client({ as: ada })).channel(room, { config: { private: true } });
      channel.on("postgres_changes", { event: "*", schema: "public", table: "board" }, () => {});
      channel.on("system", {}, ({ status }: { status: string }) => told.put(status));
      channel.subscribe((status) => told.put(status));
      // She is not told before Realtime has asked.
      await expect.poll(async () => (await asks(began)) + told.all.length).toBeGreaterThan(0);
      expect(told.all).toEqual([]);
      await standby("");
      expect([await told.take(), await told.take()]).toEqual(["SUBSCRIBED", "ok"]);
      expect((await live.db.query(`select from ${found} = $1`, [room])).rows).toHaveLength(1);
    } finally {
      await standby("");
      await Promise.all([written, tried]);
    }
  });

  it("a row in a transaction of which somebody else waits to be told", async () => {
    const [body, other] = [crypto.randomUUID(), crypto.randomUUID()];
    await live.admit(other, ada);
    const said = new Inbox<unknown>();
    const config = { private: true, broadcast: { ack: true, self: true } };
    const bystander = (await live.client({ as: ada })).channel(other, { config });
    await joined(bystander.on("broadcast", { event: "*" }, said.put));
    const client = await live.client({ as: ada });
    await holdCommits();
    const began = await now();
    const written = writer.query(
      `insert into board (body) values ('${body}'); select realtime.send('{}', 'late', '${other}')`,
    );
    try {
      await expect.poll(() => asks(began)).toBeGreaterThan(0);
      const told = new Inbox<string>();
      const channel = client.channel("board");
      channel.on("postgres_changes", { event: "*", schema: "public", table: "board" }, () => {});
      channel.on("system", {}, ({ status }: { status: string }) => told.put(status));
      channel.subscribe((status) => told.put(status));
      // Far more than a join asks for, one after the other.
      for (let turns = 0; turns < 15; turns++) {
        expect(await bystander.send({ type: "broadcast", event: "turn", payload: {} })).toBe("ok");
        await live.db.query("select from board where body = $1", [body]);
      }
      expect([said.all.length, told.all]).toEqual([15, []]);
      await standby("");
      expect([await told.take(), await told.take()]).toEqual(["SUBSCRIBED", "ok"]);
      expect((await live.db.query("select from board where body = $1", [body])).rows).toHaveLength(1);
      await expect.poll(() => said.all).toHaveLength(16);
    } finally {
      await standby("");
      await Promise.all([written, tried]);
    }
  });
});
