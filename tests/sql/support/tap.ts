import { readFile } from "node:fs/promises";
import path from "node:path";
import pg from "pg";

/** One line of TAP, with the diagnostics that follow it. */
export interface TapResult {
  ok: boolean;
  name: string;
  diagnostics: string;
}

/**
 * Runs one pgTAP file over a plain connection, as pg_prove does with psql: `\ir` includes a file beside it.
 * @param before statements that run first in the file's transaction
 * @returns its tests and one of ours: that the file ran to its end, with as many tests as it planned
 */
export async function runTapFile(url: string, file: string, before = ""): Promise<TapResult[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return readTap(
      await outputOf(client, (await readWithIncludes(file)).replace(/^begin;$/m, `begin; ${before};`)),
    );
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error;
    return [{ ok: false, name: ending, diagnostics: `${error.message}\n${error.where ?? ""}` }];
  } finally {
    await client.end();
  }
}

async function readWithIncludes(file: string): Promise<string> {
  const lines = (await readFile(file, "utf8")).split("\n");
  const whole = lines.map((line) => {
    const included = /^\\ir (\S+)$/.exec(line)?.[1];
    return included ? readFile(path.join(path.dirname(file), included), "utf8") : line;
  });
  return (await Promise.all(whole)).join("\n");
}

async function outputOf(client: pg.Client, sql: string): Promise<string[]> {
  // Several statements in one message give one result each, which the types do not tell.
  const results = (await client.query(sql)) as unknown as pg.QueryResult<Record<string, unknown>>[];
  return results
    .flatMap((result) => result.rows.map((row) => Object.values(row)[0]))
    .filter((value) => typeof value === "string")
    .flatMap((value) => value.split("\n"));
}

const ending = "runs to its end with as many tests as planned";

function readTap(lines: string[]): TapResult[] {
  const results: TapResult[] = [];
  let planned: number | null = null;
  for (const line of lines) {
    const plan = /^1\.\.(\d+)$/.exec(line)?.[1];
    if (plan) planned = Number(plan);
    const test = /^(not )?ok \d+(?: - (.*))?$/.exec(line);
    if (test) results.push({ ok: !test[1], name: test[2] ?? "", diagnostics: "" });
    else if (line.startsWith("#")) (results.at(-1) ?? { diagnostics: "" }).diagnostics += `\n${line}`;
  }
  const diagnostics = `ran ${results.length}, planned ${planned}`;
  return [...results, { ok: planned === results.length, name: ending, diagnostics }];
}
