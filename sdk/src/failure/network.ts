import { TrackItError } from "../errors.ts";

/** Throws NETWORK_ABORTED when the caller has given up. */
export function throwIfAborted(signal: AbortSignal | undefined, action: string): void {
  if (signal?.aborted) throw aborted(signal, action);
}

export function aborted(signal: AbortSignal | undefined, action: string): TrackItError {
  return new TrackItError("NETWORK_ABORTED", `${action}: ended by its signal`, { cause: signal?.reason });
}

/** A request that brought no answer: the caller's signal, the time limit, or no way to the server. */
export function fromNetwork(cause: unknown, action: string, signal?: AbortSignal): TrackItError {
  if (signal?.aborted) return aborted(signal, action);
  if (/timeout/i.test(describe(cause))) {
    return new TrackItError("NETWORK_TIMEOUT", `${action}: no answer in time`, { cause, hint: "Try again" });
  }
  if (/abort/i.test(describe(cause))) return aborted(signal, action);
  return new TrackItError("NETWORK_OFFLINE", `${action}: the server cannot be reached`, {
    cause,
    hint: "Check the connection and the url given to createTrackIt",
  });
}

function describe(cause: unknown): string {
  if (cause instanceof Error) return `${cause.name} ${cause.message}`;
  if (typeof cause === "object" && cause !== null) return String(Reflect.get(cause, "message") ?? "");
  return String(cause);
}

/**
 * Does work that knows no signal, and stops waiting for it when the signal fires. The request itself runs on: what
 * it changes on the server may have happened. A signal that has fired before keeps it from beginning.
 */
export async function untilAborted<T>(
  work: () => Promise<T>,
  signal: AbortSignal | undefined,
  action: string,
): Promise<T> {
  throwIfAborted(signal, action);
  if (!signal) return work();
  let stop = (): void => {};
  const given = new Promise<never>((_, reject) => {
    stop = () => reject(aborted(signal, action));
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work(), given]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
