import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it } from "vitest";
import {
  cleanUp,
  makeFolder,
  makeProject,
  notes,
  query,
  readNotes,
  run,
  startUp,
  type Up,
  writeNote,
} from "./stack-kit.ts";

afterAll(cleanUp);

const supabase = path.resolve(import.meta.dirname, "../../node_modules/.bin/supabase");

/** The real CLI, in a project. */
async function cli(up: Up, ...words: string[]): Promise<string> {
  const env = {
    ...process.env,
    DO_NOT_TRACK: "1",
    SUPABASE_TELEMETRY_DISABLED: "1",
    NO_COLOR: "1",
    HOME: makeFolder(),
  };
  const args = [...words, `--remote=${up.env.DB_URL}`, "--workdir", up.project];
  const { stdout, stderr } = await promisify(execFile)(supabase, args, { env, cwd: up.project });
  return stdout + stderr;
}

const fileOf = (project: string, name: string) => path.join(project, "supabase", "migrations", name);
const first = "20260101000000_notes.sql";
const second = "20260202000000_tags.sql";

describe("migrations", () => {
  const project = makeProject();
  const start = () => run(["start", "--port", "0", "--project", project]);
  const restart = async (check?: (up: Up) => Promise<void>) => {
    const up = await startUp({ project });
    await check?.(up);
    expect((await up.end()).code).toBe(0);
  };

  it("that are pending are applied at the next start, and rows stay", async () => {
    await restart(async (up) => expect((await writeNote(up, "old")).status).toBe(201));
    writeFileSync(fileOf(project, second), "alter table notes add column tag text default 'new';\n");
    await restart(async (up) => {
      expect(await query(up, "select body, tag from notes")).toEqual([{ body: "old", tag: "new" }]);
      const rows = await query(
        up,
        "select version, name from supabase_migrations.schema_migrations order by 1",
      );
      expect(rows).toEqual([
        { version: "20260101000000", name: "notes" },
        { version: "20260202000000", name: "tags" },
      ]);
    });
  });

  it("that were edited after they were applied: refused, with the way out; undone, it starts", async () => {
    writeFileSync(fileOf(project, second), "alter table notes add column tag text default 'newer';\n");
    const { code, stderr } = await start();
    expect([code, stderr]).toEqual([
      1,
      `trackit-stack: migration ${second} was changed after it was applied; undo the change, or make the database ` +
        "anew with: npx trackit-stack reset\n",
    ]);
    writeFileSync(fileOf(project, second), "alter table notes add column tag text default 'new';\n");
    await restart();
  });

  it("whose file is gone: refused", async () => {
    rmSync(fileOf(project, second));
    const { code, stderr } = await start();
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining("migration 20260202000000 was applied and its file is gone"),
    ]);
    writeFileSync(fileOf(project, second), "alter table notes add column tag text default 'new';\n");
  });

  it("that fail: file, line and reason, nothing of it is kept; corrected, it starts", async () => {
    const third = "20260303000000_half.sql";
    writeFileSync(
      fileOf(project, third),
      "create table half (id int);\n\n-- ação 👍\ninsert into half (idd) values (1);\n",
    );
    const { code, stderr } = await start();
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`cannot apply migration ${third}, line 4: column "idd"`),
    ]);
    writeFileSync(fileOf(project, third), "create table half (id int);\ninsert into half values (1 / 0);\n");
    expect((await start()).stderr).toContain(
      `cannot apply migration ${third}, line 2: division by zero (22012)`,
    );
    writeFileSync(fileOf(project, third), "create table half (id int);\nset role anon;\n");
    await restart(async (up) => expect(await query(up, "select * from half")).toEqual([]));
  });

  it("two files of one version: refused, naming both", async () => {
    writeFileSync(fileOf(project, "20260202000000_twin.sql"), "");
    const { stderr } = await start();
    expect(stderr).toContain(
      `migrations ${second} and 20260202000000_twin.sql have the same version; rename one`,
    );
  });
});

describe("migrations and the Supabase CLI", () => {
  it("agree: what the stack applied is not pending for the CLI, what the CLI pushed is not pending for the stack", async () => {
    const up = await startUp({ project: makeProject() });
    expect(await cli(up, "migration", "list")).toContain("`20260101000000` | `20260101000000`");
    expect(await cli(up, "db", "push", "--yes")).toContain("up to date");
    const sql = "alter table notes add column tag text default 'pushed';\n";
    writeFileSync(fileOf(up.project, second), sql);
    await cli(up, "db", "push", "--yes");
    await up.end();
    const again = await startUp({ project: up.project });
    expect((await writeNote(again, "note")).status).toBe(201);
    expect(await query(again, "select tag from notes")).toEqual([{ tag: "pushed" }]);
    await again.end();
    writeFileSync(fileOf(up.project, second), `${sql}-- edited\n`);
    expect((await run(["start", "--port", "0", "--project", up.project])).stderr).toContain(
      `${second} was changed`,
    );
  });

  it("agree on an empty database: with migrations switched off, the CLI makes the same tables", async () => {
    const config = `${notes["supabase/config.toml"]}[db.migrations]\nenabled = false\n`;
    const project = makeProject({ ...notes, "supabase/config.toml": config });
    const up = await startUp({ project });
    await expect(readNotes(up)).rejects.toThrow("404");
    await cli(up, "db", "push", "--yes");
    await up.end();
    writeFileSync(path.join(project, "supabase", "config.toml"), notes["supabase/config.toml"]);
    const again = await startUp({ project });
    expect(await readNotes(again)).toEqual([]);
    expect(await query(again, "select name from supabase_migrations.schema_migrations")).toEqual([
      { name: first.slice(15, -4) },
    ]);
    await again.end();
  });
});
