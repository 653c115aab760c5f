import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Fixture, openFixture } from "./fixture.ts";

/** Tries what its caller asks and says how it ended; a refusal is Deno's NotCapable, a missing name undefined. */
const attempt = `
const acts = {
  read: (file) => Deno.readTextFile(file),
  list: (folder) => Array.fromAsync(Deno.readDir(folder), (entry) => entry.name),
  write: (file) => Deno.writeTextFile(file, "x"),
  remove: (file) => Deno.remove(file),
  fetch: async (url) => (await fetch(url)).text(),
  connect: async (port) => { (await Deno.connect({ port: Number(port) })).close(); return "connected"; },
  listen: (port) => Deno.listen({ port: Number(port) }),
  run: (program) => new Deno.Command(program).output(),
  ffi: (file) => Deno.dlopen(file, {}),
  sys: () => Deno.hostname(),
  env: (name) => Deno.env.get(name),
  environment: () => Deno.env.toObject(),
  import: (url) => import(url),
  kill: (pid) => Deno.kill(Number(pid), "SIGKILL"),
  worker: (url) => new Promise((done, fail) => { const w = new Worker(url, { type: "module", deno: { permissions: { run: true } } }); w.onmessage = done; w.onerror = fail; }),
};
Deno.serve(async (request) => {
  const query = new URL(request.url).searchParams;
  try {
    return Response.json({ got: (await acts[query.get("act")](query.get("of"))) ?? null });
  } catch (error) {
    return Response.json({ error: error.name, message: error.message });
  }
});`;

let fixture: Fixture;
let outside: Server;
const hits: string[] = [];
const portOf = (server: Server) => (server.address() as AddressInfo).port;

async function act(
  name: string,
  of = "",
  by = "attempt",
): Promise<{ got?: unknown; error?: string; message?: string }> {
  const answer = await fixture.call(`${by}?act=${name}&of=${encodeURIComponent(of)}`);
  return (await answer.json()) as { got?: unknown; error?: string };
}

beforeAll(async () => {
  outside = createServer((request, response) => {
    hits.push(request.url ?? "");
    response.end("from outside");
  });
  await new Promise<void>((resolve) => outside.listen(0, "127.0.0.1", resolve));
  process.env.TRACKIT_TEST_HOST_SECRET = "of the host";
  fixture = await openFixture({
    sources: { attempt, declared: attempt, neighbour: attempt },
    files: {
      "functions/attempt/own.txt": "own",
      "functions/_shared/shared.txt": "shared",
      "functions/neighbour/secret.txt": "theirs",
      "supabase/functions/.env": "MAIL_TOKEN='from the file'\nSUPABASE_URL=http://evil.example\nBOTH=file\n",
      "pages/one.txt": "static",
    },
    secrets: { BOTH: "config" },
    config: { declared: { static_files: ["../pages/*.txt"] } },
    trackit: { declared: { net: [`127.0.0.1:${portOf(outside)}`] } },
  });
});
afterAll(async () => {
  await fixture?.close();
  outside.close();
});

describe("a function may", () => {
  it("read its own folder, what functions share, and its static files", async () => {
    expect(await act("read", path.join(fixture.folder, "functions/attempt/own.txt"))).toEqual({ got: "own" });
    expect(await act("read", path.join(fixture.folder, "functions/_shared/shared.txt"))).toEqual({
      got: "shared",
    });
    expect(await act("read", path.join(fixture.folder, "pages/one.txt"), "declared")).toEqual({
      got: "static",
    });
  });

  it("see the platform's names and the project's secrets, which cannot take the platform's names", async () => {
    expect(await act("env", "SUPABASE_URL")).toEqual({ got: "http://127.0.0.1:9" });
    expect(await act("env", "MAIL_TOKEN")).toEqual({ got: "from the file" });
    expect(await act("env", "BOTH")).toEqual({ got: "config" });
    const { got } = await act("environment");
    expect(Object.keys(got as object).sort()).toEqual([
      "BOTH",
      "MAIL_TOKEN",
      "SB_EXECUTION_ID",
      "SB_REGION",
      "SUPABASE_ANON_KEY",
      "SUPABASE_DB_URL",
      "SUPABASE_JWKS",
      "SUPABASE_PUBLISHABLE_KEYS",
      "SUPABASE_SECRET_KEYS",
      "SUPABASE_SERVICE_ROLE_KEY",
      "SUPABASE_URL",
    ]);
  });

  it("reach the hosts that it declares", async () => {
    const url = `http://127.0.0.1:${portOf(outside)}/declared`;
    expect(await act("fetch", url, "declared")).toEqual({ got: "from outside" });
    expect(hits).toContain("/declared");
  });
});

describe("a function may not", () => {
  const refused = { error: "NotCapable" };

  it("read another function's folder, the project, the system, or its own process", async () => {
    const files = [
      "functions/neighbour/secret.txt",
      "functions/deno.json",
      "supabase/functions/.env",
      "data/functions/functions.log",
    ];
    const system = ["/etc/passwd", "/proc/self/environ", "/proc/self/cmdline"];
    for (const file of [...files.map((one) => path.join(fixture.folder, one)), ...system])
      expect([file, await act("read", file)]).toEqual([file, expect.objectContaining(refused)]);
    expect(
      await act("read", path.join(fixture.folder, "functions/attempt/../neighbour/secret.txt")),
    ).toMatchObject(refused);
    expect(await act("list", fixture.folder)).toMatchObject(refused);
  });

  it("write or remove anything, in its own folder neither", async () => {
    for (const file of [path.join(fixture.folder, "functions/attempt/own.txt"), "/tmp/written"]) {
      expect(await act("write", file)).toMatchObject(refused);
      expect(await act("remove", file)).toMatchObject(refused);
    }
  });

  it("run programs, load native code, end processes or ask the system", async () => {
    expect(await act("run", "/bin/true")).toMatchObject(refused);
    expect(await act("ffi", "/lib/x86_64-linux-gnu/libc.so.6")).toMatchObject(refused);
    expect(await act("kill", String(process.pid))).toMatchObject(refused);
    expect(await act("sys")).toMatchObject(refused);
  });

  it("reach a host that it has not declared, or listen anywhere else", async () => {
    const port = String(portOf(outside));
    expect(await act("fetch", `http://127.0.0.1:${port}/undeclared`)).toMatchObject(refused);
    expect(await act("fetch", "http://example.com/")).toMatchObject(refused);
    expect(await act("connect", port)).toMatchObject(refused);
    expect(await act("listen", "0")).toMatchObject(refused);
    expect(hits).not.toContain("/undeclared");
  });

  it("import from elsewhere, or gain rights in a worker", async () => {
    for (const url of [
      `http://127.0.0.1:${portOf(outside)}/module.ts`,
      "https://deno.land/x/a.ts",
      "npm:nothing-of-this-name",
      "jsr:@std/assert",
    ])
      expect([url, (await act("import", url)).got]).toEqual([url, undefined]);
    expect(hits).not.toContain("/module.ts");
    const worker = "data:text/javascript,new Deno.Command('/bin/true').outputSync();postMessage(1)";
    expect((await act("worker", worker)).got).toBe(undefined);
  });

  it("see the environment of the stack: what it has not been given is unset", async () => {
    for (const name of ["TRACKIT_TEST_HOST_SECRET", "PATH", "HOME", "DENO_DIR", "TRACKIT_FUNCTION_MARK"])
      expect([name, await act("env", name)]).toEqual([name, { got: null }]);
  });
});
