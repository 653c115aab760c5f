import { once } from "node:events";
import { readFileSync } from "node:fs";
import path from "node:path";
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { SignJWT } from "jose";
import pg from "pg";
import { createClient as createNewest } from "supabase-js-newest";
import WebSocket from "ws";
import { type Stack, type StackOptions, startStack } from "../../stack/src/index.ts";
import { makeProject } from "./stack-kit.ts";

/** Rooms whose members may read and write, notes that their owner alone may see, and a table without RLS. */
const migration = `
create table public.room_members (room text not null, user_id uuid not null, may_write boolean not null default true,
  may_store boolean not null default true);
alter table public.room_members enable row level security;
grant select on public.room_members to authenticated;
create policy room_members_select on public.room_members for select to authenticated
  using (user_id = (select auth.uid()));

create policy messages_select on realtime.messages for select to authenticated using (
  exists (select from public.room_members m where m.room = realtime.topic() and m.user_id = (select auth.uid())));
create policy messages_insert on realtime.messages for insert to authenticated with check (
  exists (select from public.room_members m
          where m.room = realtime.topic() and m.user_id = (select auth.uid()) and m.may_write
            and (m.may_store or extension <> 'persistence')));

create table public.notes (
  id bigint generated always as identity primary key,
  owner_id uuid not null,
  body text not null,
  secret text,
  stars integer not null default 0,
  tags text[] not null default '{}',
  extra jsonb not null default '{}',
  price numeric,
  done boolean,
  at timestamptz not null default '2026-01-02 03:04:05+00'
);
alter table public.notes enable row level security;
grant select (id, owner_id, body, stars, tags, extra, price, done, at) on public.notes to authenticated;
grant insert, update, delete on public.notes to authenticated;
create policy notes_all on public.notes to authenticated using (owner_id = (select auth.uid()));

create table public.board (id bigint generated always as identity primary key, body text not null, n integer);
grant select on public.board to anon, authenticated;
alter table public.board replica identity full;
create table public.unpublished (id bigint primary key);
grant select on public.unpublished to anon;

alter publication supabase_realtime add table public.notes, public.board;
`;

export const files = {
  "supabase/config.toml": `project_id = "live"\n[edge_runtime]\nenabled = false\n[auth]\njwt_expiry = 3600\n`,
  "supabase/migrations/20260101000000_live.sql": migration,
};

/** supabase-js as it is published: the release that the SDK wraps, and the newest. */
export const releases = ["2.109.0", "newest"] as const;
export type Release = (typeof releases)[number];

export interface ClientOptions {
  release?: Release;
  vsn?: "1.0.0" | "2.0.0";
  /** Whose token to use. */
  as?: Person;
  key?: string;
  /** Who signs in with it: from then on it keeps that person's token fresh by itself. */
  signedIn?: Person;
  heartbeatIntervalMs?: number;
  /** Another way to the stack, such as a line that can be cut. */
  url?: string;
}

export interface Person {
  id: string;
  email: string;
  token: string;
}

export const password = "correct horse 1";

/** A stack with a small project of its own, and supabase-js clients of it. */
export class Live {
  stack: Stack;
  readonly db: pg.Client;
  readonly #again: () => Promise<Stack>;
  readonly #clients: SupabaseClient[] = [];
  readonly #sockets = new Map<SupabaseClient, WebSocket[]>();

  static async start(
    config: StackOptions["config"] = {},
    where: Pick<StackOptions, "data" | "port"> = {},
  ): Promise<Live> {
    const project = makeProject(files);
    const ephemeral = where.data === undefined;
    const options = { project, ephemeral, port: 0, web: false, config, ...where };
    const stack = await startStack(options);
    const db = new pg.Client({ connectionString: stack.env.DB_URL });
    // Tests that kill Postgres bring their own.
    db.on("error", () => {});
    await db.connect();
    return new Live(stack, db, () => startStack(options));
  }

  constructor(stack: Stack, db: pg.Client, again: () => Promise<Stack>) {
    this.stack = stack;
    this.db = db;
    this.#again = again;
  }

  /** Stops the stack and starts it on the same data and ports. */
  async restart(): Promise<void> {
    await this.stack.stop();
    this.stack = await this.#again();
  }

  /** A client whose token, if it is somebody's, is set before its first join. */
  async client(wanted: ClientOptions = {}): Promise<SupabaseClient> {
    const { release = "2.109.0", vsn, as, signedIn, key, heartbeatIntervalMs, url } = wanted;
    const { API_URL, PUBLISHABLE_KEY } = this.stack.env;
    const sockets: WebSocket[] = [];
    class Remembered extends WebSocket {
      constructor(...words: ConstructorParameters<typeof WebSocket>) {
        super(...words);
        sockets.push(this);
      }
    }
    const options = {
      auth: { persistSession: false, autoRefreshToken: false },
      realtime: {
        transport: Remembered as never,
        ...(vsn ? { vsn } : {}),
        ...(heartbeatIntervalMs ? { heartbeatIntervalMs } : {}),
      },
    };
    const create = release === "newest" ? (createNewest as unknown as typeof createClient) : createClient;
    const client = create(url ?? API_URL, key ?? PUBLISHABLE_KEY, options);
    this.#clients.push(client);
    this.#sockets.set(client, sockets);
    if (as) await client.realtime.setAuth(as.token);
    if (signedIn) await signIn(client, signedIn.email);
    return client;
  }

  /** Runs SQL as the superuser. */
  async asSuperuser(sql: string): Promise<void> {
    const db = new pg.Client({ connectionString: superuserUrl(this.stack.env.DB_URL, this.stack.data) });
    await db.connect();
    try {
      await db.query(sql);
    } finally {
      await db.end();
    }
  }

  /** Ends a client's connection without a word, as a network that is gone. */
  cut(client: SupabaseClient): void {
    this.#sockets.get(client)?.at(-1)?.terminate();
  }

  /** Sockets that a client has opened so far. */
  socketsOf(client: SupabaseClient): number {
    return this.#sockets.get(client)?.length ?? 0;
  }

  /** A token of this project; `exp` in seconds since 1970. */
  sign(claims: object, exp: number | null, secret = this.stack.env.JWT_SECRET): Promise<string> {
    const jwt = new SignJWT({ ...claims }).setProtectedHeader({ alg: "HS256" });
    if (exp !== null) jwt.setExpirationTime(exp);
    return jwt.sign(new TextEncoder().encode(secret));
  }

  async person(name: string): Promise<Person> {
    const email = `${name}-${crypto.randomUUID()}@example.test`;
    const admin = await this.client({ key: this.stack.env.SECRET_KEY });
    const made = await admin.auth.admin.createUser({ email, password, email_confirm: true });
    if (made.error) throw made.error;
    return { id: made.data.user.id, email, token: await this.signIn(email) };
  }

  async signIn(email: string): Promise<string> {
    return signIn(await this.client(), email);
  }

  async admit(room: string, { id }: Person, mayWrite = true): Promise<void> {
    await this.db.query("insert into public.room_members values ($1, $2, $3)", [room, id, mayWrite]);
  }

  /** Lets every client that was made so far go. */
  async hangUp(): Promise<void> {
    for (const client of this.#clients.splice(0)) {
      // It waits for the other end by the clock, which need not be waited for.
      void client.realtime.disconnect();
      for (const socket of this.#sockets.get(client) ?? []) {
        if (socket.readyState === WebSocket.CLOSED) continue;
        const closed = once(socket, "close");
        socket.terminate();
        await closed;
      }
    }
  }

  async stop(): Promise<void> {
    await this.hangUp();
    await this.db.end().catch(() => {});
    await this.stack.stop();
  }
}

/** @param data the stack's folder, which has the keys */
export function superuserUrl(databaseUrl: string, data: string): string {
  const keys = JSON.parse(readFileSync(path.join(data, "keys.json"), "utf8"));
  const url = new URL(databaseUrl);
  url.username = "supabase_admin";
  url.password = keys.databasePasswords.supabase_admin;
  return url.href;
}

async function signIn(client: SupabaseClient, email: string): Promise<string> {
  const { data, error } = await client.auth.signInWithPassword({ email, password });
  if (error) throw error;
  return data.session.access_token;
}
