import { socketFolder } from "./socket.ts";

/** What decides how the server runs. */
export interface ServerSettings {
  /** Folder of the cluster and of the server's log. */
  folder: string;
  port: number;
  /** Nothing outlives the process: no fsync, faster. */
  ephemeral: boolean;
}

// What a statement was and what its rows held is nobody's business: errors go to whoever caused them, and the
// log keeps what the server says of itself, without details.
const discreet = {
  log_min_messages: "log",
  log_min_error_statement: "panic",
  log_error_verbosity: "terse",
  log_statement: "none",
  log_min_duration_statement: "-1",
  log_checkpoints: "off",
};

/** Command line of `postgres` for a cluster. */
export function serverArguments(cluster: string, { folder, port, ephemeral }: ServerSettings): string[] {
  const settings = {
    listen_addresses: "127.0.0.1",
    unix_socket_directories: socketFolder(folder) ?? "",
    wal_level: "logical",
    // A forgotten replication slot must not fill the disk.
    max_slot_wal_keep_size: "256MB",
    max_connections: 100,
    shared_buffers: "64MB",
    jit: "off",
    // As on hosted. The default is for disks with heads, and makes Postgres sort where an index has the order.
    random_page_cost: "1.1",
    timezone: "UTC",
    log_timezone: "UTC",
    ...discreet,
    // Commits are written at once all the same: Realtime reads no WAL that Postgres has not written.
    ...(ephemeral ? { fsync: "off", full_page_writes: "off" } : {}),
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return ["-D", cluster, "-p", String(port), ...flags];
}

/** Variables of the server's process: none of the caller's own, which may hold secrets or change its language. */
export const serverEnvironment = { PATH: process.env.PATH, LC_ALL: "C.UTF-8", TZ: "UTC" };
