import { isTrackItError, TrackItError } from "../errors.ts";

/** No right because there was no token; a token that nobody could read, or that had expired. */
const WITHOUT_TOKEN = /^(42501|PGRST30[123])$/;

/**
 * Asks as whoever is signed in. supabase-js sends the bare key where the session had to be renewed and Auth could not
 * be reached for it, and a token may expire on its way: the refusal is a stranger's then, and will pass.
 *
 * @param isThere Whether the session is still there; may throw what tells why not.
 * @throws NETWORK_SERVER in place of such a refusal
 */
export async function asUser<T>(ask: () => Promise<T>, isThere: () => Promise<boolean>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!isStrangers(error) || !(await isThere())) throw error;
    throw new TrackItError("NETWORK_SERVER", "watch: the session could not be renewed", { cause: error });
  }
}

function isStrangers(error: unknown): boolean {
  if (!isTrackItError(error, "AUTH_REQUIRED")) return false;
  const { cause } = error;
  return (
    typeof cause === "object" && cause !== null && WITHOUT_TOKEN.test(String(Reflect.get(cause, "code")))
  );
}
