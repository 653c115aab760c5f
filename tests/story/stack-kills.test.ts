import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import {
  asNobody,
  cleanUp,
  giveToNobody,
  isAlive,
  killFound,
  makeProject,
  postmaster,
  query,
  readNotes,
  run,
  startUp,
  trackitStack,
  type Up,
  waitFor,
  writeNote,
} from "./stack-kit.ts";

afterAll(cleanUp);

/** Writes notes until told to stop; what was acknowledged must be there for good. */
function keepWriting(up: Up) {
  const acknowledged: string[] = [];
  let on = true;
  const done = (async () => {
    for (let n = 0; on; n++) {
      const answer = await writeNote(up, `note ${n}`).catch(() => null);
      if (answer?.status === 201) acknowledged.push(`note ${n}`);
      await answer?.arrayBuffer().catch(() => {});
    }
  })();
  return {
    acknowledged,
    async stop() {
      on = false;
      await done;
    },
  };
}

async function expectAlive(up: Up): Promise<void> {
  await waitFor(() => readNotes(up));
  const auth = await waitFor(async () => {
    const answer = await fetch(`${up.env.API_URL}/auth/v1/settings`, {
      headers: { apikey: up.env.PUBLISHABLE_KEY },
    });
    return answer.ok;
  });
  expect(auth).toBe(true);
}

describe("kill -9 of a process of a running stack, under load", () => {
  let up: Up;
  let writer: ReturnType<typeof keepWriting>;
  beforeAll(async () => {
    up = await startUp();
    writer = keepWriting(up);
    await waitFor(() => writer.acknowledged.length > 5);
  });

  const processOf = async (kind: string) => {
    const [oldest] = await query<{ pid: number }>(
      up,
      `select pid from pg_stat_activity where backend_type = '${kind}' and pid <> pg_backend_pid()
       order by backend_start limit 1`,
    );
    if (!oldest) throw new Error(`looking for a ${kind}: there is none`);
    return oldest.pid;
  };

  it.each([
    ["Postgres", async () => postmaster(up)],
    ["a backend", () => processOf("client backend")],
    ["the checkpointer", () => processOf("checkpointer")],
    ["the WAL writer", () => processOf("walwriter")],
    ["Postgres again", async () => postmaster(up)],
  ])("%s: REST and Auth answer again, and writing goes on", async (_, find) => {
    const before = writer.acknowledged.length;
    await killFound(find, (pid) => pid);
    await expectAlive(up);
    await waitFor(() => writer.acknowledged.length > before + 5);
  });

  it("the stack itself: Postgres goes with it, and the next start has every acknowledged row", async () => {
    const server = postmaster(up);
    await up.end("SIGKILL");
    await writer.stop();
    await waitFor(() => !isAlive(server));
    up = await startUp({ project: up.project });
    // All of them: REST gives a thousand, and a quick machine writes more.
    const rows = await query<{ body: string }>(up, "select body from notes");
    const kept = new Set(rows.map(({ body }) => body));
    expect(writer.acknowledged.filter((note) => !kept.has(note))).toEqual([]);
    expect(kept.size).toBeGreaterThan(30);
  });

  it("the stack and Postgres at once: the next start waits for what is left of it", async () => {
    const server = postmaster(up);
    const rows = await readNotes(up);
    process.kill(server, "SIGKILL");
    await up.end("SIGKILL");
    up = await startUp({ project: up.project });
    expect(await readNotes(up)).toEqual(rows);
    await up.end();
  });
});

describe("where Postgres cannot be made to go with its parent (no setpriv)", () => {
  const without = { as: [...asNobody, "env", "PATH=/nowhere"] };
  const ours = () => {
    const project = makeProject();
    giveToNobody(project);
    return project;
  };

  it("it outlives kill -9; the next start ends it, has its ports and goes on with its rows; so does reset", async () => {
    const words = ["--port", String(await freePort())];
    const killed = await startUp({ ...without, project: ours(), words });
    expect((await writeNote(killed, "kept")).status).toBe(201);
    const server = postmaster(killed);
    await killed.end("SIGKILL");
    expect(isAlive(server)).toBe(true);
    const next = await startUp({ ...without, project: killed.project, words });
    expect(isAlive(server)).toBe(false);
    expect(await readNotes(next)).toEqual(["kept"]);
    const second = postmaster(next);
    await next.end("SIGKILL");
    expect(isAlive(second)).toBe(true);
    expect((await run(["reset", "--yes", "--data", next.data])).code).toBe(0);
    expect(isAlive(second)).toBe(false);
  });

  it("it is ended at least when the stack leaves by a second Ctrl-C", async () => {
    const up = await startUp({ ...without, project: ours() });
    const server = postmaster(up);
    up.child.kill("SIGINT");
    up.child.kill("SIGINT");
    await up.ended;
    await waitFor(() => !isAlive(server));
  });
});

describe("kill -9 during the first start", () => {
  const project = makeProject();
  const postgres = path.join(project, ".trackit", "postgres");
  const list = () => readdirSync(postgres);
  const phases: [string, () => boolean][] = [
    ["initdb", () => list().some((name) => name.startsWith("cluster."))],
    [
      "the bootstrap",
      () => readFileSync(path.join(postgres, "cluster", "postmaster.pid"), "utf8").includes("ready"),
    ],
    ["the last step", () => list().includes("ready")],
  ];

  it.each(phases)(
    "in %s: the next start begins from nothing or goes on, and is whole",
    async (_, reached) => {
      const first = trackitStack(["start", "--port", "0", "--project", project]);
      await waitFor(reached);
      first.child.kill("SIGKILL");
      await first.ended;
      const up = await startUp({ project });
      expect((await writeNote(up, "whole")).status).toBe(201);
      expect(list().filter((name) => /^(cluster|password)\./.test(name))).toEqual([]);
      await up.end();
      await import("node:fs/promises").then(({ rm }) =>
        rm(path.join(project, ".trackit"), { recursive: true }),
      );
    },
  );
});

it("kill -9 during a migration: nothing of it is kept, the rows are, and the next start applies it", async () => {
  const project = makeProject();
  const before = await startUp({ project });
  expect((await writeNote(before, "kept")).status).toBe(201);
  await before.end();
  const file = path.join(project, "supabase", "migrations", "20260202000000_slow.sql");
  const change = "alter table notes add column tag text default 'new';\n";
  writeFileSync(file, `${change}select pg_sleep(60);`);
  const killed = trackitStack(["start", "--port", "0", "--project", project]);
  const { databasePasswords } = JSON.parse(readFileSync(path.join(before.data, "keys.json"), "utf8"));
  await waitFor(async () => {
    const note = readFileSync(path.join(before.data, "postgres", "cluster", "postmaster.pid"), "utf8");
    const DB_URL = `postgresql://postgres:${databasePasswords.postgres}@127.0.0.1:${note.split("\n")[3]}/postgres`;
    const sleeping = "select pid from pg_stat_activity where wait_event = 'PgSleep'";
    return (await query({ env: { ...before.env, DB_URL } }, sleeping)).length > 0;
  });
  killed.child.kill("SIGKILL");
  await killed.ended;
  writeFileSync(file, change);
  const up = await startUp({ project });
  expect(await query(up, "select body, tag from notes")).toEqual([{ body: "kept", tag: "new" }]);
  await up.end();
});
