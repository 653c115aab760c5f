import { chownSync, mkdirSync } from "node:fs";
import path from "node:path";
import type { Log } from "../part.ts";
import { identityOf, postgresOwner } from "../process/identity.ts";
import { findBinaries } from "./binaries.ts";
import { type ClusterOptions, clusterPath, openCluster, ownerOfCluster } from "./cluster.ts";
import { Keeper } from "./keeper.ts";
import { endOrphan } from "./orphan.ts";
import type { ServerSettings } from "./settings.ts";

export interface ServerOptions extends ClusterOptions, ServerSettings {
  log: Log;
}

/** A running Postgres that is started again when it is killed. */
export interface Server {
  port: number;
  /** True when this start made the cluster, so that the bootstrap must run. */
  fresh: boolean;
  /** The postmaster's process id; changes after a restart. */
  pid(): number;
  /** Notes that the bootstrap is done; a cluster without this note is made anew at the next start. */
  markReady(): void;
  stop(): Promise<void>;
}

/**
 * Starts Postgres on 127.0.0.1.
 * @throws PortTakenError, or Error with the server's own last words when it does not come up
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const binaries = await findBinaries();
  mkdirSync(options.folder, { recursive: true, mode: 0o700 });
  const owner = postgresOwner(ownerOfCluster(options.folder));
  if (owner) chownSync(options.folder, owner.uid, owner.gid);
  const identity = identityOf(owner, [path.dirname(binaries.postgres), options.folder]);
  const programs = { binaries, identity, owner };
  const left = await endOrphan(clusterPath(options.folder));
  if (left.length > 0) options.log.warn("postgres.orphan", { pids: left });
  const cluster = await openCluster(programs, options);
  const keeper = new Keeper(programs, cluster.path, options, options.log);
  await keeper.start();
  return {
    port: options.port,
    fresh: cluster.fresh,
    pid: () => keeper.pid,
    markReady: () => cluster.markReady(),
    stop: () => keeper.stop(),
  };
}

/**
 * Gives the data directory around a cluster's folder to the user that Postgres runs as: it is 0700, and who may
 * not pass through it cannot reach the cluster.
 */
export function letPostgresIn(folder: string): void {
  const owner = postgresOwner(ownerOfCluster(folder));
  if (owner) chownSync(path.dirname(folder), owner.uid, owner.gid);
}
