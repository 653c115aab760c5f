import { createClient, type RealtimeChannel, type SupabaseClient } from "@supabase/supabase-js";
import pg from "pg";
import WebSocket from "ws";
import { files, superuserUrl } from "./realtime-kit.ts";
import { Inbox, joined } from "./realtime-wait.ts";
import { cleanUp, makeFolder, makeProject, startUp, type Up } from "./stack-kit.ts";

/** A start on a busy machine takes its time. */
const config = `${files["supabase/config.toml"]}[realtime]\nbacklog_ms = 600000\n`;
const patient = { ...files, "supabase/config.toml": config };

/** Stacks in processes of their own, that can be stopped and killed, and what talks to them. */
export class Stacks {
  readonly #undo: (() => Promise<unknown>)[] = [];

  /** On fresh data, or on that of one that has ended. */
  async start({ data, project }: Partial<Pick<Up, "data" | "project">> = {}): Promise<Up> {
    const up = await startUp({
      data: data ?? makeFolder(),
      project: project ?? makeProject(patient),
      words: ["--no-web"],
    });
    this.#undo.push(() => {
      // One that is stopped hears no other signal.
      up.child.kill("SIGCONT");
      return up.child.exitCode === null ? up.end() : up.ended;
    });
    return up;
  }

  /** With the secret key. */
  clientOf({ env }: Up): SupabaseClient {
    const client = createClient(env.API_URL, env.SECRET_KEY, { realtime: { transport: WebSocket as never } });
    this.#undo.push(() => client.removeAllChannels());
    return client;
  }

  /** As the superuser. */
  async database({ env, data }: Up): Promise<pg.Client> {
    const db = new pg.Client({ connectionString: superuserUrl(env.DB_URL, data) });
    db.on("error", () => {});
    await db.connect();
    this.#undo.push(() => db.end().catch(() => {}));
    return db;
  }

  async end(): Promise<void> {
    for (const one of this.#undo.splice(0).reverse()) await one();
    cleanUp();
  }
}

/** Says a number to the room, from the database. */
export const say = (db: pg.Client, n: number) =>
  db.query("select realtime.send(jsonb_build_object('n', $1::int), 'n', 'room', true)", [n]);

export const room = (client: SupabaseClient): RealtimeChannel =>
  client.channel("room", { config: { private: true } });

/** Joins, and gives the numbers that are heard. */
export async function hearRoom(channel: RealtimeChannel): Promise<Inbox<number>> {
  const heard = new Inbox<number>();
  channel.on("broadcast", { event: "n" }, ({ payload }) => heard.put(payload.n));
  await joined(channel);
  return heard;
}
