/**
 * A process that sends files, replaces, cancels and erases them, with its keys in a file: it can be killed, and its next
 * start goes on. It is told what to do by lines of JSON, and tells what it does in the same way (see files-senders.ts).
 */
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { isTrackItError } from "../../sdk/src/errors.ts";
import { uuid7 } from "../../sdk/src/ids/uuid7.ts";
import { type BegunUpload, createTrackIt } from "../../sdk/src/index.ts";
import { real } from "../../sdk/src/retry/around.ts";
import { fileKeystore } from "../../sdk/src/store/keys/file/index.ts";
import { contentOf, type Start, type Told, type Wish } from "./files-senders.ts";
import { dice } from "./random.ts";

const {
  keys,
  secret,
  url,
  key: apikey,
  email,
  password,
  seed,
  offers,
  owned,
} = JSON.parse(process.argv[2] ?? "") as Start;
const roll = dice(seed);
const key = new Uint8Array(Buffer.from(secret, "hex"));
const contents = new Map(offers);
const tell = (told: Told): void => void process.stdout.write(`${JSON.stringify(told)}\n`);

// Between two tries an app waits for a second; here, a tenth of it.
const { wait } = real;
real.wait = (ms, signal) => wait(ms / 10, signal);

const chat = { keystore: (name: string) => fileKeystore({ path: keys, name, key }) };
const trackit = createTrackIt({ url, key: apikey, chat });
const { files } = trackit;

let sending: Promise<void> | null = null;
let isOver = true;
/** Whether something may be under way that this process knows nothing of. */
let isUnsure = true;

/** So many files are kept; then the oldest goes. */
const MOST = 12;

async function step(): Promise<void> {
  if (isUnsure) {
    const [open] = await files.uploads();
    if (open) return goOn(open);
    isUnsure = false;
  }
  const oldest = owned[0];
  if (owned.length > MOST && oldest) return erase(oldest);
  const verb = roll.pick(["send", "send", "send", "replace", "give up", "erase"] as const);
  const one = owned.length > 0 ? roll.pick(owned) : null;
  if (verb === "replace" && one) return replace(one);
  if (verb === "erase" && one) return erase(one);
  return send(verb === "give up");
}

/** One in eight is more than a part. */
function offer(id: string, isEncrypted: boolean): Uint8Array<ArrayBuffer> {
  const size = roll.between(1, 8) === 1 ? roll.between(6_000_000, 8_000_000) : roll.between(0, 200_000);
  const content = `${size} ${isEncrypted ? "sealed" : "plain"} ${uuid7()}`;
  contents.set(id, content);
  tell({ kind: "offered", id, content });
  return contentOf(content);
}

const optionsOf = (id: string) => ({
  name: `${id}.bin`,
  id,
  encrypt: !contents.get(id)?.includes(" plain "),
});
const onProgress = (): void => tell({ kind: "moved" });

async function send(isGivenUp: boolean): Promise<void> {
  const id = uuid7();
  const content = offer(id, roll.between(1, 3) > 1);
  const ending = new AbortController();
  const least = isGivenUp ? roll.between(0, content.length) : Number.POSITIVE_INFINITY;
  if (least === 0) ending.abort();
  const upload = files.upload(content, {
    ...optionsOf(id),
    signal: ending.signal,
    onProgress: ({ done }) => {
      onProgress();
      if (done >= least) ending.abort();
    },
  });
  await upload;
  owned.push(id);
  tell({ kind: "acknowledged", id, content: contents.get(id) ?? null });
}

async function replace(id: string): Promise<void> {
  const isEncrypted = !contents.get(id)?.includes(" plain ");
  await files.uploadVersion(id, offer(id, isEncrypted), {
    name: `${id}.bin`,
    encrypt: isEncrypted,
    onProgress,
  });
  tell({ kind: "acknowledged", id, content: contents.get(id) ?? null });
}

async function erase(id: string): Promise<void> {
  owned.splice(owned.indexOf(id), 1);
  await files.remove(id);
  tell({ kind: "offered", id, content: null });
  if ((await files.purge(id)) === 1) tell({ kind: "acknowledged", id, content: null });
}

/** An upload that was cut off goes on where it was, or is given up. */
async function goOn({ uploadId, fileId, resumable }: BegunUpload): Promise<void> {
  const content = contents.get(fileId);
  const isGivenUp = !content || roll.between(1, 4) === 1 || (!resumable && uploadId !== fileId);
  if (isGivenUp) return files.cancel(uploadId);
  tell({ kind: "offered", id: fileId, content });
  const again = roll.pick(["resume", "upload"] as const);
  if (uploadId === fileId && (again === "upload" || !resumable))
    await files.upload(contentOf(content), { ...optionsOf(fileId), onProgress });
  else await files.resume(uploadId, contentOf(content), { onProgress });
  if (!owned.includes(fileId)) owned.push(fileId);
  tell({ kind: "resumed", id: fileId });
  tell({ kind: "acknowledged", id: fileId, content });
}

/** What a kill of the other side, or giving up oneself, may end in. */
function isExpected(error: unknown): boolean {
  return isTrackItError(error) && /^(NETWORK_|ACCESS_NOT_FOUND$)/.test(error.code);
}

async function run(): Promise<void> {
  while (!isOver)
    await step().catch(async (error: unknown) => {
      if (!isExpected(error)) throw error;
      isUnsure = true;
      // Nobody asks without end where nobody answers.
      await new Promise((resolve) => setTimeout(resolve, 20));
    });
}

/** Takes room for a file whose bytes never come. */
async function reserve(): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    async function* stream(): AsyncGenerator<Uint8Array> {
      resolve();
      await new Promise(() => {});
    }
    files.upload({ size: 7_000_000, stream }, { name: "never.bin" }).catch(reject);
  });
  tell({ kind: "reserved" });
}

/** Ends or gives up what is under way, and says what the account uses. */
async function settle(): Promise<void> {
  for (const open of await files.uploads()) await goOn(open);
  const used = (await trackit.limits.list()).find(({ kind }) => kind === "bytes")?.used ?? -1;
  tell({ kind: "settled", used });
}

/** The hash of what is there; null where nothing is. */
async function read(id: string): Promise<string | null> {
  try {
    const blob = await files.download(id);
    return createHash("sha256")
      .update(new Uint8Array(await blob.arrayBuffer()))
      .digest("hex");
  } catch (error) {
    if (isTrackItError(error, "ACCESS_NOT_FOUND")) return null;
    throw error;
  }
}

/** Does something until the line lets it. */
async function stubbornly<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isTrackItError(error) || !error.code.startsWith("NETWORK_")) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function obey(wish: Wish): Promise<void> {
  if (wish.do === "read") {
    for (const id of wish.ids) tell({ kind: "read", id, hash: await stubbornly(() => read(id)) });
  } else if (wish.do === "send") {
    isOver = false;
    sending = run();
    // Heard when it is stopped, and told at once.
    sending.catch(fail);
  } else if (wish.do === "stop") {
    isOver = true;
    await sending;
    tell({ kind: "stopped" });
  } else if (wish.do === "settle") await stubbornly(settle);
  else await reserve();
}

function fail(error: unknown): void {
  const { code = "", message = "" } = error as { code?: string; message?: string };
  tell({ kind: "failed", message: `${code} ${message} ${(error as Error).stack ?? ""}` });
  process.exit(1);
}

await stubbornly(() => trackit.auth.signIn({ email, password }));
await stubbornly(() => trackit.devices.me());
tell({ kind: "started" });
let last = Promise.resolve();
createInterface({ input: process.stdin })
  .on("line", (line) => {
    last = last.then(() => obey(JSON.parse(line) as Wish)).catch(fail);
  })
  .on("close", () => process.exit(0));
