import pg from "pg";
import type { Log } from "../part.ts";

/** Partitions are made three days ahead, so an hour's delay is nothing. */
const interval = 3_600_000;

/** Keeps the daily partitions of `realtime.messages`: those of the days to come, none that is older than 72 hours. */
export function keepPartitions(adminUrl: string, log: Log): { stop(): void } {
  const timer = setInterval(() => void keep(adminUrl, log), interval).unref();
  return { stop: () => clearInterval(timer) };
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
