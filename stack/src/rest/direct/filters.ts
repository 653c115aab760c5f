import type { Relation } from "../database/catalog.ts";
import { arrayText, type Binder, quote } from "./sql.ts";
import { parseTree, splitList } from "./tree.ts";

/**
 * The filters of a request as SQL conditions. Null, here and below, means that the filter is not one of these
 * simple ones: the request is then lite's, which either knows it or words the refusal.
 */
export function filterSql(relation: Relation, key: string, value: string, binder: Binder): string | null {
  const tree = /^(not\.)?(and|or)$/.exec(key);
  if (tree) return treeSql(relation, tree[1] !== undefined, tree[2] as "and" | "or", value, binder);
  if (!relation.columns.has(key)) return null;
  return conditionSql(relation, key, value, binder);
}

function treeSql(
  relation: Relation,
  negated: boolean,
  junction: "and" | "or",
  text: string,
  binder: Binder,
): string | null {
  const branches = parseTree(text);
  if (!branches) return null;
  const conditions: string[] = [];
  for (const branch of branches) {
    const condition =
      "branches" in branch
        ? treeSql(relation, branch.negated, branch.junction, branch.branches, binder)
        : branchSql(relation, branch.column, branch.condition, binder);
    if (condition === null) return null;
    conditions.push(condition);
  }
  return `${negated ? "not " : ""}(${conditions.join(` ${junction} `)})`;
}

function branchSql(relation: Relation, column: string, condition: string, binder: Binder): string | null {
  return relation.columns.has(column) ? conditionSql(relation, column, condition, binder) : null;
}

type WriteCondition = (column: string, value: string, binder: Binder) => string | null;

const compare =
  (operator: string): WriteCondition =>
  (column, value, binder) =>
    `${column} ${operator} ${binder.bind(value)}`;

/** `*` stands for `%`, so that URLs need no escaping. */
const pattern =
  (operator: string): WriteCondition =>
  (column, value, binder) =>
    `${column} ${operator} ${binder.bind(value.replaceAll("*", "%"))}`;

// Maps, not objects: the words come from the URL, and `constructor` is one that every object knows.
const states = new Map([
  ["null", "null"],
  ["not_null", "not null"],
  ["true", "true"],
  ["false", "false"],
  ["unknown", "unknown"],
]);

const isState: WriteCondition = (column, value) => {
  const state = states.get(value);
  return state === undefined ? null : `${column} is ${state}`;
};

const isIn: WriteCondition = (column, value, binder) => {
  const elements = splitList(value);
  return elements && `${column} = any (${binder.bind(arrayText(elements))})`;
};

const operators = new Map<string, WriteCondition>([
  ["eq", compare("=")],
  ["neq", compare("<>")],
  ["gt", compare(">")],
  ["gte", compare(">=")],
  ["lt", compare("<")],
  ["lte", compare("<=")],
  ["cs", compare("@>")],
  ["cd", compare("<@")],
  ["ov", compare("&&")],
  ["like", pattern("like")],
  ["ilike", pattern("ilike")],
  ["is", isState],
  ["in", isIn],
]);

const searches = new Map([
  ["fts", "to_tsquery"],
  ["plfts", "plainto_tsquery"],
  ["phfts", "phraseto_tsquery"],
  ["wfts", "websearch_to_tsquery"],
]);

/** One condition on one column: `eq.5`, `not.in.(a,b)`, `wfts(portuguese).shoes`. */
function conditionSql(relation: Relation, name: string, text: string, binder: Binder): string | null {
  const parts = /^(not\.)?([a-z]+)(?:\(([a-z_]+)\))?\.(.*)$/s.exec(text);
  if (!parts) return null;
  const [, not, operator = "", argument, value = ""] = parts;
  const type = relation.columns.get(name)?.type ?? "";
  const search = searches.get(operator);
  const write = argument === undefined ? operators.get(operator) : undefined;
  const condition = search
    ? searchSql(quote(name), search, argument, value, type, binder)
    : (write?.(quote(name), value, binder) ?? null);
  return condition !== null && not ? `not ${condition}` : condition;
}

function searchSql(
  column: string,
  query: string,
  configuration: string | undefined,
  value: string,
  type: string,
  binder: Binder,
): string | null {
  if (type !== "tsvector") return null;
  const config = configuration === undefined ? "" : `${binder.bind(configuration)}::regconfig, `;
  return `${column} @@ ${query}(${config}${binder.bind(value)})`;
}
