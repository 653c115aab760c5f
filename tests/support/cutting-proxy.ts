import { createServer, connect as dial, type Socket } from "node:net";

/**
 * - `open`: bytes go both ways
 * - `down`: nobody gets through, and who is through is cut off
 * - `deaf`: requests arrive, answers are lost
 */
export type Line = "open" | "down" | "deaf";

export type Way = "requests" | "answers";

export interface CuttingProxy {
  url: string;
  /** How often the line has gone from open to another state. */
  readonly cuts: number;
  /** At once; what was planned is forgotten. */
  set(line: Line): void;
  /** How many connections have ended because an answer was lost. */
  readonly lost: number;
  /** After so many further chunks of requests. */
  after(chunks: number, line: Line): void;
  /** Behind so many further bytes of requests or of answers. */
  behind(bytes: number, way: Way, line: Line): void;
  close(): Promise<void>;
}

/** A TCP proxy in front of a server on this machine, whose line can be cut. */
export async function cuttingProxy(target: string): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let line: Line = "open";
  let planned: { chunks: number; line: Line }[] = [];
  let marked: { left: number; way: Way; line: Line } | null = null;
  let cuts = 0;
  let lost = 0;
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
  /** Passes bytes on, to the byte where the line is to change: what is cut off is lost, what only loses answers is not. */
  const pass = (bytes: Buffer, from: Socket, to: Socket, way: Way): void => {
    const mark = marked?.way === way ? marked : null;
    if (!mark || bytes.length < mark.left) {
      if (mark) mark.left -= bytes.length;
      to.write(bytes);
      return;
    }
    marked = null;
    if (mark.line === "down") from.pause();
    to.write(mark.line === "down" ? bytes.subarray(0, mark.left) : bytes, () => change(mark.line));
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
      pass(bytes, near, far, "requests");
      count();
    });
    far.on("data", (bytes) => {
      if (line === "open") return pass(bytes, far, near, "answers");
      if (!near.destroyed) lost += 1;
      near.destroy();
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
    get lost() {
      return lost;
    },
    set(next) {
      planned = [];
      marked = null;
      change(next);
    },
    behind(bytes, way, next) {
      marked = { left: bytes, way, line: next };
    },
    after: (chunks, next) => void planned.push({ chunks, line: next }),
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
