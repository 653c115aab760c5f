import { mkdtemp, readFile, rm } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { importJWK, SignJWT } from "jose";
import pg from "pg";
import { createGateway } from "../../gateway/index.ts";
import { createKeys, type StackKeys } from "../../keys/keys.ts";
import { createLog } from "../../log.ts";
import type { Part } from "../../part.ts";
import { bootstrap } from "../../postgres/bootstrap.ts";
import { startServer } from "../../postgres/server.ts";
import type { EngineOptions } from "../engine.ts";
import { createRest } from "../index.ts";

/** The cast: ada and ben are users, eve is the outsider. */
export const people = {
  ada: "00000000-0000-4000-8000-00000000000a",
  ben: "00000000-0000-4000-8000-00000000000b",
  eve: "00000000-0000-4000-8000-00000000000e",
} as const;

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: unknown;
}

/** A real Postgres with the fixture's tables, and REST behind the gateway in front of it. */
export interface Fixture {
  url: string;
  keys: StackKeys;
  engine: EngineOptions;
  /** The superuser's own connection, past REST. */
  admin: pg.Client;
  /** Lines of the log so far. */
  log: string[];
  token(claims?: Record<string, unknown>): Promise<string>;
  /** A request as a signed-in person, or by the bare key as `anon` and `service`. */
  as(who: keyof typeof people | "anon" | "service"): (target: string, init?: RequestInit) => Promise<Answer>;
  stop(): Promise<void>;
}

/** @param more parts that the gateway serves beside REST */
export async function startFixture(more: Record<string, Part> = {}): Promise<Fixture> {
  const folder = await mkdtemp(path.join(os.tmpdir(), "trackit-rest-"));
  const keys = await createKeys();
  const lines: string[] = [];
  const log = createLog((line) => lines.push(line), "debug");
  const port = await freePort();
  const password = keys.databasePasswords.supabase_admin;
  const server = await startServer({ folder, port, password, ephemeral: true, log });
  const urlOf = (role: keyof StackKeys["databasePasswords"]) =>
    `postgresql://${role}:${keys.databasePasswords[role]}@127.0.0.1:${port}/postgres`;
  await bootstrap(urlOf("supabase_admin"), keys.databasePasswords);
  await runAsPostgres(urlOf("postgres"));
  const engine: EngineOptions = {
    databaseUrl: urlOf("authenticator"),
    adminDatabaseUrl: urlOf("supabase_admin"),
    config: { schemas: ["public"], extra_search_path: ["public", "extensions"], max_rows: 1000 },
    log,
  };
  const rest = await createRest(engine);
  const gateway = await createGateway({ port: 0, keys, parts: { "/rest/v1": rest, ...more }, log });
  const url = `http://127.0.0.1:${gateway.port}`;
  const admin = new pg.Client({ connectionString: urlOf("supabase_admin") });
  await admin.connect();
  const token = createSigner(keys, `${url}/auth/v1`);
  return {
    url,
    keys,
    engine,
    admin,
    log: lines,
    token,
    as: (who) => async (target, init) => {
      const key = who === "service" ? keys.secretKey : keys.publishableKey;
      const headers = new Headers(init?.headers);
      headers.set("apikey", key);
      if (who !== "anon" && who !== "service") {
        headers.set("authorization", `Bearer ${await token({ sub: people[who] })}`);
      }
      if (typeof init?.body === "string" && !headers.has("content-type")) {
        headers.set("content-type", "application/json");
      }
      const response = await fetch(url + target, { ...init, headers });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: parse(text) };
    },
    async stop() {
      await gateway.close();
      await rest.close();
      await admin.end();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function runAsPostgres(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(await readFile(new URL("fixture.sql", import.meta.url), "utf8"));
  await client.end();
}

function createSigner(keys: StackKeys, issuer: string) {
  return async (claims: Record<string, unknown> = {}): Promise<string> => {
    const key = await importJWK(keys.signingKey.privateJwk, "ES256");
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({
      iss: issuer,
      aud: "authenticated",
      role: "authenticated",
      exp: now + 600,
      ...claims,
    })
      .setProtectedHeader({ alg: "ES256", kid: keys.signingKey.kid, typ: "JWT" })
      .sign(key);
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
