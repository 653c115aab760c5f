import { createServer, connect as dial, type Socket } from "node:net";

/**
 * - `open`: bytes go both ways
 * - `down`: nobody gets through, and who is through is cut off
 * - `deaf`: requests arrive, answers are lost
 */
export type Line = "open" | "down" | "deaf";

export interface CuttingProxy {
  url: string;
  /** How often the line has gone from open to another state. */
  readonly cuts: number;
  /** At once; what was planned is forgotten. */
  set(line: Line): void;
  /** After so many further chunks of requests. */
  after(chunks: number, line: Line): void;
  close(): Promise<void>;
}

/** A TCP proxy in front of a server on this machine, whose line can be cut. */
export async function cuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let line: Line = "open";
  let planned: { chunks: number; line: Line }[] = [];
  let cuts = 0;
  const change = (next: Line): void => {
    if (line === "open" && next !== "open") cuts += 1;
    line = next;
    if (line === "down") for (const socket of sockets) socket.destroy();
  };
  const count = (): void => {
    for (const plan of planned) plan.chunks -= 1;
    for (const { line: next } of planned.filter(({ chunks }) => chunks < 0)) change(next);
    planned = planned.filter(({ chunks }) => chunks >= 0);
  };
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  };
  const server = createServer((near) => {
    keep(near);
    if (line === "down") return void near.destroy();
    const far = dial(Number(port), hostname);
    keep(far);
    near.on("data", (bytes) => {
      far.write(bytes);
      count();
    });
    far.on("data", (bytes) => {
      if (line === "open") near.write(bytes);
      else near.destroy();
    });
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const own = typeof address === "object" && address ? address.port : 0;
  return {
    url: `http://127.0.0.1:${own}`,
    get cuts() {
      return cuts;
    },
    set(next) {
      planned = [];
      change(next);
    },
    after: (chunks, next) => void planned.push({ chunks, line: next }),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
