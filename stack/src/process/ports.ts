import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { commandOf } from "./running.ts";

/** A port of ours is taken; the message says by whom, where the system tells, and what to do. */
export class PortTakenError extends Error {
  constructor(
    readonly port: number,
    readonly what: string,
  ) {
    const pid = holderOf(port);
    const command = pid === null ? null : commandOf(pid)?.slice(0, 120);
    const who = pid === null ? "by another program" : `by process ${pid}${command ? ` (${command})` : ""}`;
    super(`cannot open port ${port} for ${what}: it is held ${who}; end that, or choose ports with --port N`);
    this.name = "PortTakenError";
  }
}

/**
 * Makes sure that a port can be opened, before anything is started on it.
 * @param port 0 picks a free one
 * @returns the port
 * @throws PortTakenError
 */
export function claimPort(port: number, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) =>
      reject(error.code === "EADDRINUSE" ? new PortTakenError(port, what) : error),
    );
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      const address = probe.address();
      const found = typeof address === "object" && address ? address.port : port;
      probe.close(() => resolve(found));
    });
  });
}

/** The process that listens on a port of 127.0.0.1, or null when the system does not tell. */
export function holderOf(port: number): number | null {
  try {
    return process.platform === "linux" ? holderOnLinux(port) : holderByLsof(port);
  } catch {
    return null;
  }
}

function holderByLsof(port: number): number | null {
  const out = execFileSync("lsof", ["-nP", `-iTCP:${port}`, "-sTCP:LISTEN", "-t"], { encoding: "utf8" });
  return Number(out.split("\n")[0]) || null;
}

function holderOnLinux(port: number): number | null {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const rows = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((file) => readFileSync(file, "utf8").split("\n"));
  // Fields: number, local address:port, remote, state (0A is LISTEN), …, the tenth is the socket's inode.
  const row = rows
    .map((line) => line.trim().split(/\s+/))
    .find((f) => f[1]?.endsWith(`:${hex}`) && f[3] === "0A");
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
