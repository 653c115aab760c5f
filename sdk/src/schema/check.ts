import * as z from "zod/mini";

/** What is wrong with an input, in words that an app can show beside the field. */
export interface Fault {
  kind: "invalid" | "unknown";
  /** Dotted path: `title`, `tasks.2.title`; empty for the whole input. */
  field: string;
  value: unknown;
  rule: string;
}

export type Checked<Output> = { ok: true; value: Output } | { ok: false; fault: Fault };

/** Checks an input against its schema and reports the first fault. */
export function check<Output>(schema: z.ZodMiniType<Output, unknown>, input: unknown): Checked<Output> {
  const result = z.safeParse(schema, input, { reportInput: true });
  if (result.success) return { ok: true, value: result.data };
  const issue = result.error.issues[0];
  if (!issue) return { ok: false, fault: { kind: "invalid", field: "", value: input, rule: "valid input" } };
  if (issue.code === "unrecognized_keys") {
    const field = [...issue.path, issue.keys[0]].join(".");
    return { ok: false, fault: { kind: "unknown", field, value: issue.keys[0], rule: "a known field" } };
  }
  const missing = issue.input === undefined;
  const rule = missing ? `given (${ruleOf(issue)})` : ruleOf(issue);
  return { ok: false, fault: { kind: "invalid", field: issue.path.join("."), value: issue.input, rule } };
}

function ruleOf(issue: z.core.$ZodIssue): string {
  if (issue.code === "invalid_type" && issue.message === "Invalid input") return `of type ${issue.expected}`;
  return issue.message;
}
