import pg from "pg";
import type { Log } from "../part.ts";

/** Partitions are made three days ahead, so an hour's delay is nothing. */
const interval = 3_600_000;

export interface Partitions {
  /** Today's is missing, after a machine slept for days: does at once what is due within the hour. */
  keepNow(): Promise<void>;
  stop(): void;
}

/** Keeps the daily partitions of `realtime.messages`: those of the days to come, none that is older than 72 hours. */
export function keepPartitions(adminUrl: string, log: Log): Partitions {
  let isWorking = false;
  const keepNow = async () => {
    if (isWorking) return;
    isWorking = true;
    await keep(adminUrl, log);
    isWorking = false;
  };
  const timer = setInterval(keepNow, interval).unref();
  return { keepNow, stop: () => clearInterval(timer) };
}

async function keep(adminUrl: string, log: Log): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl, application_name: "realtime partitions" });
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query("select realtime.keep_partitions()");
  } catch (error) {
    log.warn("realtime.partitions", { reason: (error as Error).message });
  } finally {
    await client.end().catch(() => {});
  }
}
