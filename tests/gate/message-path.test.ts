/** docs/message-path.md and the comments that name its hops in the code say the same. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";

const HOPS = 9;
const FOLDERS = ["sdk/src", "supabase/migrations", "functions", "stack/src"];
const PAGE = "docs/message-path.md";

interface Hop {
  number: number;
  title: string;
  file: string;
  name: string;
}

/** Files by their path; what is not code is there for its links. */
type Files = ReadonlyMap<string, string>;

/** Where hops are tagged: the comment stands on the line before the function's first. */
function taggedIn(files: Files): Hop[] {
  const all: Hop[] = [];
  for (const [file, text] of files) {
    const lines = text.split("\n");
    for (const [at, line] of lines.entries()) {
      const [, number, title = ""] = /^\s*(?:\/\/|--) message path (\d+): (.+)$/.exec(line) ?? [];
      if (number) all.push({ number: Number(number), title, file, name: nameOf(lines[at + 1] ?? "") });
    }
  }
  return all.sort((one, other) => one.number - other.number);
}

/** What a line declares: a function of SQL, a function, a method, or a constant. */
function nameOf(line: string): string {
  const forms = [
    /^create (?:or replace )?function ([\w.]+)\(/,
    /^\s*(?:export )?(?:async )?function (\w+)[(<]/,
    /^\s*(?:export )?const (\w+) =/,
    /^\s*(?:(?:private|public|static|async) )*(#?\w+)[(<]/,
  ];
  return forms.map((form) => form.exec(line)?.[1]).find(Boolean) ?? `nothing in "${line.trim()}"`;
}

/** The sections of the page: a heading, and the first line below it. */
function toldIn(page: string): Hop[] {
  return [...page.matchAll(/^## (\d+) (.+)\n\n`([^`]+)` in\s+\[([^\]]+)\]\(\.\.\/([^)]+)\)/gm)].map(
    ([, number, title = "", name = "", shown = "", file = ""]) => ({
      number: Number(number),
      title: title.charAt(0).toLowerCase() + title.slice(1),
      file: shown === file ? file : `${file}, shown as ${shown}`,
      name,
    }),
  );
}

const said = ({ number, title, file, name }: Hop): string => `${number} ${title}: ${name} in ${file}`;

/** Links of the page that lead nowhere, and tests that it names and are not there. */
function deadIn(page: string, files: Files): string[] {
  const text = page.replace(/\s*\n\s+/g, " ");
  const dead: string[] = [];
  for (const [, link = "", test] of text.matchAll(/\]\(([^)#]+)[^)]*\)(?:\s+"([^"]+)")?/g)) {
    const file = path.posix.join("docs", link);
    const found = files.get(file);
    if (found === undefined) dead.push(`${link} is not there`);
    else if (test && !found.replace(/''/g, "'").includes(test)) dead.push(`${link} has no test "${test}"`);
  }
  return dead;
}

/** Everything in which page and code differ; nothing where they say the same. */
function problems(files: Files): string[] {
  const page = files.get(PAGE) ?? "";
  const code = new Map(
    [...files].filter(([file]) => FOLDERS.some((folder) => file.startsWith(`${folder}/`))),
  );
  const [tagged, told] = [taggedIn(code), toldIn(page)];
  const wanted = Array.from({ length: HOPS }, (_, at) => at + 1).join(" ");
  const counted = (where: string, hops: Hop[]): string[] => {
    const numbers = hops.map(({ number }) => number).join(" ");
    return numbers === wanted ? [] : [`${where}: hops ${numbers}, wanted ${wanted}`];
  };
  const [inCode, inPage] = [new Set(tagged.map(said)), new Set(told.map(said))];
  return [
    ...counted("code", tagged),
    ...counted("page", told),
    ...[...inCode].filter((one) => !inPage.has(one)).map((one) => `the page does not say: ${one}`),
    ...[...inPage].filter((one) => !inCode.has(one)).map((one) => `the code does not say: ${one}`),
    ...((page.match(/^## \d+ /gm) ?? []).length === told.length ? [] : ["page: a hop without its function"]),
    ...deadIn(page, files),
  ];
}

function readAll(): Files {
  const files = new Map<string, string>();
  for (const folder of [...FOLDERS, "docs", "tests", "supabase/tests"]) {
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      const file = path.posix.join(entry.parentPath, entry.name);
      if (entry.isFile() && /\.(ts|sql|md)$/.test(file) && !file.includes("node_modules"))
        files.set(file, readFileSync(file, "utf8"));
    }
  }
  return files;
}

describe("the path of a message", () => {
  const files = readAll();
  const page = files.get(PAGE) ?? "";
  const first = taggedIn(files).find(({ number }) => number === 1) as Hop;
  const spoiled = (file: string, from: string | RegExp, to: string): string[] => {
    const text = files.get(file) ?? "";
    const changed = text.replace(from, to);
    expect([file, changed === text]).toEqual([file, false]);
    return problems(new Map(files).set(file, changed));
  };

  it("is told in docs/message-path.md as it is tagged in the code, and every link and test of it is there", () => {
    expect(existsSync(PAGE)).toBe(true);
    expect(problems(files)).toEqual([]);
  });

  it("misses a tag that is gone, that is there twice, or that has another number or another name", () => {
    const tag = `// message path 1: ${first.title}`;
    expect(spoiled(first.file, tag, "// nothing")).toEqual([
      "code: hops 2 3 4 5 6 7 8 9, wanted 1 2 3 4 5 6 7 8 9",
      `the code does not say: ${said(first)}`,
    ]);
    expect(spoiled(first.file, tag, `${tag}\n${tag}`)).toContain(
      "code: hops 1 1 2 3 4 5 6 7 8 9, wanted 1 2 3 4 5 6 7 8 9",
    );
    expect(spoiled(first.file, tag, tag.replace("1", "10")).length).toBeGreaterThan(1);
    expect(spoiled(first.file, tag, `${tag} once`)).toHaveLength(2);
    expect(
      spoiled("supabase/migrations/20261120001200_wire.sql", /^/, "-- message path 5: elsewhere\n"),
    ).toContain("code: hops 1 2 3 4 5 5 6 7 8 9, wanted 1 2 3 4 5 6 7 8 9");
  });

  it("misses a tag that stands before another function, and a function that was renamed", () => {
    expect(spoiled(first.file, `: ${first.title}\n`, `: ${first.title}\n  other(): void {}\n`)).toContain(
      `the page does not say: ${said({ ...first, name: "other" })}`,
    );
    expect(spoiled(PAGE, "`send` in", "`sent` in")).toHaveLength(2);
  });

  it("misses a hop, a file or a link that the page has wrong, and a test that is not there", () => {
    expect(spoiled(PAGE, "## 9 Told", "## 10 Told").length).toBeGreaterThan(1);
    expect(spoiled(PAGE, /^## 7 /m, "### 7 ").length).toBeGreaterThan(1);
    expect(spoiled(PAGE, `](../${first.file})`, "](../sdk/src/chat/room/other.ts)").length).toBeGreaterThan(
      2,
    );
    expect(spoiled(PAGE, "(chat.md)", "(chats.md)")).toEqual(["chats.md is not there"]);
    expect(spoiled(PAGE, '"each row is told once"', '"each row is told twice"')).toEqual([
      '../supabase/tests/12_room_topics.test.sql has no test "each row is told twice"',
    ]);
    expect(page).toContain("message path 4");
  });
});
