/**
 * A fetch that gives up after `timeout` milliseconds (0: never) with a TimeoutError, besides the caller's own
 * signal. The limit is for the answer's head; a body may take longer.
 */
export function fetchWithin(timeout: number, send: typeof fetch = fetch): typeof fetch {
  if (timeout === 0) return send;
  return async (input, init) => {
    const limit = new AbortController();
    const timer = setTimeout(
      () => limit.abort(new TimeoutError(`timeout: no answer within ${timeout} ms`)),
      timeout,
    );
    try {
      return await send(input, { ...init, signal: either(init?.signal ?? null, limit.signal) });
    } finally {
      clearTimeout(timer);
    }
  };
}

/** As the platform's own, which React Native does not have. Told by its message too: the auth client keeps only that. */
class TimeoutError extends Error {
  override readonly name = "TimeoutError";
}

/** Fires with the first of both. */
export function either(own: AbortSignal | null, limit: AbortSignal): AbortSignal {
  if (!own) return limit;
  // Missing before Safari 17.4 and Node 20.3: there the caller's own wish counts more than the limit.
  return typeof AbortSignal.any === "function" ? AbortSignal.any([own, limit]) : own;
}
