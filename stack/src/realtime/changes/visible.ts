import { describeError } from "../../gateway/errors.ts";
import type { Log } from "../../part.ts";
import { type Database, identifier, literal } from "../access/database.ts";
import type { Identity } from "../access/identity.ts";
import { become } from "../access/policies.ts";
import type { Channel } from "../channel/channel.ts";
import type { Change } from "../feed/changes.ts";
import type { Row } from "./complete.ts";
import type { Heard } from "./heard.ts";
import type { Subscription } from "./subscription.ts";
import type { Table } from "./table.ts";

/** Statements of one round trip at most. */
const most = 200;

interface Question {
  identity: Identity;
  /** The row by its columns. */
  row: Row;
}

/** Asks the policies about each row once for each pair of role and claims, and says who may see which. */
export async function askPolicies(
  database: Database,
  table: Table,
  heard: Heard[],
  log: Log,
): Promise<(change: Change, listener: Subscription) => boolean> {
  const questions: Question[] = [];
  const numbers = new Map<Change, Map<string, number>>();
  for (const { change, row, listeners } of heard) {
    if (!row || !table.columns.some(({ isKey }) => isKey)) continue;
    const asked = new Map<string, number>();
    numbers.set(change, asked);
    for (const { channel } of listeners) {
      const key = claimsOf(channel);
      if (asked.has(key)) continue;
      asked.set(key, questions.push({ identity: channel.identity, row }) - 1);
    }
  }
  const answers = await areVisible(database, table, questions, log);
  return (change, { channel }) => {
    const asked = numbers.get(change);
    // Without a primary key there is nothing to ask by; the listener is told that alone.
    return asked ? answers[asked.get(claimsOf(channel)) ?? -1] === true : true;
  };
}

const claimsOf = ({ identity }: Channel) => JSON.stringify([identity.role, identity.claims]);

/**
 * Asks the table's policies whether somebody may see a row: as that role, with those claims, whether it is there.
 * A policy that fails lets nobody see it, and nobody else suffers.
 */
async function areVisible(
  database: Database,
  table: Table,
  questions: Question[],
  log: Log,
): Promise<boolean[]> {
  const answers: boolean[] = [];
  for (let at = 0; at < questions.length; at += most) {
    answers.push(...(await askTogether(database, table, questions.slice(at, at + most), log)));
  }
  return answers;
}

async function askTogether(
  database: Database,
  table: Table,
  questions: Question[],
  log: Log,
): Promise<boolean[]> {
  try {
    const results = await database.rehearse(script(table, questions));
    return results
      .filter(({ fields }) => fields?.[0]?.name === "seen")
      .map(({ rows }) => rows[0]?.seen === true);
  } catch (error) {
    if (!hasSqlState(error)) throw error;
    if (questions.length > 1) {
      const answers: boolean[] = [];
      for (const question of questions)
        answers.push(...(await askTogether(database, table, [question], log)));
      return answers;
    }
    log.debug("realtime.policy", describeError(error));
    return [false];
  }
}

/** Each question as its asker; an asker who asks several times in a row is become once. */
function script(table: Table, questions: Question[]): string[] {
  let before: Identity | null = null;
  return questions.flatMap(({ identity, row }) => {
    const look = `select exists (select from ${table.name} where ${keyOf(table, row)}) as seen`;
    const isSame = before === identity;
    before = identity;
    return isSame ? [look] : [become(identity, ""), look];
  });
}

function keyOf(table: Table, row: Row): string {
  return table.columns
    .filter(({ isKey }) => isKey)
    .map(({ name, sqlType }) => `${identifier(name)} = ${literal(row[name] ?? "")}::${sqlType}`)
    .join(" and ");
}

/** A refusal of Postgres itself, and no lost connection (class 57P, or no code of Postgres at all). */
function hasSqlState(error: unknown): boolean {
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  return /^[0-9A-Z]{5}$/.test(code) && !code.startsWith("57P") && !code.startsWith("08");
}
