import { invalid } from "../failure/invalid.ts";
import { isUuid } from "../ids/uuid7.ts";

/** @throws USAGE_INVALID */
export function checkId(id: unknown, action: string): asserts id is string {
  if (!isUuid(id)) throw invalid(action, "id", id, "a UUID");
}
