import { createClient as createNewest } from "supabase-js-newest";
import WebSocket from "ws";
import {
  createTrackIt,
  type Goal,
  type Task,
  type TaskFilter,
  type TrackIt,
  type TrackItError,
  type TrackItOptions,
  type Watch,
} from "../../../sdk/src/index.ts";
import { memoryDatabase } from "../../../sdk/src/store/memory-store.ts";
import type { House } from "./house.ts";
import { Line } from "./line.ts";
import { Mirror } from "./mirror.ts";

/** Milliseconds after which a device gives a request up. */
const patience = 3_000;

/** A device of ada's, behind a line of its own. */
export interface Device {
  name: string;
  line: Line;
  trackit: TrackIt;
}

/** A device that watches, and what it has been told. */
export interface Watcher extends Device {
  watch: Watch;
  mirror: Mirror<Task> | Mirror<Goal>;
  /** The same by a client of its own: what the mirror must end with. */
  list(trackit: TrackIt): Promise<(Task | Goal)[]>;
  /** What made the watch end by itself; nothing should. */
  ended: TrackItError[];
}

export interface Account {
  id: string;
  email: string;
  password: string;
}

export async function deviceOf(
  house: House,
  account: Account,
  name: string,
  more: Partial<TrackItOptions> = {},
): Promise<Device> {
  const line = await Line.open(house.env.API_URL);
  const trackit = createTrackIt({
    url: line.url,
    key: house.env.PUBLISHABLE_KEY,
    timeout: patience,
    ...more,
  });
  await trackit.auth.signIn({ email: account.email, password: account.password });
  return { name, line, trackit };
}

/** A device whose app has made its supabase-js itself, of the newest release, and thought of no limit for requests. */
export async function deviceWithClient(house: House, account: Account, name: string): Promise<Device> {
  const line = await Line.open(house.env.API_URL);
  const client = createNewest(line.url, house.env.PUBLISHABLE_KEY, {
    auth: { persistSession: true, storage: memory() },
    realtime: { transport: WebSocket as never, heartbeatIntervalMs: 1_000 },
  });
  const trackit = createTrackIt(client);
  await trackit.auth.signIn({ email: account.email, password: account.password });
  return { name, line, trackit };
}

export const openOutbox = (): Partial<TrackItOptions> => {
  const store = memoryDatabase();
  return { offline: { storage: () => store } };
};

/** Everything, a filter by tag and status, a client of the app's own, and goals with their sums. */
export async function openWatchers(house: House, account: Account): Promise<Watcher[]> {
  const some: TaskFilter = { status: ["todo", "doing"], tag: "even" };
  const watchers = [
    watchTasks(await deviceOf(house, account, "all tasks"), {}),
    watchTasks(await deviceOf(house, account, "some tasks"), some),
    watchTasks(await deviceWithClient(house, account, "all tasks, by a client of the app's own"), {}),
    watchGoals(await deviceOf(house, account, "all goals")),
  ];
  await Promise.all(watchers.map(({ watch }) => watch.ready));
  return watchers;
}

function watchTasks(device: Device, filter: TaskFilter): Watcher {
  const mirror = new Mirror<Task>({ sums: false });
  const ended: TrackItError[] = [];
  const watch = device.trackit.tasks.watch(filter, mirror.hear, { onError: (error) => ended.push(error) });
  return { ...device, watch, mirror, ended, list: ({ tasks }) => tasks.list(filter).toArray() };
}

function watchGoals(device: Device): Watcher {
  const mirror = new Mirror<Goal>({ sums: true });
  const ended: TrackItError[] = [];
  const watch = device.trackit.goals.watch({}, mirror.hear, { onError: (error) => ended.push(error) });
  return { ...device, watch, mirror, ended, list: ({ goals }) => goals.list().toArray() };
}

function memory() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}
