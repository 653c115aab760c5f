import type { Change } from "@trackit/sdk/sanitize";

/** The sanitizer's own entry, which is loaded when it is needed. */
export type Sanitizer = typeof import("@trackit/sdk/sanitize");

export interface Outcome {
  as: "json" | "text";
  before: string;
  after: string;
  changes: readonly Change[];
  /** Changes beyond those that are listed. */
  more: number;
}

/** Cleans what was pasted: every text within it where it is a JSON object or array, else the text as it stands. */
export function outcomeOf(given: string, { sanitizeJson }: Sanitizer): Outcome {
  const json = parsed(given);
  const { value, report, omitted } = sanitizeJson(json ?? given);
  const rest = { changes: report, more: omitted };
  if (json === null) return { as: "text", before: given, after: String(value), ...rest };
  return {
    as: "json",
    before: JSON.stringify(json, null, 2),
    after: JSON.stringify(value, null, 2),
    ...rest,
  };
}

function parsed(given: string): object | null {
  if (!/^\s*[[{]/.test(given)) return null;
  try {
    const value: unknown = JSON.parse(given);
    return typeof value === "object" ? value : null;
  } catch {
    return null;
  }
}
