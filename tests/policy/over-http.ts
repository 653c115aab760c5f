import { codeOf, type Received } from "../support/http.ts";
import {
  type Caller,
  type Command,
  eveHerself,
  type FunctionExpectations,
  type Key,
  type Outcome,
  type TableExpectations,
} from "./expectations.ts";
import { fingerprint } from "./state.ts";
import { headersOf, ownerFor, type World } from "./world.ts";

/** What came of a request, and whether anything in the database is different after it. */
export interface Act {
  outcome: Outcome;
  changed: boolean;
}

const methods = { select: "GET", insert: "POST", update: "PATCH", delete: "DELETE" } as const;

/** Has a caller give one command on a row prepared for it. */
export async function tryCommand(
  world: World,
  table: TableExpectations,
  command: Command,
  caller: Caller,
): Promise<Act> {
  const owner = await ownerFor(world, caller);
  const key = command === "insert" ? {} : await table.seed(world, owner);
  const body =
    command === "insert" ? await table.insert(world, owner) : command === "update" ? table.update : undefined;
  return request(world, caller, {
    method: methods[command],
    path: `/rest/v1/${table.name}${queryOf(key)}`,
    body,
  });
}

/** Has a caller change one column of a row. */
export async function tryColumn(
  world: World,
  table: TableExpectations,
  caller: Caller,
  [column, value]: readonly [string, unknown],
): Promise<Act> {
  const change = { [column]: value === eveHerself ? world.cast.eve.id : value };
  const key = await table.seed(world, await ownerFor(world, caller));
  return request(world, caller, {
    method: "PATCH",
    path: `/rest/v1/${table.name}${queryOf(key)}`,
    body: change,
  });
}

/** Has ada make a row that gives one column besides what a row needs. */
export async function tryInsertWith(world: World, table: TableExpectations, column: string): Promise<Act> {
  const { ada } = world.cast;
  const needed = await table.insert(world, ada.id);
  const value = column === "id" ? crypto.randomUUID() : (table.columns.open[column] ?? null);
  return request(world, "ada", {
    method: "POST",
    path: `/rest/v1/${table.name}`,
    body: { [column]: value, ...needed },
  });
}

/** Has a caller call a function. */
export async function tryFunction(
  world: World,
  called: FunctionExpectations,
  caller: Caller,
): Promise<Outcome> {
  const answer = await world.stack.send({
    method: "POST",
    path: `/rest/v1/rpc/${called.name}`,
    headers: headersOf(world, caller),
    body: await called.arguments(world),
  });
  if (answer.status >= 300) return `${answer.status}/${codeOf(answer)}`;
  if (answer.status === 204) return "204";
  if (Array.isArray(answer.json)) return `${answer.status}:${answer.json.length}`;
  const isObject = typeof answer.json === "object" && answer.json !== null;
  return `${answer.status}:${isObject ? "object" : answer.text}`;
}

async function request(
  world: World,
  caller: Caller,
  { method, path, body }: { method: string; path: string; body: unknown },
): Promise<Act> {
  const { stack } = world;
  const before = await fingerprint(stack);
  const headers = { ...headersOf(world, caller), prefer: "return=representation" };
  const answer = await stack.send({ method, path, headers, body });
  return { outcome: outcomeOf(answer), changed: (await fingerprint(stack)) !== before };
}

function outcomeOf(answer: Received): Outcome {
  if (answer.status >= 300) return `${answer.status}/${codeOf(answer)}`;
  return `${answer.status}:${Array.isArray(answer.json) ? answer.json.length : "?"}`;
}

const queryOf = (key: Key) => {
  const pairs = Object.entries(key).map(([column, value]) => `${column}=eq.${encodeURIComponent(value)}`);
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
};
