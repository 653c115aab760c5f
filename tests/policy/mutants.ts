import type { TestStack } from "../support/stack.ts";

interface Policy {
  schema: string;
  table: string;
  name: string;
  restrictive: boolean;
  command: "ALL" | "SELECT" | "INSERT" | "UPDATE" | "DELETE";
  using: string | null;
  check: string | null;
}

/** A policy, spoiled in one way. */
export interface Mutant {
  /** `goals_update: using (true)` */
  name: string;
  table: string;
  sql: string;
}

/** Every way to weaken each policy of a schema, and to shut it. */
export async function mutantsOf({ db }: Pick<TestStack, "db">, schema = "public"): Promise<Mutant[]> {
  const { rows } = await db.query<Policy>(
    `select schemaname as schema, tablename as table, policyname as name, permissive = 'RESTRICTIVE' as restrictive,
       cmd as command, qual as using, with_check as check
     from pg_policies where schemaname = $1 order by 2, 3`,
    [schema],
  );
  return rows.flatMap(mutate);
}

function mutate(policy: Policy): Mutant[] {
  const { schema, table, name, restrictive, using, check } = policy;
  const on = `on ${schema}."${table}"`;
  const altered = (change: string, what = change): Mutant => ({
    name: `${name}: ${what}`,
    table,
    sql: `alter policy "${name}" ${on} ${change}`,
  });
  const mutants: Mutant[] = [];
  if (restrictive) mutants.push({ name: `${name}: dropped`, table, sql: `drop policy "${name}" ${on}` });
  else {
    if (using) mutants.push(altered("using (true)"));
    if (check) mutants.push(altered("with check (true)"));
    if (using && check) mutants.push(altered("using (true) with check (true)"));
  }
  if (using) mutants.push(altered("using (false)"));
  if (check) mutants.push(altered("with check (false)"));
  for (const [arm, rest] of withoutEachArm(using)) mutants.push(altered(`using (${rest})`, `without ${arm}`));
  for (const [arm, rest] of withoutEachArm(check))
    mutants.push(altered(`with check (${rest})`, `without ${arm}`));
  return mutants;
}

/** For `(a OR b OR c)` and `(a AND b AND c)`: each arm, and what is left of the expression without it. */
function withoutEachArm(expression: string | null): [string, string][] {
  return (["OR", "AND"] as const).flatMap((operator) => {
    const arms = expression ? armsOf(expression, operator) : [];
    if (arms.length < 2) return [];
    return arms.map((arm): [string, string] => [
      arm,
      arms.filter((other) => other !== arm).join(` ${operator} `),
    ]);
  });
}

/** Splits an expression as Postgres writes it at the `OR`s, or the `AND`s, of its outermost level. */
function armsOf(expression: string, operator: "OR" | "AND"): string[] {
  const arms: string[] = [];
  let depth = 0;
  let start = 1;
  for (const token of expression.matchAll(/'(?:[^']|'')*'|\(|\)| (?:OR|AND) /g)) {
    if (token[0] === "(") depth++;
    else if (token[0] === ")") depth--;
    else if (token[0] === ` ${operator} ` && depth === 1) {
      arms.push(expression.slice(start, token.index));
      start = token.index + token[0].length;
    }
  }
  return [...arms, expression.slice(start, -1)];
}

/** Mutants that nobody could tell from the original, each with the proof. */
export const equivalents: Readonly<Record<string, string>> = {
  "goals_update: with check (true)":
    "owner_id is not granted for update, so that a row which passes `using` still passes it afterwards",
  "tasks_update: with check (true)":
    "owner_id is not granted for update, so that a row which passes `using` still passes it afterwards",
  "profiles_update: with check (true)":
    "id is not granted for update, so that a row which passes `using` still passes it afterwards",
};
