import { readFileSync } from "node:fs";
import path from "node:path";
import { createClient } from "@supabase/supabase-js";
import { importJWK, SignJWT } from "jose";
import pg from "pg";
import { createClient as createNewest } from "supabase-js-newest";
import WebSocket from "ws";
import { type Stack, type StackOptions, startStack } from "../../stack/src/index.ts";
import type { StackKeys } from "../../stack/src/keys/keys.ts";
import { createSigner } from "../../stack/src/storage/signed/token.ts";
import { cleanUp, makeProject } from "./stack-kit.ts";

/**
 * Buckets that begin with "v-" give everybody who is signed in the verbs that their names go on with: i, s, u, d.
 * In "mine" everybody has what is in a folder of their own, in "open" everybody has everything, and "said" takes what
 * is said to be a small picture for the press.
 */
const migration = `
create policy objects_select on storage.objects for select to authenticated using (
  bucket_id like 'v-%s%' or bucket_id = 'open' or bucket_id = 'mine' and (storage.foldername(name))[1] = auth.uid()::text);
create policy objects_insert on storage.objects for insert to authenticated with check (
  bucket_id like 'v-%i%' or bucket_id = 'open' or bucket_id = 'mine' and (storage.foldername(name))[1] = auth.uid()::text
  or bucket_id = 'said' and user_metadata ->> 'for' = 'press' and metadata ->> 'mimetype' like 'image/%'
    and (metadata ->> 'contentLength')::int <= 1000);
create policy objects_update on storage.objects for update to authenticated using (
  bucket_id like 'v-%u%' or bucket_id = 'open' or bucket_id = 'mine' and (storage.foldername(name))[1] = auth.uid()::text);
create policy objects_delete on storage.objects for delete to authenticated using (
  bucket_id like 'v-%d%' or bucket_id = 'open' or bucket_id = 'mine' and (storage.foldername(name))[1] = auth.uid()::text);
`;

const config = `project_id = "files"
[edge_runtime]
enabled = false
[realtime]
enabled = false
[storage]
file_size_limit = "20MiB"
[storage.buckets.open]
[storage.buckets.mine]
[storage.buckets.said]
[storage.buckets.shown]
public = true
objects_path = "./shown"
[storage.buckets.small]
public = true
file_size_limit = "1KiB"
allowed_mime_types = ["image/*", "text/plain"]
`;

export const files = {
  "supabase/config.toml": config,
  "supabase/migrations/20260101000000_files.sql": migration,
  "supabase/shown/seeded/hello.txt": "from a folder",
  "supabase/shown/seeded/not~a~name.txt": "passed over",
};

/** storage-js as it is published: the release that the SDK wraps, and the newest. */
export const releases = ["2.109.0", "newest"] as const;
export type Release = (typeof releases)[number];
export type StorageClient = ReturnType<typeof createClient>["storage"];

export interface Person {
  id: string;
  token: string;
}

/** Two users, and an outsider. */
const ids = {
  ada: "aaaaaaaa-0000-4000-8000-000000000001",
  ben: "bbbbbbbb-0000-4000-8000-000000000002",
  eve: "eeeeeeee-0000-4000-8000-000000000003",
};
export type Name = keyof typeof ids;

/** A stack of its own for one test file. */
export class StorageKit {
  readonly stack: Stack;
  readonly people: Record<Name, Person>;
  /** What is to be closed before the stack is stopped. */
  readonly closing: (() => Promise<void>)[] = [];

  static async start(options: Partial<StackOptions> = {}): Promise<StorageKit> {
    const stack = await startStack({
      project: makeProject(files),
      ephemeral: true,
      port: 0,
      web: false,
      ...options,
    });
    const tokens = await Promise.all(Object.values(ids).map((id) => tokenFor(stack, id)));
    const [ada = "", ben = "", eve = ""] = tokens;
    return new StorageKit(stack, {
      ada: { id: ids.ada, token: ada },
      ben: { id: ids.ben, token: ben },
      eve: { id: ids.eve, token: eve },
    });
  }

  constructor(stack: Stack, people: Record<Name, Person>) {
    this.stack = stack;
    this.people = people;
  }

  get url(): string {
    return `${this.stack.env.API_URL}/storage/v1`;
  }

  /** A connection as the owner of Storage's tables. */
  async owner(): Promise<pg.Client> {
    const db = new pg.Client({ connectionString: this.stack.env.DB_URL });
    await db.connect();
    this.closing.push(() => db.end());
    await db.query("set role supabase_storage_admin");
    return db;
  }

  /** storage-js as somebody; without a name with the publishable key alone. */
  as(name?: Name, release: Release = "2.109.0"): StorageClient {
    const headers = name ? { Authorization: `Bearer ${this.people[name].token}` } : {};
    return this.#client(this.stack.env.PUBLISHABLE_KEY, headers, release);
  }

  root(release: Release = "2.109.0"): StorageClient {
    return this.#client(this.stack.env.SECRET_KEY, {}, release);
  }

  #client(key: string, headers: Record<string, string>, release: Release): StorageClient {
    const create = release === "newest" ? (createNewest as unknown as typeof createClient) : createClient;
    return create(this.stack.env.API_URL, key, {
      auth: { persistSession: false, autoRefreshToken: false },
      global: { headers },
      realtime: { transport: WebSocket as never },
    }).storage;
  }

  /** A request by hand. */
  fetch(where: string, init: RequestInit & { by?: Name | "root"; duplex?: "half" } = {}): Promise<Response> {
    const { by, ...rest } = init;
    const headers = new Headers(init.headers);
    if (by === "root") headers.set("apikey", this.stack.env.SECRET_KEY);
    else if (by) headers.set("authorization", `Bearer ${this.people[by].token}`);
    return fetch(`${this.url}${where}`, { ...rest, headers });
  }

  /** A token of Storage's own, as for signed URLs: for something else, or over, where a test wants that. */
  signed(use: "download" | "upload" | "image", path: string, seconds: number): Promise<string> {
    return createSigner(keysOf(this.stack).jwtSecret).sign(use, path, seconds);
  }

  token(claims: Record<string, unknown>): Promise<string> {
    return tokenFor(this.stack, ids.ada, claims);
  }
}

const keysOf = ({ data }: Stack) =>
  JSON.parse(readFileSync(path.join(data, "keys.json"), "utf8")) as StackKeys;

async function tokenFor(stack: Stack, sub: string, claims: Record<string, unknown> = {}): Promise<string> {
  const { signingKey } = keysOf(stack);
  const key = await importJWK(signingKey.privateJwk, "ES256");
  return new SignJWT({ role: "authenticated", sub, ...claims })
    .setProtectedHeader({ alg: "ES256", kid: signingKey.kid })
    .setIssuedAt()
    .setIssuer(`${stack.env.API_URL}/auth/v1`)
    .setAudience("authenticated")
    .setExpirationTime(typeof claims.exp === "number" ? claims.exp : "1h")
    .sign(key);
}

/** What a refused call says: statusCode of the body, and its message. */
export function refusal(result: { data: unknown; error: unknown }): string {
  if (!result.error) throw new Error(`refused was wanted, and ${JSON.stringify(result.data)} came`);
  const { statusCode, message } = result.error as { statusCode?: string; message: string };
  return `${statusCode} ${message}`;
}

/** What a call that must succeed gives. */
export function given<T>(result: { data: T | null; error: unknown }): T {
  if (result.error || result.data === null) throw result.error ?? new Error("nothing was given");
  return result.data;
}

let shared: Promise<StorageKit> | null = null;

/** One stack for all the stories that a test file is made of. */
export function sharedKit(): Promise<StorageKit> {
  shared ??= StorageKit.start();
  return shared;
}

export async function stopSharedKit(): Promise<void> {
  const kit = await shared;
  for (const close of kit?.closing.reverse() ?? []) await close();
  await kit?.stack.stop();
  cleanUp();
}

let count = 0;
/** A name that no other test uses. */
export const fresh = (ending = ".txt") => `f${++count}${ending}`;
