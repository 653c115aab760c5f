import { TrackItError } from "../errors.ts";

/**
 * Gives work up that has no end of its own: a request on a connection that carries nothing any more. Its signal fires
 * then, so that the connection is not used again.
 *
 * @throws NETWORK_TIMEOUT after so many milliseconds
 */
export async function within<T>(
  ms: number,
  action: string,
  work: (signal: AbortSignal) => Promise<T>,
  outer?: AbortSignal,
): Promise<T> {
  const given = new AbortController();
  const give = (): void => given.abort(outer?.reason);
  if (outer?.aborted) give();
  outer?.addEventListener("abort", give, { once: true });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new TrackItError("NETWORK_TIMEOUT", `${action}: no answer within ${ms} ms`));
      give();
    }, ms);
  });
  try {
    return await Promise.race([work(given.signal), late]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", give);
  }
}
