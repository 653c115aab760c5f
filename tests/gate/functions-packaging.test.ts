/** The real CLI deploys every function to a management API on loopback: exactly what it needs travels, and runs. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../stack/src/config/project.ts";
import { findDeno } from "../../stack/src/functions/deno.ts";
import { root } from "../support/stack.ts";

const ref = "abcdefghijklmnopqrst";
const config = await readConfig(root);
const names = Object.keys(config.functions);
const deno = findDeno();

interface Deployed {
  metadata: Record<string, unknown>;
  /** Contents by path, as the platform would get them. */
  files: Map<string, Buffer>;
}

let home: string;
let api: Server;
const deployed = new Map<string, Deployed>();
const strange: string[] = [];

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), "functions-packaging-"));
  api = createServer((request, response) => {
    void receive(request).then(
      (body) =>
        response
          .writeHead(request.method === "POST" ? 201 : 200, { "content-type": "application/json" })
          .end(body),
      (error: Error) => {
        strange.push(error.message);
        response.writeHead(500).end();
      },
    );
  });
  await new Promise<void>((resolve) => api.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const profile = {
    name: "loopback",
    api_url: url,
    dashboard_url: url,
    docs_url: url,
    project_host: "project.example",
    studio_image: "none",
  };
  writeFileSync(
    path.join(home, "profile.yaml"),
    Object.entries(profile)
      .map(([key, value]) => `${key}: ${value}\n`)
      .join(""),
  );
  for (const name of names) await deploy(name);
});
afterAll(() => {
  api?.close();
  rmSync(home, { recursive: true, force: true });
});

async function receive(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const url = new URL(request.url ?? "", "http://api");
  if (request.method !== "POST") return "{}";
  if (url.pathname !== `/v1/projects/${ref}/functions/deploy`)
    throw new Error(`${request.method} ${request.url}`);
  const headers = { "content-type": request.headers["content-type"] ?? "" };
  const form = await new Response(Buffer.concat(chunks), { headers }).formData();
  const slug = url.searchParams.get("slug") ?? "";
  const files = new Map<string, Buffer>();
  for (const file of form.getAll("file")) {
    if (typeof file === "string") throw new Error(`a part of ${slug} is no file`);
    files.set(file.name, Buffer.from(await file.arrayBuffer()));
  }
  const metadata = form.get("metadata");
  const text = typeof metadata === "string" ? metadata : await (metadata as File).text();
  deployed.set(slug, { metadata: JSON.parse(text) as Record<string, unknown>, files });
  return JSON.stringify({
    id: ref,
    slug,
    name: slug,
    status: "ACTIVE",
    version: 1,
    created_at: 1,
    updated_at: 1,
  });
}

function deploy(name: string): Promise<void> {
  const words = [
    "--profile",
    path.join(home, "profile.yaml"),
    "functions",
    "deploy",
    name,
    "--use-api",
    `--remote=${ref}`,
    "--yes",
  ];
  const child = spawn(path.join(root, "node_modules/.bin/supabase"), words, {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      SUPABASE_ACCESS_TOKEN: `sbp_${"a".repeat(40)}`,
      DO_NOT_TRACK: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  child.stdout.on("data", (chunk) => (said += chunk));
  child.stderr.on("data", (chunk) => (said += chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`deploying ${name}: ${said}`))));
  });
}

/** What Deno finds from the entrypoint on, as paths from the root; no part of the CLI's own reading. */
function modulesOf(name: string): string[] {
  const entry = path.join("functions", name, "index.ts");
  const { stdout } = spawnSync(
    deno,
    [
      "info",
      "--json",
      "--no-remote",
      "--no-lock",
      "--node-modules-dir=manual",
      "--config=functions/deno.json",
      entry,
    ],
    { cwd: root, encoding: "utf8", env: { DENO_DIR: path.join(home, "cache"), DENO_NO_UPDATE_CHECK: "1" } },
  );
  const { modules } = JSON.parse(stdout) as { modules: { specifier: string }[] };
  const prefix = new URL(`file://${root}/`).href;
  return modules
    .map(({ specifier }) => specifier)
    .filter((specifier) => specifier.startsWith(prefix) && !specifier.includes("/node_modules/"))
    .map((specifier) => decodeURIComponent(specifier.slice(prefix.length)));
}

const of = (name: string): Deployed => {
  const found = deployed.get(name);
  if (!found) throw new Error(`${name} was not deployed`);
  return found;
};

it("every folder of functions/ with an index.ts is registered in config.toml, and no other", () => {
  const folders = readdirSync(path.join(root, "functions"), { recursive: true, encoding: "utf8" })
    .filter((file) => /^[^/_.][^/]*\/index\.ts$/.test(file))
    .map((file) => path.dirname(file));
  expect(names.sort()).toEqual(folders.sort());
  expect(names.length).toBeGreaterThan(0);
});

it("the CLI asks for nothing else", () => {
  expect(strange).toEqual([]);
});

describe.each(names)("%s", (name) => {
  it("travels with its import map and its modules, and with nothing else", () => {
    const sent = [...of(name).files.keys()].sort();
    expect(sent).toEqual([...modulesOf(name), "functions/deno.json"].sort());
    const stowaways = sent.filter((file) =>
      /_test\.ts$|\.test\.ts$|\/testing\/|scenarios|\.env|node_modules|^stack\/|^supabase\//.test(file),
    );
    expect(stowaways).toEqual([]);
    for (const file of sent.filter((one) => one.startsWith("sdk/")))
      expect(file).toMatch(/^sdk\/src\/(?:schema\/|sanitize\/|errors\.ts$)/);
  });

  it("travels unchanged", () => {
    for (const [file, bytes] of of(name).files)
      expect([file, bytes.equals(readFileSync(path.join(root, file)))]).toEqual([file, true]);
  });

  it("is told to verify by itself, from its own entrypoint", () => {
    expect(of(name).metadata).toMatchObject({
      name,
      verify_jwt: false,
      entrypoint_path: `functions/${name}/index.ts`,
      import_map_path: "functions/deno.json",
    });
  });

  it("runs from what travelled alone, and refuses a key of another project", async () => {
    const folder = path.join(home, `run-${name}`);
    for (const [file, bytes] of of(name).files) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), bytes);
    }
    symlinkSync(path.join(root, "node_modules"), path.join(folder, "node_modules"));
    const { child, url } = await serve(folder, name);
    try {
      const headers = { apikey: "sb_publishable_of_another_project" };
      const answer = await fetch(`${url}/${name}`, { method: "POST", headers, body: "{}" });
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({
        code: expect.stringMatching(/^AUTH_/),
        message: expect.any(String),
      });
    } finally {
      child.kill("SIGKILL");
    }
  });
});

/** Starts a deployed function under plain Deno, with an environment such as the platform gives. */
function serve(folder: string, name: string): Promise<{ child: ChildProcess; url: string }> {
  const offline = ["--no-remote", "--cached-only", "--no-lock", "--node-modules-dir=manual", "--no-prompt"];
  const rights = ["--allow-env", "--allow-read", "--allow-net=127.0.0.1"];
  const child = spawn(
    deno,
    ["run", ...offline, ...rights, "--config=functions/deno.json", `functions/${name}/index.ts`],
    {
      cwd: folder,
      env: {
        DENO_DIR: path.join(home, "cache"),
        DENO_NO_UPDATE_CHECK: "1",
        DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0",
        NO_COLOR: "1",
        SUPABASE_URL: "http://127.0.0.1:9",
        SUPABASE_SECRET_KEYS: '{"default":"sb_secret_x"}',
        SUPABASE_PUBLISHABLE_KEYS: '{"default":"sb_publishable_x"}',
        SUPABASE_JWKS: '{"keys":[]}',
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let said = "";
  return new Promise((resolve, reject) => {
    const read = (chunk: Buffer) => {
      said += chunk;
      const url = /Listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(said)?.[1];
      if (url) resolve({ child, url });
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("close", () => reject(new Error(`${name} does not run from what was deployed:\n${said}`)));
  });
}

it("functions use the versions that SDK and stack use", () => {
  const read = (file: string) =>
    JSON.parse(readFileSync(path.join(root, file), "utf8")) as Record<string, Record<string, string>>;
  const { imports = {} } = read("functions/deno.json");
  const known = { ...read("stack/package.json").dependencies, ...read("sdk/package.json").dependencies };
  for (const [name, target] of Object.entries(imports)) {
    const [, packageName = "", version = ""] = /^npm:((?:@[^/]+\/)?[^@/]+)@([^/]+)/.exec(target) ?? [];
    expect([name, version]).toEqual([name, known[packageName]]);
  }
});
