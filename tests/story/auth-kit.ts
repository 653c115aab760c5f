import { randomBytes } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { createClient as createNewestClient } from "supabase-js-newest";
import WebSocket from "ws";
import { type Stack, type StackOptions, startStack } from "../../stack/src/index.ts";

/** The two releases that Auth is held against; neither is changed in any way. */
export const releases = {
  "2.109.0": createClient,
  newest: createNewestClient as unknown as typeof createClient,
};
export type Release = keyof typeof releases;
export const releaseNames = Object.keys(releases) as Release[];

export type Client = ReturnType<typeof createClient>;

/** Long and mixed enough for the project's rules. */
export const PASSWORD = "correct horse 1";

interface ClientOptions {
  release?: Release;
  flowType?: "implicit" | "pkce";
  key?: string;
}

export interface Mail {
  subject: string;
  text: string;
  html: string;
  code: string;
  hash: string;
}

/** A stack of its own for one test file, with high limits unless `config` says otherwise. */
export async function startAuthKit(auth: NonNullable<StackOptions["config"]>["auth"] = {}) {
  const stack = await startStack({
    ephemeral: true,
    port: 0,
    web: false,
    seed: false,
    config: {
      auth: {
        ...auth,
        rate_limit: {
          email_sent: 10_000,
          sign_in_sign_ups: 10_000,
          token_verifications: 10_000,
          token_refresh: 10_000,
          anonymous_users: 10_000,
          ...auth.rate_limit,
        },
        email: { max_frequency: "0", ...auth.email },
      },
    },
  });
  return new AuthKit(stack);
}

export class AuthKit {
  readonly stack: Stack;
  readonly url: string;
  /** As the project's own role, to set clocks back and to read what was stored. */
  readonly sql: postgres.Sql;
  private count = 0;

  constructor(stack: Stack) {
    this.stack = stack;
    this.url = `${stack.env.API_URL}/auth/v1`;
    this.sql = postgres(stack.env.DB_URL, { max: 1, onnotice: () => {} });
  }

  async stop(): Promise<void> {
    await this.sql.end();
    await this.stack.stop();
  }

  client({ release = "2.109.0", flowType = "implicit", key }: ClientOptions = {}): Client {
    return releases[release](this.stack.env.API_URL, key ?? this.stack.env.PUBLISHABLE_KEY, {
      auth: {
        persistSession: false,
        autoRefreshToken: false,
        detectSessionInUrl: false,
        flowType,
        storage: memory(),
      },
      realtime: { transport: WebSocket as never },
    });
  }

  root = (release: Release = "2.109.0"): Client => this.client({ release, key: this.stack.env.SECRET_KEY });

  /** An address that no other test uses, and a username to it. */
  person(name: string): {
    email: string;
    password: string;
    data: { username: string; display_name: string };
  } {
    this.count += 1;
    const unique = `${name}${this.count}${randomBytes(3).toString("hex")}`;
    return {
      email: `${unique}@example.com`,
      password: PASSWORD,
      data: { username: unique, display_name: name },
    };
  }

  /** The newest of the mails to an address, once there are `count`. */
  async mail(to: string, count = 1): Promise<Mail> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const messages = await this.mailsTo(to);
      const newest = messages[0];
      if (newest !== undefined && messages.length >= count) return this.readMail(newest.ID);
      if (Date.now() > deadline)
        throw new Error(`waiting for mail to ${to}: ${messages.length} came, want ${count}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  async mailsTo(to: string): Promise<{ ID: string }[]> {
    const query = new URLSearchParams({ query: `to:"${to}"` });
    const answer = await fetch(`${this.stack.env.MAILPIT_URL}/api/v1/search?${query}`);
    return ((await answer.json()) as { messages: { ID: string }[] }).messages;
  }

  private async readMail(id: string): Promise<Mail> {
    const answer = await fetch(`${this.stack.env.MAILPIT_URL}/api/v1/message/${id}`);
    const { Subject, Text, HTML } = (await answer.json()) as { Subject: string; Text: string; HTML: string };
    const code = /^\s*(\d{6})\s*$/m.exec(Text)?.[1] ?? "";
    const hash = /token_hash=(\w+)/.exec(Text)?.[1] ?? "";
    return { subject: Subject, text: Text, html: HTML, code, hash };
  }

  /** Signs up, confirms and signs in: a person with a session. */
  async join(name: string, options: ClientOptions = {}) {
    const person = this.person(name);
    const root = this.root();
    const { data, error } = await root.auth.admin.createUser({
      email: person.email,
      password: person.password,
      email_confirm: true,
      user_metadata: person.data,
    });
    if (error !== null || data.user === null) throw error ?? new Error(`creating ${name} gave no user`);
    const client = this.client(options);
    const session = await signIn(client, person);
    return { ...person, id: data.user.id, client, session };
  }

  /** A bare request, for what no client would send. */
  async post(
    path: string,
    body: unknown,
    token?: string,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await fetch(`${this.url}${path}`, {
      method: "POST",
      headers: {
        apikey: this.stack.env.PUBLISHABLE_KEY,
        "content-type": "application/json",
        "x-supabase-api-version": "2024-01-01",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  }
}

export async function signIn(client: Client, person: { email: string; password: string }) {
  const { data, error } = await client.auth.signInWithPassword({
    email: person.email,
    password: person.password,
  });
  if (error !== null) throw error;
  return data.session;
}

/** PKCE keeps its verifier between the two halves of a flow. */
function memory() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as Record<
    string,
    unknown
  >;
}

/** Where a mail link leads, without going there. */
export async function follow(link: string): Promise<URL> {
  const response = await fetch(link, { redirect: "manual" });
  return new URL(response.headers.get("location") ?? "about:blank");
}
