export const operators = [
  "eq",
  "neq",
  "lt",
  "lte",
  "gt",
  "gte",
  "in",
  "like",
  "ilike",
  "is",
  "match",
  "imatch",
  "isdistinct",
] as const;
export type Operator = (typeof operators)[number];

/** One condition: `column=[not.]operator.value`. */
export interface Filter {
  column: string;
  operator: Operator;
  negate: boolean;
  /** As text; of `in` a list in Postgres' own notation, `{a,b}`. */
  value: string;
}

/** A filter that is none, in the words of the real server. */
export class FilterError extends Error {
  override readonly name = "FilterError";
}

/**
 * Reads conditions that are joined by commas and all must hold. A comma inside parentheses or quotes is part of a
 * value.
 * @throws FilterError
 */
export function parseFilters(text: string): Filter[] {
  const trimmed = text.trim();
  return trimmed === "" ? [] : splitAtCommas(trimmed).map(parseFilter);
}

function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let quoted = false;
  let part = "";
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string;
    if (quoted && char === "\\") part += char + (text[++at] ?? "");
    else if (char === "," && depth === 0 && !quoted) {
      parts.push(part);
      part = "";
    } else {
      // A quote opens only where a value begins: elsewhere it is a character like any other.
      if (char === '"' && (quoted || /[.(,]$/.test(part))) quoted = !quoted;
      else if (char === "(" && !quoted) depth++;
      else if (char === ")" && !quoted) depth = Math.max(0, depth - 1);
      part += char;
    }
  }
  return [...parts, part];
}

function parseFilter(part: string): Filter {
  const text = part.trim();
  if (text === "") throw new FilterError("filter must not contain empty segments (check for extra commas)");
  const equals = text.indexOf("=");
  if (equals < 0) throw new FilterError(JSON.stringify([text]));
  const rest = text.slice(equals + 1);
  const negate = rest.startsWith("not.");
  const condition = negate ? rest.slice("not.".length) : rest;
  const dot = condition.indexOf(".");
  if (dot < 0) throw new FilterError(JSON.stringify([condition]));
  const [operator, value] = [condition.slice(0, dot), condition.slice(dot + 1)];
  if (!isOperator(operator)) throw new FilterError(`["${operator}", "${value}"]`);
  return { column: text.slice(0, equals), operator, negate, value: readValue(operator, value) };
}

function readValue(operator: Operator, value: string): string {
  if (operator !== "in") return unquote(value);
  if (!/^\(.*\)$/s.test(value)) throw new FilterError("`in` filter value must be wrapped by parentheses");
  return `{${value.slice(1, -1)}}`;
}

/** What stands in quotes, with `\"` and `\\` undone; a text whose quotes do not match is taken as it is. */
function unquote(value: string): string {
  return /^"(?:[^"\\]|\\.)*"$/s.test(value) ? value.slice(1, -1).replace(/\\(.)/gs, "$1") : value;
}

const isOperator = (text: string): text is Operator => (operators as readonly string[]).includes(text);
