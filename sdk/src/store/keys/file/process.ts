import { execFile } from "node:child_process";
import { readFile, readlink } from "node:fs/promises";
import { hostname } from "node:os";
import { promisify } from "node:util";

/** Who holds a lock, so that another can tell whether it still lives. */
export interface Holder {
  pid: number;
  /** When the process began: another that was given the same number began later. Empty where nobody tells. */
  started: string;
  /** Where the number means that process: the machine, its boot, and on Linux the namespace of numbers. */
  where: string;
  /** Different for every lock that was ever taken. */
  nonce: string;
}

export async function self(): Promise<Holder> {
  const [started, place] = await Promise.all([startOf(process.pid), where()]);
  return { pid: process.pid, started, where: place, nonce: crypto.randomUUID() };
}

/** Dead for certain; a holder on another machine, or in another container, is not known to be. */
export async function isDead({ pid, started, where: place }: Holder): Promise<boolean> {
  const [machine, , numbers] = place.split(" ");
  const [ownMachine, , ownNumbers] = (await where()).split(" ");
  if (machine !== ownMachine) return false;
  // Since another boot, nobody lives.
  if (place.split(" ")[1] !== (await where()).split(" ")[1]) return true;
  if (numbers !== ownNumbers) return false;
  if (!isThere(pid)) return true;
  const now = await startOf(pid);
  return now === GONE || (started !== "" && now !== "" && now !== started);
}

const GONE = "gone";

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there, and another user's.
    return Reflect.get(Object(error), "code") !== "ESRCH";
  }
}

/** Linux: clock ticks since boot, field 22 of proc_pid_stat(5). Elsewhere what `ps` says, or nothing. */
async function startOf(pid: number): Promise<string> {
  if (process.platform === "linux") {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null);
    // The name, in parentheses, may hold spaces and parentheses itself.
    const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (!fields) return GONE;
    // A zombie has ended; only its parent has not looked yet.
    return /^[ZXx]$/.test(fields[0] ?? "") ? GONE : (fields[19] ?? "");
  }
  if (process.platform === "win32") return "";
  const ask = promisify(execFile)("ps", ["-o", "lstart=", "-p", String(pid)]);
  return ask.then(
    ({ stdout }) => stdout.trim() || GONE,
    () => "",
  );
}

async function where(): Promise<string> {
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => "-");
  const numbers = await readlink("/proc/self/ns/pid").catch(() => "-");
  return [encodeURIComponent(hostname()), boot.trim(), numbers].join(" ");
}
