import type { Routine } from "../database/catalog.ts";
import type { Plan } from "./plan.ts";
import type { DirectRequest } from "./request.ts";
import { Binder, quote } from "./sql.ts";

/** `POST /rpc/goal_create` with named arguments: each takes its value from the body, in the parameter's type. */
export function planCall(request: DirectRequest, routine: Routine, body: string): Plan | null {
  const { params, prefer, singular } = request;
  if ([...params.keys()].length > 0 || prefer.ignoreDuplicates || prefer.missingDefault) return null;
  if (singular) return null;
  const given = argumentNames(body);
  if (!given || !fits(routine, given)) return null;
  const binder = new Binder();
  const call = callSql(routine, given, body, binder);
  return {
    text: resultSql(routine, call),
    values: binder.values,
    kind: "call",
    offset: 0,
    returns: routine.returns,
  };
}

function argumentNames(body: string): string[] | null {
  if (body === "") return [];
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.keys(value) : null;
  } catch {
    return null;
  }
}

/** Every argument is a parameter and every parameter without a default has its argument. */
function fits({ parameters }: Routine, given: readonly string[]): boolean {
  if (!given.every((name) => parameters.has(name))) return false;
  return [...parameters.values()].every(({ name, optional }) => optional || given.includes(name));
}

function callSql(routine: Routine, given: readonly string[], body: string, binder: Binder): string {
  const name = `${quote(routine.schema)}.${quote(routine.name)}`;
  if (given.length === 0) return `${name}() r`;
  const typed = given.map((argument) => `${quote(argument)} ${routine.parameters.get(argument)?.type}`);
  const passed = given.map((argument) => `${quote(argument)} => a.${quote(argument)}`);
  const input = `json_to_record(${binder.bind(body)}::json) as a (${typed.join(", ")})`;
  return `${input}, lateral ${name}(${passed.join(", ")}) r`;
}

/** What a function may have set to shape its answer; read after it has run, in the same statement. */
const shaping = "current_setting('response.status', true), current_setting('response.headers', true)";

function resultSql({ returns }: Routine, call: string): string {
  return `select ${bodySql[returns]}, count(*), ${shaping} from ${returns.startsWith("value") ? `(select r from ${call}) r (r)` : call}`;
}

const bodySql: Record<Routine["returns"], string> = {
  void: "null",
  value: "coalesce((json_agg(r.r) -> 0)::text, 'null')",
  values: "coalesce(json_agg(r.r), '[]')",
  row: "coalesce((json_agg(r.*) -> 0)::text, 'null')",
  rows: "coalesce(json_agg(r.*), '[]')",
};
