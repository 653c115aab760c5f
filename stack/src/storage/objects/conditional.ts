import type { IncomingHttpHeaders } from "node:http";
import type { ObjectRow } from "../database/rows.ts";

/** Whether the caller has it already. @see RFC 9110, section 13 */
export function isUnchanged(headers: IncomingHttpHeaders, { metadata }: ObjectRow): boolean {
  const tags = headers["if-none-match"];
  if (tags !== undefined) return tags.trim() === "*" || listed(tags, metadata?.eTag);
  const since = Date.parse(headers["if-modified-since"] ?? "");
  return !Number.isNaN(since) && seconds(metadata?.lastModified) <= seconds(since);
}

/** Whether the caller wants it only as it was, and it is no longer. */
export function isOvertaken(headers: IncomingHttpHeaders, { metadata }: ObjectRow): boolean {
  const tags = headers["if-match"];
  if (tags !== undefined)
    return tags.trim() !== "*" && !tags.split(",").some((one) => one.trim() === metadata?.eTag);
  const until = Date.parse(headers["if-unmodified-since"] ?? "");
  return !Number.isNaN(until) && seconds(metadata?.lastModified) > seconds(until);
}

/** Whether the rest of what the caller has begun to read is still the rest of that. */
export function rangeStillHolds(headers: IncomingHttpHeaders, { metadata }: ObjectRow): boolean {
  const condition = headers["if-range"];
  if (typeof condition !== "string") return true;
  if (condition.includes('"')) return condition.trim() === metadata?.eTag;
  return seconds(Date.parse(condition)) === seconds(metadata?.lastModified);
}

const listed = (tags: string, tag: string | undefined) =>
  tags.split(",").some((one) => one.trim().replace(/^W\//, "") === tag);

/** Headers carry whole seconds. */
function seconds(moment: string | number | undefined): number {
  const at = typeof moment === "number" ? moment : Date.parse(moment ?? "");
  return Math.floor(at / 1000);
}
