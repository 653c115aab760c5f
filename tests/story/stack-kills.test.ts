import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cleanUp,
  isAlive,
  makeProject,
  postmaster,
  query,
  readNotes,
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
    const rows = await waitFor(() =>
      query<{ pid: number }>(
        up,
        `select pid from pg_stat_activity where backend_type = '${kind}' and pid <> pg_backend_pid()`,
      ),
    );
    return rows[0]?.pid ?? 0;
  };

  it.each([
    ["Postgres", async () => postmaster(up)],
    ["a backend", () => processOf("client backend")],
    ["the checkpointer", () => processOf("checkpointer")],
    ["the WAL writer", () => processOf("walwriter")],
    ["Postgres again", async () => postmaster(up)],
  ])("%s: REST and Auth answer again, and writing goes on", async (_, find) => {
    const pid = await find();
    const before = writer.acknowledged.length;
    process.kill(pid, "SIGKILL");
    await waitFor(() => !isAlive(pid));
    await expectAlive(up);
    await waitFor(() => writer.acknowledged.length > before + 5);
  });

  it("the stack itself: Postgres goes with it, and the next start has every acknowledged row", async () => {
    const server = postmaster(up);
    await up.end("SIGKILL");
    await writer.stop();
    await waitFor(() => !isAlive(server));
    up = await startUp({ project: up.project });
    const kept = new Set(await readNotes(up));
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
