import net from "node:net";

/** How many ports a stack takes, in a row. */
const row = 5;

/**
 * The first of five free ports in a row, below those that Linux hands out. Each of the processes that run tests side by
 * side looks among ports of its own, for nobody holds these until a stack opens them.
 */
export async function freePort(): Promise<number> {
  const share = 2_000;
  const own = 20_000 + share * (Number(process.env.VITEST_POOL_ID ?? 0) % 5);
  for (;;) {
    const first = own + Math.floor(Math.random() * (share - row));
    if (await isFree(first)) return first;
  }
}

async function isFree(first: number): Promise<boolean> {
  const servers = Array.from({ length: row }, (_, at) => net.createServer().listen(first + at, "127.0.0.1"));
  const opened = await Promise.all(
    servers.map(
      (server) =>
        new Promise<boolean>((resolve) => {
          server.once("listening", () => resolve(true)).once("error", () => resolve(false));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return opened.every(Boolean);
}
