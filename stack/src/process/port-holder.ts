import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The process that listens on a port of 127.0.0.1, or null when the system does not tell. */
export function holderOf(port: number): number | null {
  try {
    return process.platform === "linux" ? holderOnLinux(port) : holderByLsof(port);
  } catch {
    return null;
  }
}

function holderByLsof(port: number): number | null {
  const out = execFileSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-t"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return Number(out.split("\n")[0]) || null;
}

/** Local addresses, as the kernel writes them, that stand in the way of 127.0.0.1. */
const inTheWay = new Set([
  "0100007F",
  "00000000",
  "00000000000000000000000000000000",
  "0000000000000000FFFF00000100007F",
]);

function holderOnLinux(port: number): number | null {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const rows = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => readFileSync(file, "utf8").split("\n"));
  // Fields: number, local address:port, remote, state (0A is LISTEN), …, the tenth is the socket's inode.
  const row = rows
    .map((line) => line.trim().split(/\s+/))
    .find(([, local = "", , state]) => {
      const [address = "", at] = local.split(":");
      return at === hex && state === "0A" && inTheWay.has(address);
    });
  const socket = row?.[9] && `socket:[${row[9]}]`;
  if (!socket) return null;
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return Number(pids.find((pid) => holds(pid, socket))) || null;
}

function holds(pid: string, socket: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === socket);
  } catch {
    return false;
  }
}
