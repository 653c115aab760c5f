import { splitList } from "../direct/tree.ts";

const comparison = /^((?:not\.)?(?:eq|neq|gt|gte|lt|lte|isdistinct)\.)(.*)$/s;
const membership = /^((?:not\.)?in\.)(\(.*\))$/s;
const quoted = /^"((?:[^"\\]|\\.)*)"$/s;

/**
 * A condition (`eq.1e3`) whose value lite takes as it stands. Bare values it reads as JavaScript would: `1e3` as
 * 1000, `0x10` as 16, ` a ` without its spaces, a number beyond 2^53 rounded. Within quotes it leaves them alone.
 */
export function exactCondition(condition: string): string {
  const [, compare, value = ""] = comparison.exec(condition) ?? [];
  return compare === undefined ? exactMembers(condition) : `${compare}"${value}"`;
}

/** The same within a tree, where a value may come in quotes already. */
export function exactBranch(condition: string): string {
  const [, compare, value = ""] = comparison.exec(condition) ?? [];
  if (compare === undefined) return exactMembers(condition);
  const bare = quoted.exec(value)?.[1]?.replace(/\\(.)/gs, "$1") ?? value;
  // lite knows no escapes: with a quote inside, the value stays as it came.
  return bare.includes('"') ? condition : `${compare}"${bare}"`;
}

function exactMembers(condition: string): string {
  const [, operator, list = ""] = membership.exec(condition) ?? [];
  const members = operator === undefined ? null : splitList(list);
  if (!members || members.length === 0) return condition;
  return `${operator}(${members.map((member) => `"${member.replace(/["\\]/g, "\\$&")}"`).join(",")})`;
}
