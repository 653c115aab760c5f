import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Log } from "./part.ts";

/** A server that accepts connections. */
export interface Listener {
  port: number;
  /** Cuts what is under way. */
  close(): Promise<void>;
}

/**
 * Has `server` listen on 127.0.0.1. What goes wrong with accepting later (no file handle is left, say) is logged
 * under `name`, and ends nothing.
 * @param port 0 for any free port
 * @throws EADDRINUSE when the port is taken
 */
export async function listenLocally(server: Server, port: number, log: Log, name: string): Promise<Listener> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.on("error", (error) => log.error(`${name}.server_error`, { reason: String(error) }));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
