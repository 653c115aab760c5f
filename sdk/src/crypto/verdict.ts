/** Judged by every client from public data alone: valid, or without effect for anybody, and by which rule. */
export type Verdict<Reason extends string> = "valid" | { void: Reason };

/** A rule: the reason when it does not hold, and whether it does. */
export type Rule<Case, Reason extends string> = readonly [
  reason: Reason,
  holds: (given: Case) => boolean | Promise<boolean>,
];

/**
 * The first rule that does not hold decides.
 *
 * @see docs/protocol.md §13.1
 */
export async function judge<Case, Reason extends string>(
  rules: readonly Rule<Case, Reason>[],
  given: Case,
): Promise<Verdict<Reason>> {
  for (const [reason, holds] of rules) {
    if (!(await holds(given))) return { void: reason };
  }
  return "valid";
}
