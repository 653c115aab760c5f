import { type Duration, isTrackItError, type StoredFile, type TrackIt, type Upload } from "@trackit/sdk";
import { type DiskSource, fileSource } from "@trackit/sdk/node";
import { openAccount } from "./account.ts";
import { linkPage, typedPath } from "./places.ts";
import { progress } from "./progress.ts";

interface SendOptions {
  user: string;
  keys: string;
  expires: string;
  password?: string | undefined;
  downloads?: string | undefined;
  ask(question: string): Promise<string>;
}

/** Sends a file, or goes on with one that was interrupted, and prints a link to it. */
export async function sendFile(given: string, options: SendOptions): Promise<void> {
  const { ask, downloads, expires, keys, password, user } = options;
  const source = await fileSource(typedPath(given));
  const { trackit, close } = await openAccount(user, keys, ask);
  try {
    const file = await send(trackit, source);
    const share = await trackit.shares.create(file, {
      ...(password ? { password } : {}),
      ...(downloads ? { maxDownloads: Number(downloads) } : {}),
      expiresIn: expires as Duration,
      page: linkPage(),
    });
    console.log(`${file.name}: ${share.link}`);
  } finally {
    await close();
  }
}

async function send(trackit: TrackIt, source: DiskSource): Promise<StoredFile> {
  const begun = (await trackit.files.uploads()).find(
    ({ name, resumable, size }) => resumable && name === source.name && size === source.size,
  );
  const onProgress = progress("sent");
  if (!begun) return held(trackit.files.upload(source, { onProgress }));
  console.log(`going on with ${source.name}, begun at ${begun.startedAt}`);
  try {
    return await held(trackit.files.resume(begun.uploadId, source, { onProgress }));
  } catch (error) {
    if (!isTrackItError(error, "FILE_CHANGED")) throw error;
    console.log("it is another one by now: from the beginning");
    await trackit.files.cancel(begun.uploadId);
    return held(trackit.files.upload(source, { onProgress }));
  }
}

/** Ctrl-C holds it instead of giving it up: what the server has stays there. */
async function held(upload: Upload): Promise<StoredFile> {
  const stop = () => {
    upload.pause();
    console.log("\nstopped; the same command goes on from here");
    process.exit(130);
  };
  process.once("SIGINT", stop);
  return upload.finally(() => process.off("SIGINT", stop));
}
