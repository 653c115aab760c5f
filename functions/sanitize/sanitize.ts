import { clean } from "../../sdk/src/sanitize/clean.ts";
import type { Sanitize } from "./handler.ts";

/** Cleans every text of a JSON value, keys too. */
export const sanitize: Sanitize = (value) => {
  const report = { changed: 0 };
  return { value: walk(value, report), report };
};

function walk(value: unknown, report: { changed: number }): unknown {
  if (typeof value === "string") return text(value, report);
  if (Array.isArray(value)) return value.map((item) => walk(item, report));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [text(key, report), walk(item, report)]),
  );
}

function text(value: string, report: { changed: number }): string {
  const cleaned = clean(value);
  if (cleaned !== value) report.changed++;
  return cleaned;
}
