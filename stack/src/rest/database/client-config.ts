import { existsSync } from "node:fs";
import path from "node:path";
import type pg from "pg";

/** A database URL as the driver's options. */
export function clientConfig(url: string): pg.ClientConfig {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port || 5432),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: decodeURIComponent(pathname.slice(1)),
  };
}

/**
 * The same by Unix socket, which takes a fifth less of the processor than TCP on the same machine, or null where
 * the server has none that lies on this machine.
 * @param folders what the server says of `unix_socket_directories`
 */
export function socketConfig(config: pg.ClientConfig, folders: readonly string[]): pg.ClientConfig | null {
  const isLocal = ["127.0.0.1", "localhost", "::1", "[::1]"].includes(config.host ?? "");
  const folder = folders.find((one) => one !== "" && existsSync(path.join(one, `.s.PGSQL.${config.port}`)));
  return isLocal && folder !== undefined ? { ...config, host: folder } : null;
}
