import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { createClient } from "@supabase/supabase-js";
import { decodeJwt, importJWK, SignJWT } from "jose";
import WebSocket from "ws";
import type { TrackIt } from "../../../sdk/src/index.ts";
import type { StackKeys } from "../../../stack/src/keys/keys.ts";
import { isAlive, makeProject, postmaster, query, startUp, type Up, waitFor } from "../../story/stack-kit.ts";
import { freePort } from "../free-port.ts";
import { root } from "../stack.ts";
import type { Account } from "./cast.ts";

const password = "correct horse 1";
const many = 1_000_000;
/** Seconds that a token lasts whose end is awaited. */
const shortLife = 3;

/** The project's stack in a process of its own, which can be killed and comes back with the same data and ports. */
export class House {
  /** What the stack's process said when it ended without having been told to; it never should. */
  fallen: string | null = null;
  #up: Up;
  #told = false;
  readonly #port: number;

  static async open(): Promise<House> {
    const project = makeProject({ "supabase/config.toml": config() });
    for (const name of ["migrations", "templates"]) {
      cpSync(path.join(root, "supabase", name), path.join(project, "supabase", name), { recursive: true });
    }
    const port = await freePort();
    return new House(await start(project, port), port);
  }

  private constructor(up: Up, port: number) {
    this.#up = up;
    this.#port = port;
    this.#mind(up);
  }

  #mind(up: Up): void {
    this.#told = false;
    void up.ended.then(({ code, signal, stderr }) => {
      if (!this.#told) this.fallen = `${code} ${signal} ${stderr.slice(-2_000)}`;
    });
  }

  get env(): Up["env"] {
    return this.#up.env;
  }

  rows<Row extends Record<string, unknown>>(sql: string): Promise<Row[]> {
    return waitFor(() => query<Row>(this.#up, sql));
  }

  /** Kills the stack's own process; nothing answers until `comeBack`. */
  async kill(): Promise<void> {
    const server = postmaster(this.#up);
    this.#told = true;
    await this.#up.end("SIGKILL");
    await waitFor(() => !isAlive(server));
  }

  async comeBack(): Promise<void> {
    this.#up = await start(this.#up.project, this.#port);
    this.#mind(this.#up);
  }

  /** Kills the database server, which the stack starts again. */
  async killPostgres(): Promise<void> {
    // One that is just being started has not written down yet who it is.
    const server = await waitFor(() => {
      const found = postmaster(this.#up);
      process.kill(found, "SIGKILL");
      return found;
    });
    await waitFor(() => !isAlive(server));
  }

  /** The last that the stack has said, for whoever looks for the reason of a failure. */
  last(): string {
    const log = readFileSync(path.join(this.#up.data, "stack.log"), "utf8");
    return `${this.fallen ? `the stack has ended: ${this.fallen}\n` : ""}${log.slice(-3_000)}`;
  }

  async close(): Promise<void> {
    this.#told = true;
    await this.#up.end();
  }

  /** Opens one more session of an account and ends it: its topics move to the next revision. */
  async endOneSession({ email, password: secret }: Account): Promise<void> {
    await waitFor(async () => {
      const device = createClient(this.env.API_URL, this.env.PUBLISHABLE_KEY, {
        auth: { persistSession: false, autoRefreshToken: false },
        realtime: { transport: WebSocket as never },
      });
      const { error } = await device.auth.signInWithPassword({ email, password: secret });
      return !error && !(await device.auth.signOut({ scope: "local" })).error;
    });
  }

  /**
   * Has a device go on with a token that expires in a moment, as one does that has slept for an hour.
   * @returns when it expires, in milliseconds since 1970
   */
  shortenSession({ supabase }: TrackIt): Promise<number> {
    return waitFor(async () => {
      const { data } = await supabase.auth.getSession();
      if (!data.session) return null;
      const claims = decodeJwt(data.session.access_token);
      const { signingKey } = JSON.parse(
        readFileSync(path.join(this.#up.data, "keys.json"), "utf8"),
      ) as StackKeys;
      const end = Math.floor(Date.now() / 1000) + shortLife;
      const { alg = "ES256", kid } = signingKey.publicJwk;
      const access_token = await new SignJWT(claims)
        .setProtectedHeader({ alg, ...(kid ? { kid } : {}) })
        .setExpirationTime(end)
        .sign(await importJWK(signingKey.privateJwk));
      const { refresh_token } = data.session;
      const { error } = await supabase.auth.setSession({ access_token, refresh_token });
      return error ? null : end * 1000;
    });
  }

  /** Makes a confirmed account. */
  async register(name: string): Promise<Account> {
    const email = `${name}@example.test`;
    const root = createClient(this.env.API_URL, this.env.SECRET_KEY, {
      auth: { persistSession: false, autoRefreshToken: false },
      realtime: { transport: WebSocket as never },
    });
    const user = { email, password, email_confirm: true, user_metadata: { username: `${name}-test` } };
    const { data, error } = await root.auth.admin.createUser(user);
    if (error) throw error;
    return { id: data.user.id, email, password };
  }
}

function start(project: string, port: number): Promise<Up> {
  return startUp({ project, words: ["--port", String(port), "--no-web"] });
}

/** The project's configuration with limits that a test does not reach. */
function config(): string {
  const text = readFileSync(path.join(root, "supabase", "config.toml"), "utf8");
  return text
    .replace(/^project_id = .*/m, 'project_id = "faults"')
    .replace(/^(email_sent|token_refresh|sign_in_sign_ups|token_verifications) = .*/gm, `$1 = ${many}`)
    .replace(/(\[(?:edge_runtime|db\.seed)\]\n)enabled = true/g, "$1enabled = false")
    .replace(/\[realtime\]\n/, `$&max_events_per_second = ${many}\nmax_joins_per_second = ${many}\n`);
}
