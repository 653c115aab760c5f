/** Queues speak the pgmq that every place has: hosted projects carry an older release than this stack does. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, it } from "vitest";
import { root } from "../support/stack.ts";

/** All of pgmq that is called anywhere. */
const allowed = ["create", "send", "send_batch", "read", "set_vt", "archive", "delete"];

const filesBelow = (folder: string, ends: RegExp) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => ends.test(file) && !file.includes("node_modules"))
    .map((file) => path.join(folder, file));

const files = [
  ...filesBelow("supabase/migrations", /\.sql$/),
  ...filesBelow("functions", /\.ts$/),
  ...filesBelow("stack/src/scheduler", /\.ts$/),
];
const text = (file: string) => readFileSync(path.join(root, file), "utf8");

/** Calls of pgmq, comments aside. */
const callsIn = (source: string) =>
  [...source.replace(/--.*$/gm, "").matchAll(/\bpgmq\.(\w+)\s*\(/g)].map(([, name = ""]) => name);

it(`of pgmq only ${allowed.join(", ")} are called`, () => {
  const others = files.flatMap((file) =>
    callsIn(text(file))
      .filter((name) => !allowed.includes(name))
      .map((name) => `${file}: ${name}`),
  );
  expect(others).toEqual([]);
});

it("they are called at all, so the search finds calls", () => {
  const found = new Set(files.flatMap((file) => callsIn(text(file))));
  expect([...found].sort()).toEqual(["archive", "create", "read", "send", "set_vt"]);
});

it("pgmq_public is nowhere, neither called nor exposed", () => {
  const everywhere = [...files, ...filesBelow("supabase", /\.toml$/), ...filesBelow("sdk/src", /\.ts$/)];
  expect(everywhere.filter((file) => text(file).includes("pgmq_public"))).toEqual([]);
});

it("queues are read by private wrappers alone, no function of the API names them", () => {
  const exposed = files
    .filter((file) => file.endsWith(".sql"))
    .flatMap((file) => [...text(file).matchAll(/create function public\.(\w+)[\s\S]*?;\n(?=\n|comment)/g)])
    .filter(([body]) => body.includes("pgmq."))
    .map(([, name]) => name);
  expect(exposed).toEqual([]);
});

it("docs/queues.md names every schedule, state of a mail, migration and variable that there is", () => {
  const page = text("docs/queues.md");
  const sql = files.filter((file) => /\/202611200010\d\d_/.test(file));
  const all = sql.map(text).join("\n");
  const settings = text("functions/worker/mail/settings.ts");
  const schedules = [...all.matchAll(/^ {2}\('([a-z-]+)', '[^']+', 'select /gm)].map(([, name = ""]) => name);
  const states = /create type private.mail_state as enum \((.*)\)/.exec(all)?.[1]?.match(/\w+/g) ?? [];
  const variables = [...settings.matchAll(/get\("((?:MAIL|WEB)_\w+)"\)/g)].map(([, name = ""]) => name);
  expect([schedules.length, states.length, variables.length].every((count) => count > 2)).toBe(true);
  const migrations = sql.map((file) => path.basename(file).slice("2026112000".length));
  const names = [...schedules, ...states, ...variables].map((name) => `\`${name}\``);
  expect([...names, ...migrations].filter((name) => !page.includes(name))).toEqual([]);
});
