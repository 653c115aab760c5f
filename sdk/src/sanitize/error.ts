import type { ErrorCode } from "../errors.ts";

/** The codes that cleaning may end with, from the SDK's closed list. */
export type SanitizeErrorCode = Extract<
  ErrorCode,
  "USAGE_INVALID" | "USAGE_DEPTH" | "LIMIT_SIZE" | "NETWORK_ABORTED"
>;

/**
 * What cleaning throws. A class of its own, because functions read this folder as it is, without the rest of the SDK;
 * by its name `isTrackItError()` knows it.
 */
export class SanitizeError extends Error {
  override readonly name = "TrackItError";
  readonly code: SanitizeErrorCode;
  /** JSON pointer to what was refused; "" for the whole value. */
  readonly field: string;
  /** What is wanted, in words. */
  readonly rule: string;

  constructor(code: SanitizeErrorCode, found: string, { field, rule }: { field: string; rule: string }) {
    super(`cannot clean ${field === "" ? "the value" : field}: ${found}, want ${rule}`);
    this.code = code;
    this.field = field;
    this.rule = rule;
  }
}
