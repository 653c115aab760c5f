import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { readConfig } from "./project.ts";

let project: string;
beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), "trackit-config-"));
  mkdirSync(path.join(project, "supabase"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(project, { recursive: true });
});

function config(text: string) {
  writeFileSync(path.join(project, "supabase", "config.toml"), text);
  return readConfig(project);
}

describe("readConfig()", () => {
  it("an empty file: the CLI's own defaults", async () => {
    const { api, db, auth } = await config("");
    expect([api.port, api.schemas, api.max_rows, db.port]).toEqual([54321, ["public"], 1000, 54322]);
    expect([auth.site_url, auth.jwt_expiry, auth.email.otp_length]).toEqual([
      "http://127.0.0.1:3000",
      3600,
      6,
    ]);
  });

  it("overrides win over the file, lists are replaced whole", async () => {
    await config('[api]\nport = 1000\nschemas = ["public", "more"]');
    const { api } = await readConfig(project, { api: { schemas: ["only"] } });
    expect([api.port, api.schemas]).toEqual([1000, ["only"]]);
  });

  it("env(NAME): from the process, then supabase/.env, then .env, with numbers and truths in text", async () => {
    writeFileSync(path.join(project, ".env"), "A=project\nB=project\nC=1200\n");
    writeFileSync(path.join(project, "supabase", ".env"), "A=supabase\nB=supabase\nD=true\n");
    vi.stubEnv("A", "process");
    const text = `project_id = "env(A)"
[api]
schemas = ["env(B)", "env(MISSING)"]
[auth]
jwt_expiry = "env(C)"
enable_anonymous_sign_ins = "env(D)"`;
    const { project_id, api, auth } = await config(text);
    expect([project_id, api.schemas]).toEqual(["process", ["supabase", "env(MISSING)"]]);
    expect([auth.jwt_expiry, auth.enable_anonymous_sign_ins]).toEqual([1200, true]);
  });

  it("the mailbox by its older name", async () => {
    expect((await config("[inbucket]\nport = 1234\n")).local_smtp.port).toBe(1234);
  });

  it("a byte-order mark and Windows' line ends", async () => {
    expect((await config("\uFEFF[api]\r\nport = 1234\r\n")).api.port).toBe(1234);
  });

  it.each([
    ["[api]\nport = \nmax_rows = 3", "config.toml, line 2:"],
    ["[api]\nport = 1\n[api]\nport = 2", "config.toml, line 3:"],
    ['[api]\nport = "many"', 'api.port is "many"; want a number'],
    ["[api]\nport = 70000", "api.port is 70000; want a port from 0 to 65535"],
    ['[api]\nschemas = "public"', 'api.schemas is "public"; want a list of texts'],
    ['[auth]\nenable_signup = "perhaps"', 'auth.enable_signup is "perhaps"; want true or false'],
    ["[auth]\nsite_url = 3", "auth.site_url is 3; want text"],
    ['[auth]\nsite_url = "localhost"', 'auth.site_url is "localhost"; want an address like'],
    [
      '[auth]\njwt_expiry = "env(NO_SUCH)"',
      "auth.jwt_expiry is env(NO_SUCH), and NO_SUCH is not set; want a number",
    ],
    ["auth = 3", "auth is 3; want a table"],
    ['[storage]\nfile_size_limit = "much"', 'storage.file_size_limit is "much"; want a size such as "50MiB"'],
    ["[storage.buckets]\na = 3", "storage.buckets.a is 3; want a table"],
    ['[storage.buckets.a]\npublic = "yes"', 'storage.buckets.a.public is "yes"; want true or false'],
    [
      '[storage.buckets.a]\nallowed_mime_types = "image/png"',
      'storage.buckets.a.allowed_mime_types is "image/png"; want a list of texts',
    ],
  ])("%j: refused, with what is wanted", async (text, reason) => {
    await expect(config(text)).rejects.toThrow(reason);
  });

  it("no file: says where it looked and what to do", async () => {
    await expect(readConfig(project)).rejects.toThrow(
      `cannot read ${path.join(project, "supabase", "config.toml")}: there is none; name the project's folder with --project`,
    );
  });
});
