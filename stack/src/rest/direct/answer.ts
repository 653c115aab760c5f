import type { Outcome } from "../database/exchange.ts";
import { errorReply, jsonType, notOneReply, objectType, type Reply } from "../error-reply.ts";
import type { Plan } from "./plan.ts";
import type { DirectRequest, Preferences } from "./request.ts";

/** Dresses what Postgres gave as PostgREST does: status, ranges, applied preferences. */
export function answer(request: DirectRequest, plan: Plan, outcome: Outcome): Reply {
  const count = outcome.row ? Number(outcome.row[1]) : affected(outcome.command);
  const body = outcome.row?.[0] ?? "";
  if (plan.kind === "call") return callAnswer(plan, body, count, outcome);
  if (plan.kind === "read" && request.singular && count !== 1) return notOneReply(count);
  const headers: Record<string, string> = { "content-range": rangeOf(plan, count) };
  const applied = appliedPreferences(request.prefer);
  if (plan.kind !== "read" && applied !== "") headers["preference-applied"] = applied;
  if (outcome.row) headers["content-type"] = request.singular ? objectType : jsonType;
  return { status: statusOf(plan, outcome.row !== null), headers, body };
}

function statusOf(plan: Plan, hasBody: boolean): number {
  if (plan.kind === "insert") return 201;
  return hasBody ? 200 : 204;
}

/** Rows of an insert or a delete have no place in a list. */
function rangeOf(plan: Plan, count: number): string {
  if (plan.kind === "insert" || plan.kind === "delete" || count === 0) return "*/*";
  return `${plan.offset}-${plan.offset + count - 1}/*`;
}

function appliedPreferences({ ignoreDuplicates, missingDefault, returns }: Preferences): string {
  const applied: string[] = [];
  if (ignoreDuplicates) applied.push("resolution=ignore-duplicates");
  if (missingDefault) applied.push("missing=default");
  if (returns !== null) applied.push(`return=${returns}`);
  return applied.join(", ");
}

/** `INSERT 0 3`, `UPDATE 3` → 3. */
const affected = (command: string) => Number(command.slice(command.lastIndexOf(" ") + 1)) || 0;

function callAnswer(plan: Plan, body: string, count: number, { row }: Outcome): Reply {
  const isSet = plan.returns === "rows" || plan.returns === "values";
  const range = isSet ? rangeOf(plan, count) : "0-0/*";
  const headers: Record<string, string> = { "content-range": range };
  const reply: Reply =
    plan.returns === "void"
      ? { status: 204, headers, body: "" }
      : { status: 200, headers: { ...headers, "content-type": jsonType }, body };
  return shaped(reply, row?.[2] ?? "", row?.[3] ?? "");
}

/** Applies what the function set as `response.status` and `response.headers`. */
function shaped(reply: Reply, status: string, headers: string): Reply {
  if (status === "" && headers === "") return reply;
  const code = status === "" ? reply.status : Number(status);
  if (!Number.isInteger(code) || code < 200 || code > 599) {
    return errorReply(500, "PGRST112", "response.status guc must be a valid status code");
  }
  const extra = readHeaders(headers);
  if (!extra) {
    const wanted = "a JSON array composed of objects with a single key and a string value";
    return errorReply(500, "PGRST111", `response.headers guc must be ${wanted}`);
  }
  return { ...reply, status: code, headers: { ...reply.headers, ...extra } };
}

function readHeaders(text: string): Record<string, string> | null {
  if (text === "") return {};
  try {
    const headers: Record<string, string> = {};
    for (const entry of JSON.parse(text) as Record<string, unknown>[]) {
      const [[name, value] = ["", null], ...others] = Object.entries(entry);
      if (others.length > 0 || typeof value !== "string" || !/^[\w-]+$/.test(name)) return null;
      if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value)) return null;
      headers[name.toLowerCase()] = value;
    }
    return headers;
  } catch {
    return null;
  }
}
