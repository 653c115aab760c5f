import { afterEach, describe, expect, it } from "vitest";
import { tableModel } from "../../../tests/support/table-model.ts";
import { connect } from "../connect.ts";
import { isVersionConflict } from "../errors.ts";
import { createGoalsOn } from "../goals/index.ts";
import type { Goals } from "../goals/types.ts";
import type { Surroundings } from "../retry/around.ts";
import { memoryDatabase } from "../store/memory-store.ts";
import type { Store } from "../store/types.ts";
import { createTasksOn } from "../tasks/index.ts";
import type { Tasks } from "../tasks/types.ts";
import { type Offline, offlineOn } from "./index.ts";
import type { OfflineOptions, Outbox } from "./types.ts";

const ADA = "0199a1c0-0000-7000-8000-00000000ada0";
const BEN = "0199a1c0-0000-7000-8000-00000000be00";
const url = "http://127.0.0.1:9";

type Wire = (send: () => Response, body: string) => Promise<Response> | Response;

interface Device {
  goals: Goals;
  tasks: Tasks;
  outbox: Outbox;
  heard: string[];
  /** What the network does with a request; `cut` for no network at all. */
  wire: Wire;
  user: string | null;
  signOut(local: "keep" | "wipe"): Promise<void>;
  close(): Promise<void>;
}

const cut: Wire = () => {
  throw new TypeError("fetch failed");
};
const open: Wire = (send) => send();

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Nothing is tried again by itself: the tests decide when there is a network. */
const patient: Surroundings = {
  now: () => 1_800_000_000_000,
  random: () => 1,
  wait: (ms, signal) =>
    ms <= 200
      ? soon() // for another who is sending
      : new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true })),
};
const eager: Surroundings = { ...patient, wait: soon };

function device(
  server = tableModel(),
  options: OfflineOptions = {},
  around: Surroundings = patient,
  user: string | null = ADA,
): Device {
  const self: Device = { wire: open, heard: [], user } as unknown as Device;
  const send: typeof fetch = async (input, init) => {
    const text = String(init?.body ?? "");
    const body = text === "" ? null : JSON.parse(text);
    const address = new URL(String(input));
    return self.wire(() => {
      const answer = server.handle(address, init?.method ?? "GET", body);
      return new Response(JSON.stringify(answer.body), { status: answer.status });
    }, text);
  };
  const session = (): string => {
    const expires_at = Math.floor(Date.now() / 1000) + 36_000;
    const account = { id: self.user, app_metadata: {}, user_metadata: {}, aud: "authenticated" };
    return JSON.stringify({
      access_token: "a.b.c",
      refresh_token: "r",
      token_type: "bearer",
      expires_at,
      user: account,
    });
  };
  const storage = { get: () => (self.user ? session() : null), set: () => {}, remove: () => {} };
  const connection = connect({ url, key: "k", fetch: send, storage: { device: storage } });
  const offline: Offline = offlineOn(connection, options, around);
  connection.keeper = offline.keeper;
  offline.outbox.on("change", ({ kind, write }) => self.heard.push(`${kind} ${write.action}`));
  Object.assign(self, {
    goals: createGoalsOn(connection),
    tasks: createTasksOn(connection),
    outbox: offline.outbox,
    signOut: async (local: "keep" | "wipe") => {
      if (local === "wipe") await offline.keeper.wipe(self.user ?? "");
      self.user = null;
    },
    close: async () => {
      await offline.close();
      await connection.client.auth.dispose();
    },
  });
  closing.push(self.close);
  return self;
}

describe("without a network", () => {
  it("ada's goal, its task and a change of it are shown at once, wait, and are sent in their order", async () => {
    const server = tableModel();
    const ada = device(server);
    ada.wire = cut;
    const goal = await ada.goals.create({ title: "Run", dueAt: new Date("2027-01-01T00:00:00Z") });
    expect(goal).toMatchObject({ title: "Run", ownerId: ADA, status: "open", version: 1, tasksTotal: 0 });
    const task = await ada.tasks.create({ goalId: goal.id, title: "Shoes" });
    const done = await ada.tasks.setStatus(task.id, "done", { version: task.version });
    expect(done).toMatchObject({ title: "Shoes", status: "done", completedAt: expect.any(String) });
    const calls = ["goals.create", "tasks.create", "tasks.setStatus"];
    expect((await ada.outbox.pending()).map(({ action }) => action)).toEqual(calls);
    expect(server.rows.size).toBe(0);

    ada.wire = open;
    expect(await ada.outbox.flush()).toEqual({ pending: 0, failed: 0 });
    expect(server.rows.get(task.id)).toMatchObject({ status: "done", version: 2, goal_id: goal.id });
    expect(await ada.tasks.update(task.id, { title: "Boots" })).toMatchObject({ version: 3 });
    await expect.poll(() => ada.heard.length).toBe(6);
    expect(ada.heard).toEqual([
      ...["kept", "sent"].flatMap((kind) => calls.map((call) => `${kind} ${call}`)),
    ]);
  });

  it("what is wrong is told at once, and a row that was never read cannot be changed", async () => {
    const ada = device();
    ada.wire = cut;
    await expect(ada.goals.create({ title: "" })).rejects.toMatchObject({ code: "USAGE_INVALID" });
    await expect(ada.goals.update(BEN, { title: "x" })).rejects.toMatchObject({ code: "NETWORK_OFFLINE" });
    const goal = await ada.goals.create({ title: "Run" });
    await expect(ada.goals.update(goal.id, { title: "x" }, { version: 7 })).rejects.toMatchObject({
      code: "CONFLICT_VERSION",
    });
    await ada.goals.remove(goal.id);
    await expect(ada.goals.update(goal.id, { title: "x" })).rejects.toMatchObject({
      code: "ACCESS_NOT_FOUND",
    });
    expect(await ada.outbox.pending()).toHaveLength(2);
  });

  it("no more than the limit is kept, and what was kept stays", async () => {
    const ada = device(tableModel(), { max: 2 });
    ada.wire = cut;
    await ada.goals.createMany([{ title: "1" }, { title: "2" }]);
    await ada.goals.create({ title: "3" });
    await expect(ada.goals.create({ title: "4" })).rejects.toMatchObject({ code: "LIMIT_OUTBOX", value: 2 });
    ada.wire = open;
    expect(await ada.outbox.flush()).toMatchObject({ pending: 0 });
  });

  it("a device without room says so and loses nothing", async () => {
    const { TrackItError } = await import("../errors.ts");
    const inner = memoryDatabase();
    let full = false;
    const storage = (): Store => ({
      ...inner,
      batch: async (...args) => {
        if (full && args[0].some(({ value }) => value !== null && value.length > 100)) {
          throw new TrackItError("LIMIT_STORAGE", "no room");
        }
        return inner.batch(...args);
      },
    });
    const ada = device(tableModel(), { storage });
    ada.wire = cut;
    await ada.goals.create({ title: "1" });
    full = true;
    await expect(ada.goals.create({ title: "2" })).rejects.toMatchObject({ code: "LIMIT_STORAGE" });
    expect(await ada.outbox.pending()).toHaveLength(1);
    ada.wire = open;
    expect(await ada.outbox.flush()).toMatchObject({ pending: 0 });
  });
});

describe("a refused write", () => {
  async function conflict() {
    const server = tableModel();
    const [ada, phone] = [device(server), device(server)];
    const goal = await ada.goals.create({ title: "Run" });
    ada.wire = cut;
    await ada.goals.update(goal.id, { title: "Mine" });
    await ada.goals.update(goal.id, { description: "after" });
    await phone.goals.update(goal.id, { title: "Theirs" });
    ada.wire = open;
    await ada.outbox.flush();
    return { server, ada, goal };
  }

  it("of two versions has both, holds back later ones, and goes on top when ada says so", async () => {
    const { server, ada, goal } = await conflict();
    const [failed] = await ada.outbox.failed();
    expect(isVersionConflict(failed?.reason) && failed.reason.details).toMatchObject({
      mine: { title: "Mine", version: 1 },
      theirs: { title: "Theirs", version: 2 },
    });
    expect(await ada.outbox.pending()).toHaveLength(1);
    expect(await ada.goals.setStatus(goal.id, "done")).toMatchObject({ title: "Mine", status: "done" });
    expect(await ada.outbox.pending()).toHaveLength(2);
    await ada.outbox.retry(failed?.id ?? "");
    expect(await ada.outbox.flush()).toMatchObject({ pending: 0, failed: 0 });
    expect(server.rows.get(goal.id)).toMatchObject({
      title: "Mine",
      description: "after",
      status: "done",
      version: 5,
    });
  });

  it("that is cancelled gives back what was there; a create takes along what was built on it", async () => {
    const { ada, goal } = await conflict();
    const [failed] = await ada.outbox.failed();
    expect(await ada.outbox.cancel(failed?.id ?? "")).toHaveLength(1);
    const [later] = await ada.outbox.pending().then((all) => (all.length ? all : ada.outbox.failed()));
    expect(later?.rows[0]).toMatchObject({ title: "Run", description: "after" });
    await expect.poll(() => ada.heard).toContain("cancelled goals.update");

    ada.wire = cut;
    const other = await ada.goals.create({ title: "Swim" });
    await ada.tasks.create({ goalId: other.id, title: "Pool" });
    const made = (await ada.outbox.pending()).find(({ entityIds }) => entityIds[0] === other.id);
    const gone = await ada.outbox.cancel(made?.id ?? "");
    expect(gone.map(({ action }) => action)).toEqual(["goals.create", "tasks.create"]);
    await expect(ada.outbox.cancel("nothing")).rejects.toMatchObject({ code: "ACCESS_NOT_FOUND" });
    expect((await ada.outbox.pending()).some(({ entityIds }) => entityIds.includes(goal.id))).toBe(
      (await ada.outbox.failed()).length === 0,
    );
  });
});

describe("kept for one user", () => {
  it("ben sees and sends nothing of ada's; a wipe deletes hers alone", async () => {
    const server = tableModel();
    const stores = new Map<string, Store>();
    const storage = (name: string): Store => {
      const store = stores.get(name) ?? memoryDatabase();
      stores.set(name, store);
      return store;
    };
    const browser = device(server, { storage });
    browser.wire = cut;
    await browser.goals.create({ title: "hers" });
    await browser.signOut("keep");
    expect(await browser.outbox.pending()).toEqual([]);
    browser.user = BEN;
    browser.wire = open;
    expect(await browser.outbox.flush()).toEqual({ pending: 0, failed: 0 });
    browser.wire = cut;
    await browser.goals.create({ title: "his" });
    await browser.signOut("wipe");
    browser.user = BEN;
    expect(await browser.outbox.pending()).toEqual([]);

    const restarted = device(server, { storage });
    expect(await restarted.outbox.flush()).toMatchObject({ pending: 0, failed: 0 });
    expect([...server.rows.values()].map(({ title }) => title)).toEqual(["hers"]);
  });
});

describe("a server in trouble", () => {
  const answer =
    (status: number): Wire =>
    () =>
      new Response(JSON.stringify({ message: "no" }), { status });

  it("is asked later and later, at random below a bound of a minute", async () => {
    const waits: number[] = [];
    const chances = [0.5, 1, 1, 1, 1, 1, 1, 1, 0.25, 1];
    const around: Surroundings = {
      ...patient,
      random: () => chances[waits.length] ?? 1,
      wait: (ms, signal) => {
        waits.push(ms);
        return waits.length < chances.length ? soon() : patient.wait(ms, signal);
      },
    };
    const ada = device(tableModel(), {}, around);
    ada.wire = cut;
    await ada.tasks.create({ title: "x" });
    await expect.poll(() => waits.length).toBe(chances.length);
    expect(waits).toEqual([500, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 15_000, 60_000]);
    // The call itself was the first.
    expect(await ada.outbox.pending()).toMatchObject([{ attempts: 1 + chances.length }]);
  });

  it("that fails ten times on one write has refused it; others are not held up", async () => {
    const server = tableModel();
    const ada = device(server);
    ada.wire = cut;
    await ada.tasks.create({ title: "poison" });
    await ada.tasks.create({ title: "good" });
    ada.wire = (send, body) => (body.includes("poison") ? answer(500)(send, body) : send());
    expect(await ada.outbox.flush()).toMatchObject({ pending: 1 });
    await expect.poll(() => ada.outbox.flush(), { interval: 1 }).toMatchObject({ pending: 0, failed: 1 });
    const [failed] = await ada.outbox.failed();
    expect(failed).toMatchObject({ attempts: 10, reason: { code: "NETWORK_SERVER" } });
  });

  it("or a session that has ended keeps everything", async () => {
    const ada = device();
    ada.wire = cut;
    await ada.tasks.create({ title: "x" });
    for (const status of [401, 429, 503]) {
      ada.wire = answer(status);
      expect(await ada.outbox.flush()).toEqual({ pending: 1, failed: 0 });
    }
    ada.wire = open;
    expect(await ada.outbox.flush()).toMatchObject({ pending: 0 });
  });
});

describe("through any network", () => {
  const seeds = process.env.SEED
    ? [Number(process.env.SEED)]
    : [...Array(20).keys()].map((n) => Date.now() + n);

  it.each(seeds)(
    "with seed %i every write is applied once and in order, also over a restart",
    async (seed) => {
      const random = dice(seed);
      const server = tableModel();
      const store = memoryDatabase();
      const options = { storage: () => ({ ...store, close: async () => {} }) };
      const late: (() => Response)[] = [];
      const flaky: Wire = async (send) => {
        const roll = random();
        if (late.length > 0 && random() < 0.3) late.shift()?.();
        await new Promise((resolve) => setImmediate(resolve));
        if (roll < 0.2) return cut(send, "");
        if (roll < 0.35) {
          send();
          return cut(send, "");
        }
        if (roll < 0.5) {
          late.push(send);
          return cut(send, "");
        }
        if (roll < 0.6) late.push(send);
        return send();
      };
      const start = (): Device => Object.assign(device(server, options, eager), { wire: flaky });
      const tab = start();
      const wanted = new Map<string, string[]>();
      const writer = async (at: number): Promise<void> => {
        const { id } = await tab.tasks.create({ title: `${at}-0` });
        wanted.set(id, [`${at}-0`]);
        for (let n = 1; n < 8; n++) {
          await tab.tasks.update(id, { title: `${at}-${n}` });
          wanted.get(id)?.push(`${at}-${n}`);
        }
      };
      await Promise.all([0, 1, 2, 3].map(writer));
      await tab.close();
      const again = start();
      again.wire = open;
      await expect
        .poll(() => again.outbox.flush(), { timeout: 20_000, interval: 1 })
        .toMatchObject({ pending: 0, failed: 0 });
      for (const send of late) send();
      for (const [id, titles] of wanted) {
        expect(server.applied.get(id)?.map(({ title }) => title)).toEqual(titles);
      }
      expect(server.rows.size).toBe(4);
    },
  );
});

/** Mulberry32: the same numbers for the same seed. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
