import { spawn } from "node:child_process";
import { chownSync, existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Identity, Owner } from "../process/identity.ts";
import type { Binaries } from "./binaries.ts";
import { serverEnvironment } from "./settings.ts";

/** The files of a database in a data directory. */
export interface Cluster {
  /** Where they are. */
  path: string;
  /** True until the bootstrap and the first migrations are done. */
  fresh: boolean;
  /** Notes that they are done; a cluster without this note is made anew at the next start. */
  markReady(): void;
}

export interface ClusterOptions {
  folder: string;
  /** Password of the superuser `supabase_admin`. */
  password: string;
  /** Nothing is kept: no fsync. */
  ephemeral: boolean;
}

/** What Postgres runs as, and where its programs are. */
export interface Programs {
  binaries: Binaries;
  identity: Identity;
  owner: Owner | null;
}

export const clusterPath = (folder: string) => path.join(folder, "cluster");

/** Whether a folder holds a database that was made to its end. */
export const hasCluster = (folder: string) => existsSync(path.join(folder, "ready"));

/** Opens the cluster in a folder, or makes it; one that was not finished is thrown away. */
export async function openCluster(programs: Programs, options: ClusterOptions): Promise<Cluster> {
  const cluster = clusterPath(options.folder);
  const note = path.join(options.folder, "ready");
  const fresh = !hasCluster(options.folder);
  if (fresh) {
    removeUnfinished(options.folder);
    await make(programs, options);
  }
  return {
    path: cluster,
    fresh,
    markReady: () => writeFileSync(note, `${new Date().toISOString()}\n`, { mode: 0o600 }),
  };
}

/** User and group that own a cluster, or null where there is none. */
export function ownerOfCluster(folder: string): Owner | null {
  const found = statSync(clusterPath(folder), { throwIfNoEntry: false });
  return found ? { uid: found.uid, gid: found.gid } : null;
}

const half = /^cluster(\..*)?$|^password\./;

function removeUnfinished(folder: string): void {
  for (const name of readdirSync(folder).filter((one) => half.test(one)))
    rmSync(path.join(folder, name), { recursive: true, force: true, maxRetries: 5 });
}

// Made under a name of its own: a killed start's initdb may still be writing to the name that it was given.
async function make({ binaries, identity, owner }: Programs, options: ClusterOptions): Promise<void> {
  const mark = crypto.randomUUID().slice(0, 8);
  const aside = `${clusterPath(options.folder)}.${mark}`;
  const passwordFile = path.join(options.folder, `password.${mark}`);
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 });
  if (owner) chownSync(passwordFile, owner.uid, owner.gid);
  const sync = options.ephemeral ? ["--no-sync"] : [];
  const locale = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=und"];
  const login = ["--username=supabase_admin", "--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  try {
    await run(identity, binaries.initdb, [`--pgdata=${aside}`, ...login, ...locale, ...sync]);
    renameSync(aside, clusterPath(options.folder));
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

function run(identity: Identity, program: string, args: string[]): Promise<void> {
  const [command = program, ...rest] = [...identity.prefix, program, ...args];
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, {
      ...identity.spawn,
      cwd: "/",
      env: serverEnvironment,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stdout.on("data", (chunk) => (said += chunk));
    child.stderr.on("data", (chunk) => (said += chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) return resolve();
      const words = said.trim().split("\n").slice(-6).join("\n");
      reject(new Error(`cannot make the database: ${path.basename(program)} said: ${words}`));
    });
  });
}
