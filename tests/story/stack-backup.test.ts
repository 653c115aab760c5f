import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  asNobody,
  cleanUp,
  giveToNobody,
  isRoot,
  makeFolder,
  makeProject,
  readNotes,
  run,
  startUp,
  type Up,
  waitFor,
  writeNote,
} from "./stack-kit.ts";

afterAll(cleanUp);

const mails = async ({ env }: Up) =>
  (
    (await (await fetch(`${env.MAILPIT_URL}/api/v1/messages`)).json()) as { messages: { ID: string }[] }
  ).messages.map(({ ID }) => ID);

describe("a backup", () => {
  const folder = makeFolder();
  const file = path.join(folder, "backups", "one.tgz");
  let up: Up;
  beforeAll(async () => {
    up = await startUp();
    expect((await writeNote(up, "before")).status).toBe(201);
    await fetch(`${up.env.API_URL}/auth/v1/otp`, {
      method: "POST",
      headers: { apikey: up.env.PUBLISHABLE_KEY, "content-type": "application/json" },
      body: JSON.stringify({ email: "ada@example.com" }),
    });
    await waitFor(async () => (await mails(up)).length === 1);
  });

  it("of a running stack that is being written to holds all that was acknowledged before it, and a whole row at most of what came after", async () => {
    const acknowledged: string[] = [];
    let on = true;
    const writer = (async () => {
      for (let n = 0; on; n++)
        if ((await writeNote(up, `note ${n}`)).status === 201) acknowledged.push(`note ${n}`);
    })();
    await waitFor(() => acknowledged.length > 20);
    const before = [...acknowledged];
    const backup = await run(["backup", file, "--data", up.data]);
    on = false;
    await writer;
    expect([backup.code, backup.stderr]).toEqual([0, ""]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(path.dirname(file))).toEqual(["one.tgz"]);

    const restored = await restoreAndStart(file);
    const rows = (await readNotes(restored)).slice(1);
    expect(rows.slice(0, before.length)).toEqual(before);
    expect(rows).toEqual(acknowledged.slice(0, rows.length));
    expect(await mails(restored)).toEqual(await mails(up));
    for (const name of ["PUBLISHABLE_KEY", "SECRET_KEY", "ANON_KEY", "JWT_SECRET"] as const)
      expect(restored.env[name]).toBe(up.env[name]);
    await restored.end();
  });

  it("of a stopped one holds the same rows", async () => {
    const rows = await readNotes(up);
    await up.end();
    expect((await run(["backup", file, "--data", up.data])).code).toBe(0);
    const restored = await restoreAndStart(file);
    expect(await readNotes(restored)).toEqual(rows);
    await restored.end();
  });

  it("is refused inside the data directory, and of a folder where no stack has kept anything", async () => {
    const inside = await run(["backup", path.join(up.data, "b.tgz"), "--data", up.data]);
    expect([inside.code, inside.stderr]).toEqual([1, expect.stringContaining("name a file outside")]);
    const nothing = await run(["backup", file, "--data", makeFolder("empty")]);
    expect([nothing.code, nothing.stderr]).toEqual([
      1,
      expect.stringContaining("no stack has kept data there"),
    ]);
  });

  it("restored over data: refused, and the data stays", async () => {
    const before = readdirSync(up.data).sort();
    const { code, stderr } = await run(["restore", file, "--data", up.data]);
    expect([code, stderr]).toEqual([1, expect.stringContaining("it is not an empty folder")]);
    expect(readdirSync(up.data).sort()).toEqual(before);
  });

  it("restored: folders are 0700, files 0600, those of the database its user's", async () => {
    const data = path.join(makeFolder(), "data");
    expect((await run(["restore", file, "--data", data])).code).toBe(0);
    const server = statSync(path.join(data, "postgres")).uid;
    expect(server === 0).toBe(false);
    for (const entry of readdirSync(data, { recursive: true, withFileTypes: true })) {
      const full = path.join(entry.parentPath, entry.name);
      const found = statSync(full);
      expect([full, found.mode & 0o777]).toEqual([full, entry.isDirectory() ? 0o700 : 0o600]);
      if (isRoot && full.startsWith(`${data}/postgres/`)) expect([full, found.uid]).toEqual([full, server]);
    }
  });

  it("of an ordinary user, restored by that user: goes on as that user", async () => {
    const project = makeProject();
    giveToNobody(project);
    const mine = await startUp({ project, as: asNobody });
    expect((await writeNote(mine, "mine")).status).toBe(201);
    const copy = path.join(project, "copy.tgz");
    expect((await run(["backup", copy, "--data", mine.data], { as: asNobody })).stderr).toBe("");
    await mine.end();
    const data = path.join(project, "restored");
    expect((await run(["restore", copy, "--data", data], { as: asNobody })).stderr).toBe("");
    const again = await startUp({ project, data, as: asNobody });
    expect(await readNotes(again)).toEqual(["mine"]);
    await again.end();
  });

  async function restoreAndStart(from: string): Promise<Up> {
    const data = path.join(makeFolder(), "restored");
    const { code, stderr } = await run(["restore", from, "--data", data]);
    expect([code, stderr]).toEqual([0, ""]);
    return startUp({ project: up.project, data });
  }
});
