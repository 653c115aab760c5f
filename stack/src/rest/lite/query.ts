import { splitTop } from "../direct/tree.ts";
import { exactBranch, exactCondition } from "./values.ts";

const treeKey = /^((?:.*?\.)??)(not\.)?(and|or)$/;
const columnKey = /^((?:[^">]+\.)?)([^.]+|"[^"]+"|[^.]*->.*)$/;
const nestedTree = /^(not\.)?(and|or)(\(.*\))$/s;
const leaf = /^((?:"(?:[^"\\]|\\.)*"|[^."])+)\.(not\.)?(.+)$/s;
const filter = /^(?:not\.)?[a-z]+(?:\([A-Za-z_ ]+\))?\./;
const reserved = new Set(["select", "order", "limit", "offset", "on_conflict", "columns"]);

type Junction = "and" | "or";

/**
 * The query as lite is to see it: without the key, which the gateway takes from links, and with its filters in a
 * form that lite reads rightly. Of several filters of one column, several `or=` and several negated groups lite
 * keeps the last, or joins them the wrong way, in silence: a write would hit more rows than were meant. So they
 * become one tree, and negations are moved into its leaves.
 * @param isCall a GET of a function, whose arguments look like filters and are left alone
 * @returns null where a filter cannot be put into a tree as it stands
 */
export function liteQuery(query: string, isCall: boolean): string | null {
  if (query === "") return "";
  const params = new URLSearchParams(query);
  params.delete("apikey");
  if (!isCall && !foldFilters(params)) return null;
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

/** `or=(a)&not.and=(b,c)&d=gt.1&d=lt.5` → `and=(or(a),or(not b,not c),d.gt.1,d.lt.5)`, also for embedded relations. */
function foldFilters(params: URLSearchParams): boolean {
  const kept: [string, string][] = [];
  const found = new Map<string, string[]>();
  for (const [key, value] of params) {
    const branch = treeOf(key, value) ?? repeatedOf(key, value, params);
    if (branch === null) kept.push([key, reserved.has(key) ? value : exactCondition(value)]);
    else if (branch.text === null) return false;
    else found.set(branch.relation, [...(found.get(branch.relation) ?? []), branch.text]);
  }
  for (const key of new Set(params.keys())) params.delete(key);
  for (const [key, value] of kept) params.append(key, value);
  for (const [relation, branches] of found) params.append(`${relation}and`, `(${branches.join(",")})`);
  return true;
}

/** A piece of the one tree, and of which relation; its text is null where it has none. */
interface Branch {
  relation: string;
  text: string | null;
}

function treeOf(key: string, value: string): Branch | null {
  const parts = treeKey.exec(key);
  const text = parts && rewrite(value, parts[3] as Junction, parts[2] !== undefined);
  // What cannot be read is left for lite to refuse.
  return parts && text ? { relation: parts[1] ?? "", text } : null;
}

function repeatedOf(key: string, value: string, params: URLSearchParams): Branch | null {
  if (reserved.has(key) || !filter.test(value) || params.getAll(key).length < 2) return null;
  const parts = columnKey.exec(key);
  if (!parts || reserved.has(parts[2] ?? "")) return null;
  const condition = `${parts[2]}.${exactBranch(value)}`;
  return { relation: parts[1] ?? "", text: splitTop(`(${condition})`)?.length === 1 ? condition : null };
}

/** A tree without negated groups: by De Morgan's laws, which hold with nulls too. */
function rewrite(list: string, junction: Junction, isNegated: boolean): string | null {
  const branches = splitTop(list)?.map((branch) => {
    const nested = nestedTree.exec(branch);
    if (!nested) return exactLeaf(branch, isNegated);
    const [, not, inner, innerList = ""] = nested;
    return rewrite(innerList, inner as Junction, isNegated !== (not !== undefined));
  });
  if (!branches || branches.length === 0 || branches.includes(null)) return null;
  const flipped: Junction = junction === "and" ? "or" : "and";
  return `${isNegated ? flipped : junction}(${branches.join(",")})`;
}

function exactLeaf(condition: string, isNegated: boolean): string | null {
  const parts = leaf.exec(condition);
  if (!parts) return null;
  const [, column, not, test = ""] = parts;
  const negation = isNegated === (not !== undefined) ? "" : "not.";
  return `${column}.${exactBranch(negation + test)}`;
}
