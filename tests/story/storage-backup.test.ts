import { createHash, randomBytes } from "node:crypto";
import { existsSync, readdirSync, statSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { orphans } from "../support/storage-kills.ts";
import { cleanUp, makeFolder, makeProject, query, run, startUp, type Up, waitFor } from "./stack-kit.ts";
import { files } from "./storage-kit.ts";

afterAll(cleanUp);

const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const ask = ({ env }: Up, method: string, where: string, body?: Uint8Array | string) =>
  fetch(`${env.API_URL}/storage/v1${where}`, {
    method,
    headers: {
      apikey: env.SECRET_KEY,
      "x-upsert": "true",
      "x-metadata": btoa(JSON.stringify({ sum: body ? hash(Buffer.from(body)) : "" })),
    },
    ...(body === undefined ? {} : { body: body as BodyInit }),
  });

/** Names whose bytes are not what their row says, of all that there are. */
async function damaged(up: Up): Promise<string[]> {
  const rows = await query<{ name: string; sum: string }>(
    up,
    "select name, user_metadata ->> 'sum' as sum from storage.objects where bucket_id = 'open' order by name",
  );
  expect(rows.length).toBeGreaterThan(0);
  const wrong: string[] = [];
  for (const { name, sum } of rows) {
    const answer = await ask(up, "GET", `/object/open/${name}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    if (answer.status !== 200 || hash(bytes) !== sum) wrong.push(`${name}: ${answer.status}`);
  }
  return wrong;
}

describe("objects on disk", () => {
  let up: Up;
  beforeAll(async () => {
    up = await startUp({ project: makeProject(files) });
  });

  it("are private to the stack's user, named by versions, and one per object", async () => {
    expect((await ask(up, "POST", "/object/open/first", randomBytes(10))).status).toBe(200);
    const folder = path.join(up.data, "storage", "objects");
    const found = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (name) => name.length > 2,
    );
    const rows = await query<{ version: string }>(up, "select version from storage.objects");
    expect(rows.length).toBeGreaterThan(1);
    expect(found.sort()).toEqual(rows.map(({ version }) => `${version.slice(0, 2)}/${version}`).sort());
    expect(statSync(path.join(folder, found[0] ?? "")).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it("a backup taken while files are replaced and removed holds the bytes of every row that it holds", async () => {
    const acknowledged: string[] = [];
    let on = true;
    const writer = async (id: number) => {
      for (let n = 0; on; n++) {
        const name = `w${id}-${n % 7}`;
        const kept = `w${id}-kept-${n}`;
        if (n % 5 === 4) await (await ask(up, "DELETE", `/object/open/${name}`)).arrayBuffer();
        else await (await ask(up, "POST", `/object/open/${name}`, randomBytes(20_000))).arrayBuffer();
        const answer = await ask(up, "POST", `/object/open/${kept}`, randomBytes(100));
        if (answer.ok) acknowledged.push(kept);
        await answer.arrayBuffer();
      }
    };
    const writers = [writer(1), writer(2)];
    await waitFor(() => acknowledged.length > 20);
    const before = [...acknowledged];
    const file = path.join(makeFolder(), "one.tgz");
    const backup = await run(["backup", file, "--data", up.data]);
    on = false;
    await Promise.all(writers);
    expect([backup.code, backup.stderr]).toEqual([0, ""]);
    const data = path.join(makeFolder(), "restored");
    expect((await run(["restore", file, "--data", data])).code).toBe(0);
    const restored = await startUp({ project: up.project, data });
    expect(await damaged(restored)).toEqual([]);
    const names = await query<{ name: string }>(restored, "select name from storage.objects");
    const held = new Set(names.map(({ name }) => name));
    expect(before.filter((name) => !held.has(name))).toEqual([]);
    // What the copy had of more than its rows name is swept at the start.
    await waitFor(async () => (await orphans(restored)).length === 0);
    await restored.end();
  });

  it("after the backup, what is replaced goes again", async () => {
    await waitFor(async () => {
      await (await ask(up, "POST", "/object/open/again", randomBytes(10))).arrayBuffer();
      const version = "select version from storage.objects where name = 'again'";
      const [old] = await query<{ version: string }>(up, version);
      await (await ask(up, "POST", "/object/open/again", randomBytes(10))).arrayBuffer();
      const name = old?.version ?? "";
      return !existsSync(path.join(up.data, "storage", "objects", name.slice(0, 2), name));
    });
  });

  it("reset removes them", async () => {
    expect((await up.end()).code).toBe(0);
    expect((await run(["reset", "--yes", "--data", up.data])).code).toBe(0);
    expect(existsSync(path.join(up.data, "storage"))).toBe(false);
  });
});
