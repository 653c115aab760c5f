import { SanitizeError, sanitizeJson } from "../../sdk/src/sanitize/index.ts";
import { Problem } from "../_shared/problem.ts";
import type { Sanitize } from "./handler.ts";
import { MAX_BYTES, MAX_DEPTH, MAX_MS } from "./limits.ts";

/** Cleans with the SDK's sanitizer, within this function's bounds. @throws Problem where they do not hold */
export const sanitize: Sanitize = (value) => {
  const deadline = performance.now() + MAX_MS;
  const signal = {
    get aborted() {
      return performance.now() > deadline;
    },
  };
  try {
    return sanitizeJson(value, { maxBytes: MAX_BYTES, maxDepth: MAX_DEPTH, signal });
  } catch (error) {
    throw error instanceof SanitizeError ? refusalOf(error) : error;
  }
};

// Not its own words: they quote keys.
function refusalOf({ code, rule, field }: SanitizeError): Problem {
  const place = field === "" ? {} : { field: field.slice(0, 200) };
  if (code === "LIMIT_SIZE") return new Problem(413, code, "The value is too large", { ...place, rule });
  if (code === "USAGE_DEPTH")
    return new Problem(400, code, "The value is nested too deep", { ...place, rule });
  if (code === "USAGE_INVALID")
    return new Problem(400, code, "The value cannot be cleaned", { ...place, rule });
  return new Problem(413, "LIMIT_SIZE", "The value takes too long to clean", {
    rule: "less text in one call",
  });
}
