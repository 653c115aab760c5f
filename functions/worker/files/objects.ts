import { credentials } from "../../_shared/admin.ts";
import type { Environment } from "../../_shared/environment.ts";
import { JobFailure } from "../drain.ts";

/** Objects of the bucket `files`, as far as the worker has to do with them. */
export interface Objects {
  /** Removes what is there of these; what is not, is no failure. At most 1,000 at a time, as Storage takes them. */
  remove(paths: string[]): Promise<void>;
}

/** How long Storage may take, in milliseconds. */
const patience = 30_000;

/** Objects behind the Storage API, the one way in which their bytes go. */
export function createObjects({ url, secretKeys }: Environment, fetcher: typeof fetch = fetch): Objects {
  const [key] = secretKeys;
  if (!key) throw new Error("cannot remove objects: no secret key is set, want SUPABASE_SECRET_KEYS");
  return {
    async remove(paths) {
      const answer = await fetcher(`${url}/storage/v1/object/files`, {
        method: "DELETE",
        headers: { ...credentials(key), "content-type": "application/json" },
        body: JSON.stringify({ prefixes: paths }),
        signal: AbortSignal.timeout(patience),
      }).catch((cause: unknown) => {
        throw new JobFailure("storage is away", { cause });
      });
      await answer.body?.cancel();
      if (!answer.ok) throw new JobFailure(`storage ${answer.status}`);
    },
  };
}
