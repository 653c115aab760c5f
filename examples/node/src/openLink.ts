import { access } from "node:fs/promises";
import path from "node:path";
import { createTrackIt } from "@trackit/sdk";
import { fileTarget } from "@trackit/sdk/node";
import { readEnvironment } from "./environment.ts";
import { typedPath } from "./places.ts";
import { progress } from "./progress.ts";

/** Opens a link without an account, and saves what it leads to. */
export async function openLink(
  link: string,
  { password, to }: { password?: string | undefined; to?: string | undefined },
): Promise<void> {
  const { url, key } = readEnvironment();
  const stranger = createTrackIt({ url, key, remember: "never" });
  try {
    // Opening counts: what stands in the way is found before.
    if (to !== undefined && (await isThere(typedPath(to))))
      throw new Error(`${JSON.stringify(typedPath(to))} is there already: name another place with --to`);
    const opened = await stranger.shares.open(link, password ? { password } : {});
    const target = to === undefined ? await freePath(opened.name) : typedPath(to);
    const stop = new AbortController();
    // What has not come whole leaves nothing behind.
    process.once("SIGINT", () => stop.abort());
    await opened.save(fileTarget(target), { onProgress: progress("came"), signal: stop.signal });
    console.log(`saved as ${JSON.stringify(target)}, ${opened.size} bytes`);
  } finally {
    await stranger.close();
  }
}

/** The name is the sender's choice: it hides nothing, as `.npmrc` would, and where it is taken it gets a number. */
async function freePath(given: string): Promise<string> {
  const shown = given.replace(/^\./, "_");
  const { name, ext } = path.parse(shown);
  for (let number = 1; ; number++) {
    const target = typedPath(number === 1 ? shown : `${name} (${number})${ext}`);
    if (!(await isThere(target))) return target;
  }
}

const isThere = (target: string): Promise<boolean> =>
  access(target).then(
    () => true,
    () => false,
  );
