import { execFileSync, type SpawnOptions } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import path from "node:path";

/** A user of the system. */
export interface Owner {
  uid: number;
  gid: number;
}

/** How to start a program of Postgres, which refuses to run as root. */
export interface Identity {
  /** Program and arguments in front of the command; empty when none are needed. */
  prefix: string[];
  spawn: Pick<SpawnOptions, "uid" | "gid">;
}

/**
 * The user that Postgres runs as when we are root: whoever owns its files already, else `postgres` (made when
 * missing), else `nobody`.
 * @param current owner of an existing cluster
 * @returns null when we are not root: it runs as ourselves
 * @throws Error when there is neither
 */
export function postgresOwner(current: Owner | null = null): Owner | null {
  if (process.getuid?.() !== 0) return null;
  if (current && current.uid !== 0) return current;
  const owner = findUser("postgres") ?? makeUser() ?? findUser("nobody");
  if (!owner) throw new Error("cannot start Postgres as root: no user postgres or nobody exists; add one");
  return owner;
}

/**
 * Says how Postgres' programs are started for that user.
 * @param folders absolute folders that it must be able to enter: the programs' and the data's
 * @throws Error when a folder is closed to it and `setpriv` is not there to open it
 */
export function identityOf(owner: Owner | null, folders: string[]): Identity {
  const able = canSetpriv();
  // With it the server shuts down when its parent is killed, and nothing is left behind.
  const together = able ? ["setpriv", "--pdeathsig=INT"] : [];
  if (!owner) return { prefix: able ? [...together, "--"] : [], spawn: {} };
  const closed = folders.map((folder) => closedTo(owner.uid, folder)).find((folder) => folder !== null);
  if (closed !== undefined && !able)
    throw new Error(
      `cannot start Postgres: it runs as user ${owner.uid} and cannot enter ${closed}; ` +
        "start as an ordinary user, or keep the project in a folder that others may enter",
    );
  if (!able) return { prefix: [], spawn: owner };
  const become = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, "--clear-groups"];
  return { prefix: [...together, ...become, ...(closed === undefined ? [] : searchOnly), "--"], spawn: {} };
}

// A root home is closed to everyone (0700). Postgres then keeps one capability, to search and read folders, and
// loses every other; no_setuid_fixup makes access(2), which initdb asks first, honour it.
const searchOnly = [
  "--securebits=+no_setuid_fixup",
  "--inh-caps=-all,+dac_read_search",
  "--ambient-caps=+dac_read_search",
  "--bounding-set=-all,+dac_read_search",
];

function findUser(name: string): Owner | null {
  const line = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .find((entry) => entry.startsWith(`${name}:`));
  const [, , uid, gid] = line?.split(":") ?? [];
  return uid && gid ? { uid: Number(uid), gid: Number(gid) } : null;
}

function makeUser(): Owner | null {
  try {
    execFileSync("useradd", ["--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "postgres"], {
      stdio: "ignore",
    });
    return findUser("postgres");
  } catch {
    return null;
  }
}

function canSetpriv(): boolean {
  if (process.platform !== "linux") return false;
  try {
    execFileSync("setpriv", ["--pdeathsig=INT", "--", "true"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** The first folder on the way to `folder` that `uid` may not enter, or null. */
function closedTo(uid: number, folder: string): string | null {
  const parent = path.dirname(folder);
  if (parent !== folder) {
    const above = closedTo(uid, parent);
    if (above !== null) return above;
  }
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (!stat || stat.uid === uid) return null;
  return (stat.mode & 0o001) === 0 ? folder : null;
}
