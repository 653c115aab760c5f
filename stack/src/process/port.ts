import { createServer, type Server } from "node:net";
import { holderOf } from "./port-holder.ts";
import { commandOf } from "./running.ts";

/** A port of ours is taken; the message says by whom, where the system tells, and what to do. */
export class PortTakenError extends Error {
  constructor(
    readonly port: number,
    readonly what: string,
  ) {
    super(
      `cannot open port ${port} for ${what}: it is held ${holder(port)}; end that, or choose ports with --port N`,
    );
    this.name = "PortTakenError";
  }
}

function holder(port: number): string {
  const pid = holderOf(port);
  if (pid === null) return "by another program";
  const command = commandOf(pid)?.slice(0, 120);
  return `by process ${pid}${command ? ` (${command})` : ""}`;
}

/** A port that is kept open, so that nobody else gets it before its part is ready to open it. */
export interface Reservation {
  port: number;
  release(): Promise<void>;
}

/**
 * Opens a port of 127.0.0.1 and keeps it.
 * @param port 0 picks a free one
 * @param what what it is for, in words
 * @throws PortTakenError
 */
export function reservePort(port: number, what: string): Promise<Reservation> {
  return new Promise((resolve, reject) => {
    // Whoever comes too early is turned away; a connection that stayed would hold the port.
    const keeper = createServer((socket) => socket.destroy());
    keeper.once("error", (error) => reject(portError(error, port, what)));
    keeper.listen({ port, host: "127.0.0.1", exclusive: true }, () => {
      const address = keeper.address();
      const found = typeof address === "object" && address ? address.port : port;
      resolve({ port: found, release: () => close(keeper) });
    });
  });
}

const close = (server: Server) => new Promise<void>((resolve) => void server.close(() => resolve()));

/** What opening a port failed with, in words; any other error comes back as it is. */
export function portError(error: unknown, port: number, what: string): unknown {
  const { code } = error as { code?: string };
  if (code === "EADDRINUSE" || code === "PORT_BUSY") return new PortTakenError(port, what);
  if (code !== "EACCES") return error;
  return new Error(`cannot open port ${port} for ${what}: this user may not; choose ports with --port N`, {
    cause: error,
  });
}
