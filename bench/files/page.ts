import { createTrackIt } from "../../sdk/src/index.ts";
import type { Answer } from "./protocol.ts";

/** In the browser: asks for a link, saves what it opens into the origin's private files, and tells how long that is. */
declare const PROJECT: { url: string; key: string };

const trackit = createTrackIt(PROJECT);

async function save(link: string): Promise<number> {
  const opened = await trackit.shares.open(link);
  const folder = await navigator.storage.getDirectory();
  const file = await folder.getFileHandle("bench.bin", { create: true });
  await opened.save(await file.createWritable());
  return (await file.getFile()).size;
}

async function work(): Promise<never> {
  for (;;) {
    const link = await (await fetch("/link")).text();
    const answer: Answer = await save(link).then(
      (size) => ({ said: String(size) }),
      (error: unknown) => ({ error: String(error) }),
    );
    await fetch("/saved", { method: "POST", body: JSON.stringify(answer) });
  }
}

void work();
