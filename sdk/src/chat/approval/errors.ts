import { TrackItError } from "../../errors.ts";

export function noApproval(action: string, why: string, cause?: unknown): TrackItError {
  return new TrackItError("CRYPTO_APPROVAL", `${action}: ${why}`, {
    hint: "Ask anew: devices.requestApproval() on the new device shows another code",
    ...(cause === undefined ? {} : { cause }),
  });
}

export const gaveUp = (action: string, signal: AbortSignal): TrackItError =>
  new TrackItError("NETWORK_ABORTED", `${action}: aborted`, { cause: signal.reason });
