import { type ObjectRow, objectColumns } from "../database/rows.ts";
import type { Call } from "../http/call.ts";
import { optionalChoice, optionalTruth } from "../http/params.ts";

const modes = ["exclude", "include", "only"] as const;

export interface ListFilter {
  /** Nothing is asked for but what no bucket here keeps: earlier versions, or marks of what was deleted. */
  nothing: boolean;
  /** One name is asked for, and not what begins with it. */
  exact: boolean;
}

/** `noncurrentVersions`, `deleteMarkers` and `exactMatch` of a list. */
export function listFilter(body: Record<string, unknown>): ListFilter {
  const versions = optionalChoice(body, "noncurrentVersions", modes);
  const markers = optionalChoice(body, "deleteMarkers", modes);
  return {
    nothing: versions === "only" || markers === "only",
    exact: optionalTruth(body, "exactMatch") ?? false,
  };
}

/** The object of that name, where the caller may see it. */
export function rowOfName(call: Call, name: string): Promise<ObjectRow[]> {
  return call.services.database.as(call.caller, call.operation, (tx) =>
    tx.rows<ObjectRow>(`select ${objectColumns} from storage.objects where bucket_id = $1 and name = $2`, [
      call.bucket,
      name,
    ]),
  );
}
