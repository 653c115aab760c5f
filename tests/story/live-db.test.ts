/** What the database tells of the project's own tables, to an unmodified supabase-js, through the stack's Realtime. */
import { createClient, type RealtimeChannel, type SupabaseClient } from "@supabase/supabase-js";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import WebSocket from "ws";
import { createPeople, type Person, signIn, suspend } from "../support/people.ts";
import { openStack, type TestStack } from "../support/stack.ts";
import { Inbox, joined, subscribe, within } from "./realtime-wait.ts";

interface Told {
  event: string;
  payload: { v: number; table: string; op: string; n: number; row: Record<string, unknown>; rev?: number };
}

interface Topic {
  topic: string;
  rev: number;
  n: number;
}

let stack: TestStack;
let ada: Person;
let eve: Person;
let clients: SupabaseClient[] = [];

beforeAll(async () => {
  stack = await openStack();
  ({ ada, eve } = await createPeople(stack, "ada", "eve"));
});
afterEach(async () => {
  for (const client of clients) {
    await client.removeAllChannels();
    client.realtime.disconnect();
  }
  clients = [];
});
afterAll(() => stack?.close());

/** One more device of somebody's; a stranger's without. */
function device(token?: string): SupabaseClient {
  const { API_URL, PUBLISHABLE_KEY } = stack.env;
  const client = createClient(API_URL, PUBLISHABLE_KEY, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket as never },
    ...(token ? { accessToken: () => Promise.resolve(token) } : {}),
  });
  clients.push(client);
  return client;
}

async function topicOf(client: SupabaseClient): Promise<Topic> {
  const { data, error } = await client.rpc("my_topic");
  if (error) throw error;
  return data as Topic;
}

/** A private channel, joined with the client's token: setAuth() waits until Realtime's client has it. */
async function privateChannel(client: SupabaseClient, topic: string): Promise<RealtimeChannel> {
  await client.realtime.setAuth();
  return client.channel(topic, { config: { private: true } });
}

/** Joins a topic and hears all that is said there. */
async function listen(client: SupabaseClient, topic: string): Promise<Inbox<Told>> {
  const inbox = new Inbox<Told>();
  const channel = await privateChannel(client, topic);
  await joined(channel.on("broadcast", { event: "*" }, (message) => inbox.put(message as never)));
  return inbox;
}

async function makeGoal(client: SupabaseClient): Promise<Record<string, unknown>> {
  const title = `goal ${crypto.randomUUID()}`;
  const { data, error } = await client.from("goals").insert({ title }).select().single();
  if (error) throw error;
  return data;
}

/** The next event that is about goals. */
async function nextOfGoals(inbox: Inbox<Told>): Promise<Told> {
  for (;;) {
    const told = await inbox.take("an event of goals");
    if (told.payload.table === "goals") return told;
  }
}

describe("ada's other device", () => {
  it("is told of a goal that she makes, edits, deletes and erases, as she would select it", async () => {
    const phone = device(ada.token);
    const laptop = device(ada.token);
    const start = await topicOf(laptop);
    const heard = await listen(laptop, start.topic);
    const goal = await makeGoal(phone);
    const { search: _, due_sort: __, ...selected } = goal;
    const [inserted, line] = await heard.takeMany(2);
    expect(inserted).toMatchObject({
      event: "goals.insert",
      payload: { v: 1, n: start.n + 1, op: "insert" },
    });
    expect(inserted?.payload.row).toEqual(selected);
    expect(line).toMatchObject({
      event: "activities.insert",
      payload: { n: start.n + 2, row: { kind: "goal.created" } },
    });
    await phone.from("goals").update({ colour: "teal" }).eq("id", goal.id);
    expect(await nextOfGoals(heard)).toMatchObject({
      event: "goals.update",
      payload: { row: { colour: "teal", version: 2 } },
    });
    await phone.from("goals").update({ deleted_at: new Date().toISOString() }).eq("id", goal.id);
    expect((await nextOfGoals(heard)).payload.row.deleted_at).not.toBeNull();
    await stack.db.query("delete from public.goals where id = $1", [goal.id]);
    expect(await nextOfGoals(heard)).toMatchObject({
      event: "goals.delete",
      payload: { row: { id: goal.id } },
    });
  });

  it("reads what it missed, event by event, and then hears the next one", async () => {
    const phone = device(ada.token);
    const laptop = device(ada.token);
    const { topic, n } = await topicOf(laptop);
    const missed = await makeGoal(phone);
    const heard = await listen(laptop, topic);
    const { data } = await laptop.rpc("feed_since", { n });
    expect(data).toMatchObject({
      n: n + 2,
      too_old: false,
      events: [
        { n: n + 1, table: "goals", op: "insert", row: { id: missed.id } },
        { n: n + 2, table: "activities", op: "insert" },
      ],
    });
    await makeGoal(phone);
    expect((await nextOfGoals(heard)).payload.n).toBe(n + 3);
  });

  it("learns of an import as one event", async () => {
    const laptop = device(ada.token);
    const heard = await listen(laptop, (await topicOf(laptop)).topic);
    const rows = Array.from({ length: 51 }, (_, at) => ({ title: `task ${at}` }));
    await device(ada.token).from("tasks").insert(rows);
    expect(await heard.take()).toMatchObject({ event: "tasks.many", payload: { op: "many", row: null } });
  });

  it("speaks with the others on the live topic, which eve cannot join", async () => {
    const { topic } = await topicOf(device(ada.token));
    const live = topic.replace("user:", "live:");
    const heard = new Inbox<Told>();
    const present = new Inbox<{ newPresences: { at?: string }[] }>();
    const laptop = await privateChannel(device(ada.token), live);
    laptop.on("broadcast", { event: "*" }, (message) => heard.put(message as never));
    laptop.on("presence", { event: "join" }, (change) => present.put(change as never));
    await joined(laptop);
    const phone = await privateChannel(device(ada.token), live);
    await joined(phone);
    await phone.send({ type: "broadcast", event: "typing", payload: { field: "title" } });
    expect(await heard.take()).toMatchObject({ event: "typing", payload: { field: "title" } });
    await phone.track({ at: "goals" });
    expect((await present.take("who is there")).newPresences).toMatchObject([{ at: "goals" }]);
    expect((await subscribe(await privateChannel(device(eve.token), live))).status).toBe("CHANNEL_ERROR");
  });
});

describe("others", () => {
  it.each([
    ["eve", () => eve.token],
    ["a stranger", () => undefined],
  ])("%s cannot join ada's topic", async (_name, token) => {
    const { topic } = await topicOf(device(ada.token));
    const { status, reason } = await subscribe(await privateChannel(device(token()), topic));
    expect(status).toBe("CHANNEL_ERROR");
    expect(reason).toContain("Unauthorized");
  });

  it("nobody but the database speaks on ada's topic, neither eve nor ada, by socket or HTTP", async () => {
    const { topic } = await topicOf(device(ada.token));
    const heard = await listen(device(ada.token), topic);
    const forged = {
      type: "broadcast",
      event: "goals.insert",
      payload: { v: 1, table: "goals", forged: true },
    };
    const own = await privateChannel(device(ada.token), topic);
    await joined(own);
    await own.send(forged as never);
    // The same name without `private` is another topic.
    const loud = device(eve.token).channel(topic);
    await joined(loud);
    await loud.send(forged as never);
    for (const token of [ada.token, eve.token]) {
      const { status } = await stack.send({
        method: "POST",
        path: `/realtime/v1/api/broadcast/${encodeURIComponent(topic)}/events/goals.insert?private=true`,
        headers: { apikey: stack.env.PUBLISHABLE_KEY, authorization: `Bearer ${token}` },
        body: forged.payload,
      });
      expect(status).toBe(403);
    }
    const goal = await makeGoal(device(ada.token));
    expect((await nextOfGoals(heard)).payload.row.id).toBe(goal.id);
    expect(heard.all.filter((told) => "forged" in told.payload)).toEqual([]);
  });
});

describe("whoever must stop listening", () => {
  it("a session that is revoked hears nothing more, and the other devices move on", async () => {
    const stolen = await signIn(stack, ada);
    const [thief, laptop] = [device(stolen.token), device(ada.token)];
    const before = await topicOf(laptop);
    const overheard = await listen(thief, before.topic);
    const heard = await listen(laptop, before.topic);
    await laptop.rpc("revoke_session", { session_id: stolen.sessionId });
    const moved = await heard.take("the event that the topic moved");
    expect(moved).toMatchObject({ event: "moved", payload: { v: 1, rev: before.rev + 1 } });
    const after = await topicOf(laptop);
    expect(after).toMatchObject({
      rev: before.rev + 1,
      topic: before.topic.replace(/\d+$/, String(before.rev + 1)),
    });
    const again = await listen(laptop, after.topic);
    expect((await subscribe(await privateChannel(device(stolen.token), after.topic))).status).toBe(
      "CHANNEL_ERROR",
    );
    const goal = await makeGoal(laptop);
    expect((await nextOfGoals(again)).payload.row.id).toBe(goal.id);
    expect(overheard.all.filter(({ event }) => event !== "moved")).toEqual([]);
  });

  it("suspended, sue hears nothing from then on; restored, her devices listen again", async () => {
    const { sue } = await createPeople(stack, "sue");
    const phone = device(sue.token);
    const { topic, rev } = await topicOf(phone);
    const heard = new Inbox<Told>();
    const channel = await privateChannel(phone, topic);
    channel.on("broadcast", { event: "*" }, (message) => heard.put(message as never));
    await joined(channel);
    await suspend(stack, sue);
    await stack.db.query("insert into public.goals (owner_id, title) values ($1, 'unheard')", [sue.id]);
    const next = topic.replace(/\d+$/, String(rev + 1));
    expect((await subscribe(await privateChannel(device(sue.token), next))).status).toBe("CHANNEL_ERROR");
    // What is said to others was said after it.
    const witness = await listen(device(ada.token), (await topicOf(device(ada.token))).topic);
    await makeGoal(device(ada.token));
    await within(nextOfGoals(witness), "an event of ada's");
    expect(heard.all.filter(({ event }) => event !== "moved")).toEqual([]);
    await stack.db.query("update public.profiles set status = 'active' where id = $1", [sue.id]);
    const restored = device(sue.token);
    const { data } = await restored.rpc("feed_since", { n: 0 });
    expect(data.events.map(({ table }: { table: string }) => table)).toContain("goals");
    const again = await listen(restored, (await topicOf(restored)).topic);
    const goal = await makeGoal(restored);
    expect((await nextOfGoals(again)).payload.row.id).toBe(goal.id);
  });
});
