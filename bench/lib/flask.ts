import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import path from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import pg from "pg";
import { findProgram } from "./load.ts";
import type { BenchStack } from "./stack.ts";

/** Flask, SQLAlchemy and gunicorn on a database of their own in the same Postgres. */
export interface Flask {
  url: string;
  headers: Record<string, string>;
  stop(): Promise<void>;
}

const packages = "python3-flask python3-flask-sqlalchemy python3-jwt python3-psycopg2 gunicorn";

/** @returns null, with a word about it, where the packages are not installed */
export async function startFlask(stack: BenchStack): Promise<Flask | null> {
  const gunicorn = findProgram("gunicorn");
  if (!gunicorn || !importable()) {
    console.log(`Flask is absent, and not measured (Debian: apt-get install ${packages})`);
    return null;
  }
  await makeDatabase(stack.databaseUrl);
  const database = new URL(stack.databaseUrl);
  database.pathname = "/bench_flask";
  const port = await freePort();
  const folder = path.join(import.meta.dirname, "..", "peers", "flask");
  const args = [
    "--workers",
    "2",
    "--preload",
    "--bind",
    `127.0.0.1:${port}`,
    "--log-level",
    "warning",
    "app:app",
  ];
  const child = spawn(gunicorn, args, {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, DATABASE_URL: database.href, PYTHONDONTWRITEBYTECODE: "1" },
  });
  const url = `http://127.0.0.1:${port}`;
  const token = await signIn(url, child);
  return {
    url,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    stop: () =>
      new Promise((resolve) => {
        child.on("exit", () => resolve());
        child.kill("SIGTERM");
      }),
  };
}

function importable(): boolean {
  try {
    const modules = "import flask, flask_sqlalchemy, jwt, psycopg2";
    execFileSync("/usr/bin/python3", ["-c", modules], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

async function makeDatabase(connectionString: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  const { rowCount } = await client.query("select from pg_database where datname = 'bench_flask'");
  if (rowCount === 0) await client.query("create database bench_flask");
  await client.end();
}

async function signIn(url: string, child: ChildProcess): Promise<string> {
  const account = JSON.stringify({ email: `bench${Date.now()}@example.org`, password: "correct horse" });
  const send = (target: string) =>
    fetch(url + target, { method: "POST", headers: { "content-type": "application/json" }, body: account });
  for (let tries = 0; ; tries++) {
    try {
      await (await send("/register")).arrayBuffer();
      const answer = (await (await send("/login")).json()) as { access_token: string };
      return answer.access_token;
    } catch (error) {
      if (child.exitCode !== null || tries > 100) throw error;
      await wait(100);
    }
  }
}

async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
