import path from "node:path";
import pg from "pg";
import { type Stack, type StackOptions, startStack } from "../../stack/src/index.ts";
import { createHttp, type Send } from "./http.ts";

export const root = path.resolve(import.meta.dirname, "../..");

/** A stack of its own for a test file, and two ways to it: over HTTP, and straight into the database. */
export interface TestStack {
  env: Stack["env"];
  /** The data directory, which holds keys and log. */
  data: string;
  /** Raw HTTP to the gateway. */
  send: Send;
  /** As `postgres`, which bypasses policies: for arranging and for looking behind the scenes. */
  db: pg.Client;
  close(): Promise<void>;
}

/** Starts the project's stack on free ports with data of its own. */
export async function openStack(options: Pick<StackOptions, "config"> = {}): Promise<TestStack> {
  const stack = await startStack({
    ...options,
    project: root,
    ephemeral: true,
    port: 0,
    web: false,
    seed: false,
  });
  const http = createHttp(stack.env.API_URL);
  const db = new pg.Client({ connectionString: stack.env.DB_URL, application_name: "tests" });
  await db.connect();
  return {
    env: stack.env,
    data: stack.data,
    send: http.send,
    db,
    async close() {
      http.close();
      await db.end();
      await stack.stop();
    },
  };
}
