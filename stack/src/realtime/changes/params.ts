import type { Payload } from "../wire/message.ts";
import { type Filter, FilterError, parseFilters } from "./filter.ts";

/** What one `postgres_changes` entry of a join asks for. */
export interface ChangeParams {
  event: "*" | "INSERT" | "UPDATE" | "DELETE";
  /** `*` stands for every one. */
  schema: string;
  table: string;
  filters: Filter[];
  /** Columns wanted besides the key; null for all. */
  select: string[] | null;
}

/** Why there is no subscription, in the words of the real server. */
export class SubscribeError extends Error {
  override readonly name = "SubscribeError";
}

const events = ["INSERT", "UPDATE", "DELETE"] as const;

/** @throws SubscribeError */
export function readChangeParams(params: Payload): ChangeParams {
  const select = readSelect(params.select);
  const { schema, table, filter } = params;
  const isGiven = (value: unknown) => value !== undefined && value !== null;
  if (
    (typeof schema !== "string" && typeof table !== "string") ||
    [schema, table, filter].some((value) => isGiven(value) && typeof value !== "string") ||
    (isGiven(filter) && typeof table !== "string")
  ) {
    throw new SubscribeError(
      `No subscription params provided. Please provide at least a \`schema\` or \`table\` to subscribe to: ${JSON.stringify(params)}`,
    );
  }
  const read = {
    event: readEvent(params.event),
    schema: typeof schema === "string" ? schema : "public",
    table: typeof table === "string" ? table : "*",
    filters: typeof filter === "string" ? readFilters(filter) : [],
    select,
  };
  if (select && (read.schema === "*" || read.table === "*")) {
    throw new SubscribeError(
      "Column selection is not supported for wildcard subscriptions. Provide an explicit schema and table name.",
    );
  }
  return read;
}

function readEvent(event: unknown): ChangeParams["event"] {
  const upper = typeof event === "string" ? event.toUpperCase() : "";
  return events.find((one) => one === upper) ?? "*";
}

function readFilters(text: string): Filter[] {
  try {
    return parseFilters(text);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    throw new SubscribeError(`Error parsing \`filter\` params: ${error.message}`);
  }
}

function readSelect(select: unknown): string[] | null {
  if (typeof select === "string") {
    throw new SubscribeError(
      'Error parsing `select` params: expected a list of column name strings, e.g. select: ["col1", "col2"]',
    );
  }
  const columns = Array.isArray(select) ? select.filter((one) => typeof one === "string") : [];
  return columns.length > 0 ? columns : null;
}

/**
 * The number by which a client knows its subscription: it depends on what was asked for alone, so that it is the
 * same after a rejoin (FNV-1a, 27 bits as the real server's).
 */
export function idOf(params: Payload): number {
  const text = JSON.stringify(params, Object.keys(params).sort());
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0) & 0x7ff_ffff;
}
