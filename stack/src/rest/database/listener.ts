import pg from "pg";
import type { Log } from "../../part.ts";

export interface Listener {
  close(): Promise<void>;
}

/** Between two attempts to reach a database that went away. */
const retryMs = 500;

/**
 * Calls `reload` when the database says on channel `pgrst` that its schema has changed. A connection that was
 * lost is made again, and since what was said in between is unknown, that counts as a change too.
 */
export async function listenForReload(
  config: pg.ClientConfig,
  reload: () => void,
  log: Log,
): Promise<Listener> {
  let client: pg.Client | null = null;
  let timer: NodeJS.Timeout | null = null;
  let closed = false;

  const connect = async () => {
    const next = new pg.Client({ ...config, application_name: "rest listener" });
    next.on("notification", ({ payload }) => {
      if (payload === "" || payload === "reload schema") reload();
    });
    next.on("error", () => lost(next));
    next.on("end", () => lost(next));
    await next.connect();
    await next.query("listen pgrst");
    client = next;
  };
  const lost = (which: pg.Client) => {
    if (client !== which) return;
    client = null;
    retry();
  };
  const retry = () => {
    if (closed || timer) return;
    timer = setTimeout(async () => {
      timer = null;
      try {
        await connect();
        reload();
      } catch {
        log.debug("rest listener waits for the database");
        retry();
      }
    }, retryMs).unref();
  };

  await connect();
  return {
    async close() {
      closed = true;
      if (timer) clearTimeout(timer);
      const last = client;
      client = null;
      await last?.end().catch(() => {});
    },
  };
}
