/** What a developer does with functions at the command line, beside a running stack. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Stack, startStack } from "../../stack/src/index.ts";
import { commandOf, until } from "../../stack/src/process/running.ts";
import { root } from "../support/stack.ts";

const run = promisify(execFile);
let project: string;
let stack: Stack;

const command = (...words: string[]) =>
  run(process.execPath, ["--import", "tsx", path.join(root, "stack/src/cli.ts"), ...words], {
    cwd: root,
  }).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: "" }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );

beforeAll(async () => {
  project = await mkdtemp(path.join(tmpdir(), "functions-project-"));
  const functions = path.join(project, "supabase", "functions");
  for (const name of ["hello", "other"]) {
    await mkdir(path.join(functions, name), { recursive: true });
    const source = `Deno.serve(() => { console.log("${name} was asked"); return new Response("hi from ${name}"); });`;
    await writeFile(path.join(functions, name, "index.ts"), source);
  }
  await mkdir(path.join(functions, "pid"));
  await writeFile(
    path.join(functions, "pid", "index.ts"),
    "Deno.serve(() => new Response(String(Deno.pid)));",
  );
  const off = `project_id = "plain"\n[functions.other]\nverify_jwt = false\n[functions.hello]\nverify_jwt = false\n[functions.pid]\nverify_jwt = false\n[functions.gone]\nenabled = false\n`;
  await writeFile(path.join(project, "supabase", "config.toml"), off);
  await cp(path.join(root, "supabase", "migrations"), path.join(project, "supabase", "migrations"), {
    recursive: true,
  });
  stack = await startStack({
    project,
    data: path.join(project, ".trackit"),
    port: 0,
    web: false,
    seed: false,
  });
});
afterAll(async () => {
  await stack?.stop();
  await rm(project, { recursive: true, force: true });
});

it("an ordinary project's functions are served from supabase/functions, at FUNCTIONS_URL", async () => {
  expect(stack.env.FUNCTIONS_URL).toBe(`${stack.env.API_URL}/functions/v1`);
  for (const name of ["hello", "other"])
    expect(await (await fetch(`${stack.env.FUNCTIONS_URL}/${name}`)).text()).toBe(`hi from ${name}`);
  expect((await fetch(`${stack.env.FUNCTIONS_URL}/gone`)).status).toBe(404);
});

it("functions list names them with their state", async () => {
  const { stdout } = await command("functions", "list", "--json", "--project", project);
  const states = (JSON.parse(stdout) as { name: string; state: string }[]).map(({ name, state }) => [
    name,
    state,
  ]);
  expect(states).toEqual([
    ["gone", "disabled"],
    ["hello", "enabled"],
    ["other", "enabled"],
    ["pid", "enabled"],
  ]);
});

it("functions logs shows what one has written, or all", async () => {
  const one = await command("functions", "logs", "hello", "--project", project);
  expect(one.stdout).toContain("hello was asked");
  expect(one.stdout).not.toContain("other was asked");
  const all = await command("functions", "logs", "--project", project);
  for (const line of all.stdout.trim().split("\n"))
    expect(JSON.parse(line)).toMatchObject({ at: expect.any(String), function: expect.any(String) });
  expect(all.stdout).toContain("other was asked");
});

it("a stack that is killed takes its functions along", async () => {
  const words = [
    "start",
    "--project",
    project,
    "--ephemeral",
    "--port",
    "0",
    "--json",
    "--no-web",
    "--no-seed",
  ];
  const child = spawn(process.execPath, ["--import", "tsx", path.join(root, "stack/src/cli.ts"), ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const env = JSON.parse(await firstLine(child)) as { FUNCTIONS_URL: string };
  const pid = Number(await (await fetch(`${env.FUNCTIONS_URL}/pid`)).text());
  expect(commandOf(pid)).toContain("deno");
  child.kill("SIGKILL");
  expect(await until(() => commandOf(pid) === null, 60_000)).toBe(true);
});

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of stdout ?? []) {
    text += chunk;
    if (text.includes("\n")) break;
  }
  return text;
}

it("words that mean nothing are refused with what is wanted", async () => {
  expect(await command("functions", "delete")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('"list" and "logs"'),
  });
  const nowhere = await command("functions", "logs", "--data", path.join(project, "nowhere"));
  expect(nowhere).toMatchObject({ code: 1, stderr: expect.stringContaining("none has been called there") });
});
