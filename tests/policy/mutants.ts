import type { TestStack } from "../support/stack.ts";

interface Policy {
  table: string;
  name: string;
  restrictive: boolean;
  command: "ALL" | "SELECT" | "INSERT" | "UPDATE" | "DELETE";
  hasUsing: boolean;
  hasCheck: boolean;
}

/** A policy, spoiled in one way. */
export interface Mutant {
  /** `goals_update: using (true)` */
  name: string;
  table: string;
  sql: string;
}

/** Every way to weaken each policy of `public`, and to shut it. */
export async function mutantsOf({ db }: TestStack): Promise<Mutant[]> {
  const { rows } = await db.query<Policy>(
    `select tablename as table, policyname as name, permissive = 'RESTRICTIVE' as restrictive, cmd as command,
       qual is not null as "hasUsing", with_check is not null as "hasCheck"
     from pg_policies where schemaname = 'public' order by 1, 2`,
  );
  return rows.flatMap(mutate);
}

function mutate(policy: Policy): Mutant[] {
  const { table, name, restrictive, hasUsing, hasCheck } = policy;
  const on = `on public."${table}"`;
  const altered = (change: string): Mutant => ({
    name: `${name}: ${change}`,
    table,
    sql: `alter policy "${name}" ${on} ${change}`,
  });
  const mutants: Mutant[] = [];
  if (restrictive) mutants.push({ name: `${name}: dropped`, table, sql: `drop policy "${name}" ${on}` });
  else {
    if (hasUsing) mutants.push(altered("using (true)"));
    if (hasCheck) mutants.push(altered("with check (true)"));
    if (hasUsing && hasCheck) mutants.push(altered("using (true) with check (true)"));
  }
  if (hasUsing) mutants.push(altered("using (false)"));
  if (hasCheck) mutants.push(altered("with check (false)"));
  return mutants;
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
