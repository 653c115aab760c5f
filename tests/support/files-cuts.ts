import { createHash, randomBytes } from "node:crypto";
import { expect } from "vitest";
import { isTrackItError } from "../../sdk/src/errors.ts";
import type { Progress, TrackIt, Upload } from "../../sdk/src/index.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import { PASSWORD, type Person, type SdkKit } from "../story/sdk-kit.ts";
import { waitFor } from "../story/stack-kit.ts";
import type { CuttingProxy } from "./cutting-proxy.ts";
import { type Dice, dice } from "./random.ts";
import { type Arrived, logRequests } from "./request-log.ts";

const PART = 6 * 2 ** 20;
const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export interface Cutting {
  kit: SdkKit;
  proxy: CuttingProxy;
  /** Of the content, in bytes. */
  size: number;
  /** Of the upload, and again of the download. */
  cuts: number;
  /** How often the app is started anew in the middle, with the keys that it has kept. */
  restarts: number;
  encrypt: boolean;
  seed: number;
}

/** Somebody whose line is cut again and again, and whose app is started anew. */
class Sender {
  readonly #cutting: Cutting;
  readonly #person: Omit<Person, "trackit">;
  readonly #keystore = memoryKeystore("sender");
  trackit: TrackIt;

  constructor(cutting: Cutting, person: Omit<Person, "trackit">) {
    this.#cutting = cutting;
    this.#person = person;
    this.trackit = this.#client();
  }

  async start(): Promise<void> {
    await this.trackit.close();
    this.trackit = this.#client();
    // A connection that was kept from before the last cut is dead: people try again.
    await waitFor(async () => {
      await this.trackit.auth.signIn({ email: this.#person.email, password: PASSWORD });
      return this.trackit.devices.me();
    });
  }

  #client(): TrackIt {
    const { kit, proxy } = this.#cutting;
    return kit.trackit({ url: proxy.url, chat: { keystore: this.#keystore } });
  }
}

/** An upload on its way. */
interface Going {
  upload: Upload;
  isOver: boolean;
}

const follow = (upload: Upload): Going => {
  const going = { upload, isOver: false };
  const end = (): void => {
    going.isOver = true;
  };
  upload.then(end, end);
  return going;
};

/**
 * Sends a file while its line is cut at so many random bytes and the app is started anew, fetches it by the same line,
 * and expects it whole. By what arrives at the server, no cut costs more than a part, and no byte that came is asked for
 * again.
 */
export async function expectFileThroughCuts(cutting: Cutting): Promise<void> {
  const { kit, size, cuts, encrypt, seed } = cutting;
  const random = dice(seed);
  const content = randomBytes(size);
  const sender = new Sender(cutting, await kit.register("gus"));
  await sender.start();
  const { id, back, sentAgain } = await sent(cutting, sender, content, random);
  expect(back).toBeLessThanOrEqual(PART);
  expect(sentAgain).toBeLessThanOrEqual(cuts * PART);
  // The line that the last cut has ended may be tried once more before it is known.
  expect(await waitFor(() => sender.trackit.files.uploads())).toEqual([]);
  expect(await fetched(cutting, sender.trackit, id, random)).toBe(hash(content));
  console.log(JSON.stringify({ seed, encrypt, size, cuts, back, sentAgain }));
}

/** Sends it. @returns its id, and by what the server has got: how far back one request went, and bytes that came twice */
async function sent(
  { proxy, size, cuts, restarts, encrypt }: Cutting,
  sender: Sender,
  content: Uint8Array<ArrayBuffer>,
  random: Dice,
): Promise<{ id: string; back: number; sentAgain: number }> {
  const log = logRequests(({ method, path }) => method === "PATCH" && path.startsWith("/storage/v1/"));
  const source = { size, stream: () => new Blob([content]).stream() };
  const options = { name: "long.bin", encrypt };
  let going = follow(sender.trackit.files.upload(source, options));
  const { id } = going.upload;
  // As an app does that was told of a broken line: under its id it is the same file.
  const again = (): Going => follow(sender.trackit.files.upload(source, { ...options, id }));
  const isRestart = (n: number): boolean => (n * (restarts + 1)) % cuts < restarts + 1;
  const before = proxy.cuts;
  for (let left = cuts; left > 0; left--) {
    if (going.isOver && !(await isThere(going))) going = again();
    await cut(proxy, random, going, { rest: size - arrived(log.requests).reached, left });
    if (left === 1 || going.isOver || !isRestart(left)) continue;
    going.upload.pause();
    await sender.start();
    going = follow(sender.trackit.files.resume(id, source));
  }
  expect(proxy.cuts - before).toBe(cuts);
  while (!(await isThere(going))) going = again();
  log.close();
  const { reached, back, sentAgain } = arrived(log.requests);
  expect(reached).toBe((await going.upload).storedSize);
  return { id, back, sentAgain };
}

/** Once it is over: whether it has come through, or the line was away when something small was asked. */
async function isThere({ upload }: Going): Promise<boolean> {
  try {
    await upload;
    return true;
  } catch (error) {
    if (isTrackItError(error) && error.code.startsWith("NETWORK_")) return false;
    throw error;
  }
}

/**
 * Cuts the line once at a random byte, or loses the answer to what comes there.
 * @param left cuts that are to find some of the `rest` of the file on its way, this one too
 */
async function cut(
  proxy: CuttingProxy,
  random: Dice,
  going: Going,
  { rest, left }: { rest: number; left: number },
): Promise<void> {
  const [before, lost] = [proxy.cuts, proxy.lost];
  // Before its answer is lost, a part arrives to its end.
  const isDeaf = rest - PART > left * 100_000 && random.between(1, 3) === 1;
  proxy.behind(random.between(1, Math.max(1, Math.floor(rest / left))), "requests", isDeaf ? "deaf" : "down");
  const isDone = (): boolean => going.isOver || (proxy.cuts > before && (!isDeaf || proxy.lost > lost));
  await expect.poll(isDone, { interval: 2, timeout: 120_000 }).toBe(true);
  proxy.set("down");
  proxy.set("open");
}

/** How far the server has come with a file, how far back a request went at most, and how much has come twice. */
function arrived(parts: readonly Arrived[]): { reached: number; back: number; sentAgain: number } {
  let [reached, back, sentAgain] = [0, 0, 0];
  for (const { headers, received } of parts) {
    const from = Number(headers["upload-offset"]);
    // None leaves bytes out.
    expect(from).toBeLessThanOrEqual(reached);
    back = Math.max(back, reached - from);
    sentAgain += Math.min(reached, from + received) - from;
    reached = Math.max(reached, from + received);
  }
  return { reached, back, sentAgain };
}

const firstByte = ({ headers }: Arrived): number =>
  Number(/^bytes=(\d+)-/.exec(headers.range ?? "")?.[1] ?? Number.NaN);

/** Fetches it by a line that is cut at random bytes. @returns its hash */
async function fetched(
  { proxy, size, cuts }: Cutting,
  trackit: TrackIt,
  id: string,
  random: Dice,
): Promise<string> {
  let had = 0;
  /** What had come when each request arrived. */
  const wanted: number[] = [];
  const log = logRequests(({ method, path }) => {
    const isRead = method === "GET" && path.startsWith("/storage/v1/");
    if (isRead) wanted.push(had);
    return isRead;
  });
  const onProgress = ({ done }: Progress): void => {
    had = done;
  };
  const before = proxy.cuts;
  let isOver = false;
  const fetching = trackit.files.download(id, { onProgress }).finally(() => {
    isOver = true;
  });
  fetching.catch(() => {}); // Heard below.
  for (let left = cuts; left > 0 && !isOver; left--) {
    const last = proxy.cuts;
    // The first answers are the file's row, and no file. In the end something is left that was on its way at a cut.
    const least = left === cuts ? 10_000 : 1;
    proxy.behind(random.between(least, Math.floor((size - had) / (left + 2))), "answers", "down");
    await expect.poll(() => isOver || proxy.cuts > last, { interval: 2, timeout: 120_000 }).toBe(true);
    proxy.set("down");
    proxy.set("open");
  }
  const bytes = await (await fetching).arrayBuffer();
  log.close();
  expect(log.requests.map(firstByte)).toEqual(wanted);
  expect([proxy.cuts - before, wanted.length > cuts]).toEqual([cuts, true]);
  return hash(new Uint8Array(bytes));
}
