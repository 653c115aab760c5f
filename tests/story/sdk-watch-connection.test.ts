import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTrackIt, type TrackIt } from "../../sdk/src/index.ts";
import { cuttingProxy } from "../support/cutting-proxy.ts";
import { Inbox, joined } from "./realtime-wait.ts";
import { PASSWORD, refusal, type SdkKit, startSdkKit } from "./sdk-kit.ts";
import { follow, tapped } from "./watch-kit.ts";

let kit: SdkKit;
beforeAll(async () => {
  kit = await startSdkKit();
});
afterAll(() => kit.stop());

/** ada at her phone, and signed in on another client as well. */
async function ada<Other extends TrackIt>(laptop: Other) {
  const person = await kit.join("live-ada");
  await laptop.auth.signIn({ email: person.email, password: PASSWORD });
  return { ...person, phone: person.trackit, laptop };
}

const state = (trackit: TrackIt) => expect.poll(() => trackit.connection.state);

describe("the connection", () => {
  it("is one socket and one join, however much is watched, and none when nothing is", async () => {
    const { tap, supabase, trackit } = tapped(kit, { everyMs: 50 });
    const { phone, id } = await ada(trackit);
    expect([trackit.connection.state, tap.sockets]).toEqual(["idle", 0]);
    const all = await Promise.all([1, 2, 3, 4, 5].map(() => follow(trackit)));
    const goals = trackit.goals.watch({}, () => {});
    await goals.ready;
    await state(trackit).toBe("online");
    expect([tap.sockets, tap.open, tap.joins]).toEqual([1, 1, [`realtime:user:${id}:1`]]);
    await phone.tasks.create({ title: "Shoes" });
    for (const { told } of all) expect((await told.takeMany(2))[1]).toMatchObject({ kind: "added" });
    for (const { watch } of all) watch();
    goals();
    await state(trackit).toBe("idle");
    expect(supabase.getChannels()).toEqual([]);
    // And again, on the socket that is still there.
    const { told } = await follow(trackit);
    await state(trackit).toBe("online");
    expect(await told.take()).toMatchObject({ kind: "snapshot", rows: [{ title: "Shoes" }] });
    expect([tap.sockets, tap.joins.length]).toEqual([1, 2]);
  });

  it("is shared by all that an app makes of one Supabase client", async () => {
    const { tap, supabase, trackit } = tapped(kit);
    const { phone } = await ada(trackit);
    const other = createTrackIt(supabase);
    const [first, second] = await Promise.all([follow(trackit), follow(other)]);
    const task = await phone.tasks.create({ title: "Shoes" });
    for (const { told } of [first, second]) expect((await told.takeMany(2))[1]).toMatchObject({ row: task });
    expect([tap.sockets, tap.joins.length, other.connection.state]).toEqual([1, 1, "online"]);
  });

  it("that is cut comes back by itself, with what was missed", async () => {
    const proxy = await cuttingProxy(kit.stack.env.API_URL);
    const { phone, laptop } = await ada(kit.trackit({ url: proxy.url }));
    const states: string[] = [];
    laptop.connection.on("change", (now) => states.push(now));
    const { told } = await follow(laptop);
    await told.take();
    await state(laptop).toBe("online");
    proxy.set("down");
    await state(laptop).toBe("offline");
    const missed = await phone.tasks.create({ title: "missed" });
    proxy.set("open");
    expect(await told.take("what was missed")).toEqual({ kind: "added", row: missed });
    await state(laptop).toBe("online");
    const next = await phone.tasks.create({ title: "next" });
    expect(await told.take()).toEqual({ kind: "added", row: next });
    expect(states).toEqual(["connecting", "online", "offline", "online"]);
    await laptop.close();
    await proxy.close();
  });

  it("that is not there yet is waited for", async () => {
    const proxy = await cuttingProxy(kit.stack.env.API_URL);
    const { laptop } = await ada(kit.trackit({ url: proxy.url }));
    proxy.set("down");
    const told = new Inbox<unknown>();
    const watch = laptop.tasks.watch({}, told.put);
    await state(laptop).toBe("offline");
    expect(told.all).toEqual([]);
    proxy.set("open");
    await watch.ready;
    await state(laptop).toBe("online");
    await laptop.close();
    await proxy.close();
  });

  it("finds by itself the last broadcast that was lost", async () => {
    const { tap, trackit } = tapped(kit, { everyMs: 300 });
    const { phone } = await ada(trackit);
    const { told } = await follow(trackit);
    await told.take();
    await state(trackit).toBe("online");
    tap.deaf = true;
    const lost = await phone.tasks.create({ title: "lost" });
    expect(await told.take("what was lost")).toEqual({ kind: "added", row: lost });
    tap.deaf = false;
    const next = await phone.tasks.create({ title: "next" });
    expect(await told.take()).toEqual({ kind: "added", row: next });
    expect(tap.joins).toHaveLength(1);
  });

  it("follows its topic when another session of ada's ends, and misses nothing", async () => {
    const { tap, trackit } = tapped(kit);
    const { phone, id } = await ada(trackit);
    const { told, ended } = await follow(trackit);
    await told.take();
    await state(trackit).toBe("online");
    const task = await phone.tasks.create({ title: "Shoes" });
    await phone.auth.signOut();
    expect(await told.take()).toEqual({ kind: "added", row: task });
    await expect.poll(() => tap.joins).toEqual([`realtime:user:${id}:1`, `realtime:user:${id}:2`]);
    await state(trackit).toBe("online");
    await trackit.tasks.setStatus(task.id, "done");
    expect(await told.take()).toMatchObject({ kind: "changed", row: { status: "done" } });
    expect(ended.all).toEqual([]);
  });
});

describe("a watch ends", () => {
  it("by calling it and by its signal: nothing more is told, and other watches go on", async () => {
    const { phone, laptop } = await ada(kit.trackit());
    const give = new AbortController();
    const [first, second, third] = await Promise.all([
      follow(laptop),
      follow(laptop, {}, { signal: give.signal }),
      follow(laptop),
    ]);
    first.watch();
    give.abort();
    const task = await phone.tasks.create({ title: "Shoes" });
    expect((await third.told.takeMany(2))[1]).toEqual({ kind: "added", row: task });
    expect([first.told.all.length, second.told.all.length]).toEqual([1, 1]);
    expect([...first.ended.all, ...second.ended.all]).toEqual([]);
    const gone = laptop.tasks.watch({}, () => {}, { signal: give.signal });
    await expect(gone.ready).rejects.toMatchObject(refusal("NETWORK_ABORTED"));
  });

  it("when ada signs out; ben, on the same client, is told of his own tasks alone", async () => {
    const { phone, laptop, email } = await ada(kit.trackit());
    await phone.tasks.create({ title: "ada's" });
    const hers = await follow(laptop);
    await laptop.auth.signOut();
    const count = hers.told.all.length;
    expect(await hers.ended.take()).toMatchObject(refusal("AUTH_REQUIRED"));
    expect(laptop.connection.state).toBe("idle");
    const ben = await kit.join("live-ben", laptop);
    const his = await follow(ben.trackit);
    expect(await his.told.take()).toEqual({ kind: "snapshot", rows: [] });
    await phone.tasks.create({ title: "ada's again" });
    const task = await ben.trackit.tasks.create({ title: "ben's" });
    expect(await his.told.take()).toEqual({ kind: "added", row: task });
    expect([...his.rows.keys()]).toEqual([task.id]);
    expect(hers.told.all).toHaveLength(count);
    // Without signing out in between: whoever signs in takes over.
    await laptop.auth.signIn({ email, password: PASSWORD });
    expect(await his.ended.take()).toMatchObject(refusal("AUTH_REQUIRED"));
    expect((await follow(laptop)).rows.size).toBe(2);
  });

  it("when her session is ended elsewhere, and when she is suspended", async () => {
    const { phone, laptop, id } = await ada(kit.trackit());
    const revoked = await follow(laptop);
    await state(laptop).toBe("online");
    await phone.auth.signOut({ scope: "others" });
    expect(await revoked.ended.take("the end of the session")).toMatchObject(refusal("AUTH_REQUIRED"));
    const suspended = await follow(phone);
    await state(phone).toBe("online");
    await kit.sql`update public.profiles set status = 'suspended' where id = ${id}`;
    expect(await suspended.ended.take("the suspension")).toMatchObject(refusal("AUTH_SUSPENDED"));
    await state(phone).toBe("idle");
    await expect(phone.tasks.watch({}, () => {}).ready).rejects.toMatchObject(refusal("AUTH_SUSPENDED"));
  });

  it("with the client", async () => {
    const { laptop } = await ada(kit.trackit());
    const { ended } = await follow(laptop);
    await laptop.close();
    expect([laptop.connection.state, ended.all]).toEqual(["idle", []]);
  });

  it("with the client, which opens no socket anew that the server has closed", async () => {
    const { phone, laptop } = await ada(kit.trackit());
    const { ended } = await follow(laptop);
    await state(laptop).toBe("online");
    await phone.auth.signOut({ scope: "others" });
    await ended.take("the end of the session");
    const { realtime } = laptop.supabase;
    const closing: boolean[] = [];
    const disconnect = realtime.disconnect.bind(realtime);
    realtime.disconnect = () => {
      closing.push(realtime.isDisconnecting());
      return disconnect();
    };
    await laptop.close();
    expect([closing.at(-1), realtime.connectionState()]).toEqual([false, "closed"]);
  });

  it("and takes nothing along that the app has made of its own client", async () => {
    const { supabase, trackit } = tapped(kit);
    const { laptop } = await ada(trackit);
    await follow(laptop);
    const heard = new Inbox<unknown>();
    const own = supabase.channel("own", { config: { broadcast: { self: true } } });
    await joined(own.on("broadcast", { event: "*" }, heard.put));
    const events = new Inbox<string>();
    supabase.auth.onAuthStateChange((event) => events.put(event));
    expect(await events.take()).toBe("INITIAL_SESSION");
    await laptop.close();
    await own.send({ type: "broadcast", event: "still", payload: {} });
    expect(await heard.take()).toMatchObject({ event: "still" });
    await supabase.auth.signOut();
    expect(await events.take()).toBe("SIGNED_OUT");
  });
});

describe("a listener that throws", () => {
  it("costs nobody else anything, and is shown", async () => {
    const { phone, laptop } = await ada(kit.trackit());
    const shown = new Inbox<unknown>();
    const before = console.error;
    console.error = shown.put;
    try {
      const fault = new Error("of the app");
      const faulty = laptop.tasks.watch({}, () => {
        throw fault;
      });
      const { told } = await follow(laptop);
      await faulty.ready;
      const task = await phone.tasks.create({ title: "Shoes" });
      expect((await told.takeMany(2))[1]).toEqual({ kind: "added", row: task });
      expect(await shown.takeMany(2)).toEqual([fault, fault]);
    } finally {
      console.error = before;
    }
  });
});
