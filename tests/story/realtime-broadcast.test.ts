import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Live, type Person, releases } from "./realtime-kit.ts";
import { Inbox, joined } from "./realtime-wait.ts";

let live: Live;
let ada: Person;
let ben: Person;
beforeAll(async () => {
  live = await Live.start();
  [ada, ben] = await Promise.all([live.person("ada"), live.person("ben")]);
});
afterAll(() => live?.stop());

interface Said {
  event: string;
  payload: unknown;
  meta?: { id: string; replayed?: boolean };
}

const send = (topic: string, payload: unknown, event = "hi", isPrivate = true) =>
  live.db.query("select realtime.send($1, $2, $3, $4)", [JSON.stringify(payload), event, topic, isPrivate]);

describe.each(releases)("supabase-js %s", (release) => {
  describe.each(["1.0.0", "2.0.0"] as const)("serializer %s", (vsn) => {
    describe.each([false, true])("private: %s", (isPrivate) => {
      // The older release cuts other characters than ASCII in its binary frames; no server can undo that.
      const suffix = release === "2.109.0" && vsn === "2.0.0" ? "cafe" : "— café ☕";
      const room = `${release} ${vsn} ${isPrivate} ${suffix}`;
      const open = async (as: Person, config = {}) => {
        const client = await live.client({ release, vsn, as });
        return client.channel(room, { config: { private: isPrivate, ...config } });
      };
      beforeAll(() => Promise.all([live.admit(room, ada), live.admit(room, ben)]));

      it("ben hears what ada broadcasts, and ada does not", async () => {
        const [heard, echo] = [new Inbox<Said>(), new Inbox<Said>()];
        const bens = await open(ben);
        await joined(bens.on("broadcast", { event: "shout" }, (message) => heard.put(message as never)));
        const adas = await open(ada);
        await joined(adas.on("broadcast", { event: "shout" }, (message) => echo.put(message as never)));
        await adas.send({ type: "broadcast", event: "shout", payload: { text: "olá" } });
        expect(await heard.take()).toMatchObject({ event: "shout", payload: { text: "olá" } });
        expect(echo.all).toEqual([]);
      });

      it("ada hears herself where she wants to, and is told that it was taken", async () => {
        const echo = new Inbox<Said>();
        const adas = await open(ada, { broadcast: { self: true, ack: true } });
        await joined(adas.on("broadcast", { event: "*" }, (message) => echo.put(message as never)));
        expect(await adas.send({ type: "broadcast", event: "me", payload: { n: 1 } })).toBe("ok");
        expect(await echo.take()).toMatchObject({ event: "me", payload: { n: 1 } });
      });

      it("a broadcast over HTTP is heard, alone and in a batch", async () => {
        const heard = new Inbox<Said>();
        const bens = await open(ben);
        await joined(bens.on("broadcast", { event: "*" }, (message) => heard.put(message as never)));
        const adas = await open(ada);
        expect(await adas.httpSend("one", { n: 1 })).toEqual({ success: true });
        expect(await heard.take()).toMatchObject({ event: "one", payload: { n: 1 } });
        // Before it has joined, a channel sends by the batch.
        expect(await adas.send({ type: "broadcast", event: "two", payload: { n: 2 } })).toBe("ok");
        expect(await heard.take()).toMatchObject({ event: "two", payload: { n: 2 } });
      });

      it("a message from the database is heard with its id", async () => {
        const heard = new Inbox<Said>();
        const bens = await open(ben);
        await joined(bens.on("broadcast", { event: "saved" }, (message) => heard.put(message as never)));
        await send(room, { n: 1 }, "saved", isPrivate);
        const said = await heard.take();
        expect(said.payload).toEqual({ n: 1, id: said.meta?.id });
      });
    });
  });
});

describe("bytes", () => {
  it("arrive as they were sent, and not where the older serializer cannot say them", async () => {
    const [heard, old] = [new Inbox<Said>(), new Inbox<Said>()];
    const bens = (await live.client({ as: ben })).channel("bytes");
    await joined(bens.on("broadcast", { event: "*" }, (message) => heard.put(message as never)));
    const older = (await live.client({ vsn: "1.0.0" })).channel("bytes");
    await joined(older.on("broadcast", { event: "*" }, (message) => old.put(message as never)));
    const adas = await joined((await live.client({ as: ada })).channel("bytes"));
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at).buffer;
    await adas.send({ type: "broadcast", event: "raw", payload: bytes });
    expect(new Uint8Array((await heard.take()).payload as ArrayBuffer)).toEqual(new Uint8Array(bytes));
    await adas.httpSend("http", new Uint8Array([1, 2, 3]));
    expect(new Uint8Array((await heard.take()).payload as ArrayBuffer)).toEqual(new Uint8Array([1, 2, 3]));
    await live.db.query("select realtime.send_binary('\\x0009ff', 'sql', 'bytes', false)");
    expect(new Uint8Array((await heard.take()).payload as ArrayBuffer)).toEqual(new Uint8Array([0, 9, 255]));
    await adas.send({ type: "broadcast", event: "text", payload: { n: 1 } });
    expect(await old.take()).toMatchObject({ event: "text" });
    expect(old.all).toHaveLength(1);
  });
});

describe("replay", () => {
  beforeAll(async () => {
    await live.db.query(`
      create table public.slow (id integer primary key);
      alter table public.slow enable row level security;
      grant select on public.slow to authenticated;
      create policy slow_select on public.slow to authenticated using (pg_sleep(0.5) is not null);
      alter publication supabase_realtime add table public.slow`);
  });

  it("brings the newest stored messages in order, and none of them twice", async () => {
    await live.admit("replayed", ada);
    // The feed is busy with something else: what is stored is still on its way to whoever listens.
    const busy = (await live.client({ as: ada })).channel("busy");
    const told = new Promise<void>((resolve) => busy.on("system", {}, () => resolve()));
    busy.on("postgres_changes", { event: "INSERT", schema: "public", table: "slow" } as never, () => {});
    await joined(busy);
    await told;
    await live.db.query("insert into public.slow values (1)");
    for (let n = 1; n <= 5; n++) await send("replayed", { n });
    const heard = new Inbox<Said>();
    const replay = { since: Date.now() - 60_000, limit: 3 };
    const config = { private: true, broadcast: { replay } };
    const adas = (await live.client({ as: ada })).channel("replayed", { config });
    await joined(adas.on("broadcast", { event: "hi" }, (message) => heard.put(message as never)));
    await send("replayed", { n: 6 });
    const said = await heard.takeMany(4);
    expect(said.map(({ payload }) => (payload as { n: number }).n)).toEqual([3, 4, 5, 6]);
    expect(said.map(({ meta }) => meta?.replayed ?? false)).toEqual([true, true, true, false]);
  });
});

describe("what a client has stored", () => {
  let room: string;
  beforeEach(async () => {
    room = crypto.randomUUID();
    await Promise.all([live.admit(room, ada), live.admit(room, ben)]);
  });
  const open = async (as: Person, broadcast: object = {}) =>
    (await live.client({ release: "newest", signedIn: as })).channel(room, {
      config: { private: true, broadcast },
    });
  const hear = async (as: Person, broadcast: object = {}) => {
    const heard = new Inbox<Said>();
    const channel = await open(as, broadcast);
    await joined(channel.on("broadcast", { event: "*" }, (message) => heard.put(message as never)));
    return heard;
  };
  const replayed = () => hear(ben, { replay: { since: 0, limit: 25 } });
  const stored = (event: string, payload: unknown, persist: unknown) =>
    ({ type: "broadcast", event, payload, persist }) as never;

  it("is heard at once and once, and replayed to who comes later, text and bytes", async () => {
    const bens = await hear(ben);
    const adas = await joined(await open(ada, { ack: true }));
    expect(await adas.send(stored("kept", { n: 1 }, true))).toBe("ok");
    expect(await adas.send(stored("bytes", Uint8Array.from([0, 255]).buffer, { ttl: 60 }))).toBe("ok");
    expect(await adas.send({ type: "broadcast", event: "passing", payload: { n: 3 } })).toBe("ok");
    await adas.httpSend("http", { n: 4 }, { persist: true } as never);
    await send(room, { n: 5 }, "last");
    const events = (await bens.takeMany(5)).map(({ event }) => event);
    expect(events).toEqual(["kept", "bytes", "passing", "http", "last"]);
    const later = await (await replayed()).takeMany(4);
    expect(later.map(({ event, meta }) => [event, meta?.replayed])).toEqual(
      ["kept", "bytes", "http", "last"].map((event) => [event, true]),
    );
    expect(later[0]?.payload).toEqual({ n: 1 });
    expect(new Uint8Array(later[1]?.payload as ArrayBuffer)).toEqual(new Uint8Array([0, 255]));
  });

  it("is gone when its time is over", async () => {
    const adas = await joined(await open(ada, { ack: true }));
    for (const event of ["over", "kept"]) expect(await adas.send(stored(event, {}, { ttl: 600 }))).toBe("ok");
    const past =
      "update realtime.messages set expires_at = now() - interval '1 second' where topic = $1 and event = 'over'";
    expect((await live.db.query(past, [room])).rowCount).toBe(1);
    expect(await (await replayed()).take()).toMatchObject({ event: "kept" });
  });

  it("is heard and not stored where no policy lets its sender, who is told", async () => {
    await live.db.query("update public.room_members set may_store = false where room = $1", [room]);
    const bens = await hear(ben);
    const adas = await joined(await open(ada, { ack: true }));
    expect(await adas.send(stored("said", {}, true))).toBe("unauthorized_to_store");
    expect(await adas.httpSend("over http", {}, { persist: { ttl: 5 } } as never)).toEqual({ success: true });
    expect((await bens.takeMany(2)).map(({ event }) => event)).toEqual(["said", "over http"]);
    expect((await live.db.query("select 1 from realtime.messages where topic = $1", [room])).rowCount).toBe(
      0,
    );
  });

  it("that Postgres cannot say is heard, and its sender is told", async () => {
    const bens = await hear(ben);
    const adas = await joined(await open(ada, { ack: true }));
    expect(await adas.send(stored("said", { text: "\0" }, true))).toBe("unable_to_store");
    expect((await bens.take()).payload).toEqual({ text: "\0" });
  });

  it("is no matter of public topics", async () => {
    const { API_URL, PUBLISHABLE_KEY } = live.stack.env;
    const answer = await fetch(`${API_URL}/realtime/v1/api/broadcast/${room}/events/e?persist=true`, {
      method: "POST",
      headers: { apikey: PUBLISHABLE_KEY, "content-type": "application/json" },
      body: "{}",
    });
    expect([answer.status, await answer.json()]).toEqual([
      422,
      { errors: { persist: ["can only be used on private channels"] } },
    ]);
  });
});

describe("broadcast_changes", () => {
  it("tells what a trigger saw", async () => {
    await live.db.query(`
      create function public.tell() returns trigger language plpgsql security definer as $$
      begin perform realtime.broadcast_changes('trig', tg_op, tg_op, tg_table_name, tg_table_schema, new, old); return null; end $$;
      create trigger tell after insert or update or delete on public.board for each row execute function public.tell()`);
    await live.admit("trig", ada);
    const heard = new Inbox<Said>();
    const adas = (await live.client({ as: ada })).channel("trig", { config: { private: true } });
    await joined(adas.on("broadcast", { event: "*" }, (message) => heard.put(message as never)));
    await live.db.query("insert into public.board (body) values ('b')");
    await live.db.query("delete from public.board where body = 'b'");
    const [inserted, deleted] = await heard.takeMany(2);
    expect(inserted).toMatchObject({
      event: "INSERT",
      payload: { operation: "INSERT", table: "board", record: { body: "b" }, old_record: null },
    });
    expect(deleted).toMatchObject({ event: "DELETE", payload: { old_record: { body: "b" }, record: null } });
  });
});
