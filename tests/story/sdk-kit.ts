import { randomBytes } from "node:crypto";
import { createClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { createClient as createNewestClient } from "supabase-js-newest";
import WebSocket from "ws";
import { createTrackIt, type TrackIt, type TrackItOptions } from "../../sdk/src/index.ts";
import { type Stack, startStack } from "../../stack/src/index.ts";

export const PASSWORD = "correct horse 1";

/** How an app may come by its client: from options, or with a supabase-js of its own, up to the newest release. */
export const makes = ["options", "client 2.109.0", "client newest"] as const;
export type Make = (typeof makes)[number];

export interface Person {
  trackit: TrackIt;
  id: string;
  email: string;
  username: string;
}

/** A stack of its own for one test file, with the rate limits of a test run. */
export async function startSdkKit(): Promise<SdkKit> {
  const many = 100_000;
  const limits = { email_sent: many, sign_in_sign_ups: many, token_verifications: many, token_refresh: many };
  const auth = { rate_limit: limits, email: { max_frequency: "0" } };
  return new SdkKit(
    await startStack({ ephemeral: true, port: 0, web: false, seed: false, config: { auth } }),
  );
}

export class SdkKit {
  readonly stack: Stack;
  readonly sql: postgres.Sql;
  readonly #open: TrackIt[] = [];

  constructor(stack: Stack) {
    this.stack = stack;
    this.sql = postgres(stack.env.DB_URL, { max: 1, onnotice: () => {} });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#open.map((trackit) => trackit.close()));
    // Of a client of the app's own, the rest goes on; it waits for the other end by the clock.
    for (const { supabase } of this.#open) void supabase.realtime.disconnect();
    await this.sql.end();
    await this.stack.stop();
  }

  /** A client nobody is signed in to. */
  trackit(options: Partial<TrackItOptions> = {}): TrackIt {
    const { API_URL: url, PUBLISHABLE_KEY: key } = this.stack.env;
    return this.keep(createTrackIt({ url, key, ...options }));
  }

  made(make: Make): TrackIt {
    if (make === "options") return this.trackit();
    const { API_URL, PUBLISHABLE_KEY } = this.stack.env;
    const auth = { persistSession: true, storage: memory(), detectSessionInUrl: false };
    const options = { auth, realtime: { transport: WebSocket as never } };
    return this.keep(
      make === "client newest"
        ? createTrackIt(createNewestClient(API_URL, PUBLISHABLE_KEY, options))
        : createTrackIt(createClient(API_URL, PUBLISHABLE_KEY, options)),
    );
  }

  /** Somebody with a confirmed account who has just signed in. */
  async join(name: string, trackit: TrackIt = this.trackit()): Promise<Person> {
    const person = await this.register(name);
    await trackit.auth.signIn({ email: person.email, password: PASSWORD });
    return { ...person, trackit };
  }

  /** An account made and confirmed by the administrator. */
  async register(name: string): Promise<Omit<Person, "trackit">> {
    const username = this.username(name);
    const email = `${username}@example.com`;
    const root = createClient(this.stack.env.API_URL, this.stack.env.SECRET_KEY, {
      auth: { persistSession: false, autoRefreshToken: false },
      realtime: { transport: WebSocket as never },
    });
    const { data, error } = await root.auth.admin.createUser({
      email,
      password: PASSWORD,
      email_confirm: true,
      user_metadata: { username },
    });
    if (error) throw error;
    return { id: data.user.id, email, username };
  }

  username(name: string): string {
    return `${name}-${randomBytes(4).toString("hex")}`;
  }

  /** The code and the link's token in the newest mail to an address, once there are `count` mails. */
  async mail(to: string, count = 1): Promise<{ code: string; tokenHash: string }> {
    const query = new URLSearchParams({ query: `to:"${to}"` });
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
      const found = await fetch(`${this.stack.env.MAILPIT_URL}/api/v1/search?${query}`);
      const { messages } = (await found.json()) as { messages: { ID: string }[] };
      if (messages[0] && messages.length >= count) return this.#read(messages[0].ID);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`${count} mails to ${to} were awaited for 60 s`);
  }

  async #read(id: string): Promise<{ code: string; tokenHash: string }> {
    const answer = await fetch(`${this.stack.env.MAILPIT_URL}/api/v1/message/${id}`);
    const { Text } = (await answer.json()) as { Text: string };
    const code = /^\s*(\d{6})\s*$/m.exec(Text)?.[1] ?? "";
    return { code, tokenHash: /token_hash=(\w+)/.exec(Text)?.[1] ?? "" };
  }

  /** Closes a client with the kit. */
  keep(trackit: TrackIt): TrackIt {
    this.#open.push(trackit);
    return trackit;
  }
}

function memory() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

/** For `rejects.toMatchObject`. */
export function refusal(code: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  return { name: "TrackItError", code, ...more };
}
