import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.ts";
import {
  cleanUp,
  isAlive,
  makeFolder,
  makeProject,
  notes,
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

describe("a stack on its data directory", () => {
  const project = makeProject({
    ...notes,
    "supabase/seed.sql": "insert into notes (body) values ('from the seed');",
  });
  let up: Up;
  beforeAll(async () => {
    up = await startUp({ project });
  });

  it("tells addresses and keys in one line, by the names of the CLI", () => {
    expect(up.stdout().split("\n")).toHaveLength(2);
    expect(Object.keys(up.env)).toEqual(
      expect.arrayContaining([
        ...["API_URL", "DB_URL", "PUBLISHABLE_KEY", "SECRET_KEY", "ANON_KEY", "SERVICE_ROLE_KEY"],
        ...["JWT_SECRET", "MAILPIT_URL", "INBUCKET_URL"],
      ]),
    );
  });

  it("keeps its folder to its user", () => {
    expect(statSync(up.data).mode & 0o777).toBe(0o700);
    for (const file of ["keys.json", "state.json", "stack.log"])
      expect([file, statSync(path.join(up.data, file)).mode & 0o777]).toEqual([file, 0o600]);
  });

  it("status prints what start printed", async () => {
    const status = await run(["status", "--json", "--data", up.data]);
    expect(status.code).toBe(0);
    expect(JSON.parse(status.stdout)).toEqual(up.env);
    expect((await run(["status", "--data", up.data])).stdout).toContain(`API_URL=${up.env.API_URL}\n`);
  });

  it("a second start is refused and names the process; the first goes on", async () => {
    const second = await run(["start", "--port", "0", "--project", project, "--data", up.data]);
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`a stack is running there (process ${up.pid})`);
    expect(await readNotes(up)).toContain("from the seed");
  });

  it("reset is refused while it runs", async () => {
    const reset = await run(["reset", "--yes", "--data", up.data]);
    expect(reset.code).toBe(1);
    expect(reset.stderr).toContain(`process ${up.pid}`);
  });

  it("stop waits for its end; the next start has the rows and the keys, and seeds nothing again", async () => {
    expect((await writeNote(up, "kept")).status).toBe(201);
    const stop = await run(["stop", "--data", up.data]);
    expect([stop.code, stop.stdout]).toEqual([0, "stopped\n"]);
    expect((await up.ended).code).toBe(0);
    expect((await run(["status", "--data", up.data])).code).toBe(1);
    expect((await run(["stop", "--data", up.data])).stdout).toContain("no stack runs");
    const before = up.env;
    up = await startUp({ project });
    expect(await readNotes(up)).toEqual(["from the seed", "kept"]);
    expect(up.env.SECRET_KEY).toBe(before.SECRET_KEY);
  });

  it("logs prints what was written, --follow what comes, until its reader goes", async () => {
    expect((await run(["logs", "--data", up.data])).stdout).toContain('"event":"stack.start"');
    expect((await run(["logs", "--postgres", "--data", up.data])).stdout).toContain(
      "ready to accept connections",
    );
    const following = trackitStack(["logs", "--follow", "--data", up.data]);
    await waitFor(() => following.stdout().includes("stack.start"));
    const before = following.stdout().length;
    await readNotes(up);
    await waitFor(() => following.stdout().slice(before).includes('"path":"/rest/v1/notes"'));
    following.child.stdout?.destroy();
    // It notices at its next line.
    const { code } = await waitFor(async () => {
      await readNotes(up);
      return Promise.race([following.ended, new Promise<null>((resolve) => setImmediate(resolve, null))]);
    });
    expect(code).toBe(0);
  });

  it("a closed output does not bother it", async () => {
    up.child.stdout?.destroy();
    up.child.stderr?.destroy();
    expect(await readNotes(up)).toContain("kept");
    expect((await up.end("SIGINT")).code).toBe(0);
  });

  it("reset --yes empties the database and keeps the keys", async () => {
    const keys = readFileSync(path.join(up.data, "keys.json"), "utf8");
    expect((await run(["reset", "--data", up.data])).code).toBe(2);
    expect((await run(["reset", "--yes", "--data", up.data])).code).toBe(0);
    expect(existsSync(path.join(up.data, "postgres"))).toBe(false);
    expect(readFileSync(path.join(up.data, "keys.json"), "utf8")).toBe(keys);
    const anew = await startUp({ project, words: ["--no-seed"] });
    expect(await readNotes(anew)).toEqual([]);
    expect((await anew.end("SIGHUP")).code).toBe(0);
  });
});

describe("two starts", () => {
  it("at the same moment on the same data: exactly one wins", async () => {
    const project = makeProject();
    const starts = await Promise.allSettled([
      startUp({ project }),
      startUp({ project }),
      startUp({ project }),
    ]);
    const won = starts.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    const lost = starts.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
    expect(won).toHaveLength(1);
    for (const reason of lost) expect(reason).toContain(`a stack is running there (process ${won[0]?.pid})`);
    expect((await won[0]?.end())?.code).toBe(0);
  });
});

describe("an end", () => {
  it("by a second Ctrl-C is at once, while an answer is under way; Postgres goes too, and the data is whole", async () => {
    const up = await startUp();
    expect((await writeNote(up, "kept")).status).toBe(201);
    const server = postmaster(up);
    const slow = await beginRequest(up);
    up.child.kill("SIGINT");
    await waitFor(() => refusesConnections(up));
    expect((await up.end("SIGINT")).code).toBe(130);
    slow.destroy();
    await waitFor(() => !isAlive(server));
    const again = await startUp({ project: up.project });
    expect(await readNotes(again)).toEqual(["kept"]);
    await again.end();
  });

  it("of an ephemeral stack takes its data along; what a killed one left, the next start removes", async () => {
    const tmp = makeFolder();
    const options = { env: { TMPDIR: tmp }, data: null };
    const folders = () => readdirSync(tmp).filter((name) => /^trackit-.{6}$/.test(name));
    const killed = await startUp(options);
    await killed.end("SIGKILL");
    const [left] = folders();
    expect(left).toBeDefined();
    const next = await startUp({ ...options, project: killed.project });
    expect(folders()).toHaveLength(1);
    expect(folders()).not.toContain(left);
    await next.end();
    expect(folders()).toEqual([]);
    expect(readdirSync(killed.project)).toEqual(["supabase"]);
  });
});

describe("a busy port", () => {
  it.each([
    ["the API", 0],
    ["Postgres", 1],
    ["the mailbox", 2],
    ["SMTP", 3],
    ["the web app", 4],
  ])("of %s: says who holds it, and starts nothing", async (title, at) => {
    const project = makeProject({ ...notes, "examples/web/dist/index.html": "<title>notes</title>" });
    const first = await freePort();
    const squatter = createServer().listen(first + at, "127.0.0.1");
    const start = await run(["start", "--project", project, "--port", String(first)]);
    squatter.close();
    expect(start.code).toBe(1);
    expect(start.stderr).toContain(
      `cannot open port ${first + at} for ${title}: it is held by process ${process.pid}`,
    );
    expect(existsSync(path.join(project, ".trackit", "postgres"))).toBe(false);
  });

  it("--port N takes a row of ports from N on", async () => {
    const first = await freePort();
    const up = await startUp({ words: ["--port", String(first)] });
    expect(up.env.API_URL).toBe(`http://127.0.0.1:${first}`);
    expect(new URL(up.env.DB_URL).port).toBe(String(first + 1));
    expect(up.env.MAILPIT_URL).toBe(`http://127.0.0.1:${first + 2}`);
    await up.end();
  });
});

describe("a project of somebody else", () => {
  it("starts with sections, names and values of its own", async () => {
    const project = makeProject({
      ...notes,
      "supabase/config.toml": foreign,
      "supabase/.env": "SITE=http://localhost:4321\n",
      "supabase/seeds/1_first.sql": "insert into notes (body) values ('one');",
      "supabase/seeds/2_second.sql": "insert into notes (body) values ('two');",
    });
    const up = await startUp({
      project,
      env: { LIFETIME: "1200", PGSSLMODE: "require", PGOPTIONS: "-c role=nobody" },
    });
    expect(await readNotes(up)).toEqual(["one", "two"]);
    expect(up.env.WEB_URL).toBeUndefined();
    const version = await query<{ v: string }>(up, "select current_setting('server_version_num') v");
    expect(version[0]?.v).toMatch(/^17/);
    await up.end();
  });

  it("without a folder supabase/: says what is missing", async () => {
    const start = await run(["start", "--project", makeProject({ "README.md": "" })]);
    expect(start.code).toBe(1);
    expect(start.stderr).toContain("config.toml: there is none; name the project's folder with --project");
  });
});

/** A request whose body never ends. */
async function beginRequest({ env }: Up): Promise<Socket> {
  const { port, host } = new URL(env.API_URL);
  const socket = connect(Number(port), "127.0.0.1").on("error", () => {});
  const head = [`POST /rest/v1/notes HTTP/1.1`, `host: ${host}`, `apikey: ${env.PUBLISHABLE_KEY}`];
  socket.write([...head, "content-type: application/json", "content-length: 100", "", "{"].join("\r\n"));
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

function refusesConnections({ env }: Up): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(env.API_URL).port), "127.0.0.1", () => resolve(false));
    socket.once("error", () => resolve(true)).once("connect", () => socket.destroy());
  });
}

const foreign = `
project_id = "theirs"
[api]
schemas = ["public", "graphql_public"]
[db.seed]
sql_paths = ["./seeds/*.sql"]
[inbucket]
enabled = true
port = 54324
[auth]
site_url = "env(SITE)"
jwt_expiry = "env(LIFETIME)"
[auth.external.apple]
enabled = false
secret = "env(APPLE_SECRET)"
[storage]
file_size_limit = "50MiB"
[realtime]
enabled = true
[analytics]
enabled = true
backend = "postgres"
[experimental]
orioledb_version = ""
[remotes.production]
project_id = "abcdefghijklmnopqrst"
`;
