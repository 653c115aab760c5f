import { createHash, randomBytes } from "node:crypto";
import { expect } from "vitest";
import { isTrackItError } from "../../sdk/src/errors.ts";
import type { Progress, TrackIt, Upload } from "../../sdk/src/index.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import { PASSWORD, type Person, type SdkKit } from "../story/sdk-kit.ts";
import type { CuttingProxy } from "./cutting-proxy.ts";
import { type Dice, dice } from "./random.ts";

const PART = 6 * 2 ** 20;
const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export interface Cutting {
  kit: SdkKit;
  proxy: CuttingProxy;
  /** Of the content, in bytes. */
  size: number;
  cuts: number;
  /** How often the app is started anew in the middle, with the keys that it has kept. */
  restarts: number;
  seed: number;
}

/** Each request that carries bytes of a part, as the server would have to put it. */
interface Sent {
  url: string;
  from: number;
  to: number;
}

/** Somebody whose line is cut again and again, and whose app is started anew. */
class Sender {
  readonly #cutting: Cutting;
  readonly #person: Omit<Person, "trackit">;
  readonly #keystore = memoryKeystore("sender");
  readonly sent: Sent[] = [];
  trackit: TrackIt;

  constructor(cutting: Cutting, person: Omit<Person, "trackit">) {
    this.#cutting = cutting;
    this.#person = person;
    this.trackit = this.#client();
  }

  async start(): Promise<void> {
    await this.trackit.close();
    this.trackit = this.#client();
    await this.trackit.auth.signIn({ email: this.#person.email, password: PASSWORD });
    await this.trackit.devices.me();
  }

  #client(): TrackIt {
    const { kit, proxy } = this.#cutting;
    const noted: typeof fetch = (input, init) => {
      if (init?.method === "PATCH") {
        const from = Number(new Headers(init.headers).get("upload-offset"));
        this.sent.push({ url: String(input), from, to: from + (init.body as Uint8Array).length });
      }
      return fetch(input, init);
    };
    return kit.trackit({ url: proxy.url, chat: { keystore: this.#keystore }, fetch: noted });
  }
}

/** One file on its way, by as many uploads as it takes. */
interface Going {
  id: string;
  upload: Upload;
  isOver: boolean;
}

const follow = (id: string, upload: Upload): Going => {
  const going = { id, upload, isOver: false };
  const end = (): void => {
    going.isOver = true;
  };
  upload.then(end, end);
  return going;
};

/**
 * Sends files while their line is cut so many times and the app started anew, fetches them by the same line, and expects
 * each whole. Wherever one went on, it went back by one part at most.
 */
export async function expectFilesThroughCuts(cutting: Cutting): Promise<void> {
  const { kit, proxy, size, cuts, restarts, seed } = cutting;
  const random = dice(seed);
  const content = randomBytes(size);
  const source = { size, stream: () => new Blob([content]).stream() };
  const sender = new Sender(cutting, await kit.register("gus"));
  await sender.start();
  const begin = (): Going => {
    const upload = sender.trackit.files.upload(source, { name: "long.bin" });
    return follow(upload.id, upload);
  };
  // As an app does that was told of a broken line: under its id it is the same file.
  const again = (id: string): Going =>
    follow(id, sender.trackit.files.upload(source, { name: "long.bin", id }));
  const all = new Set<string>();
  let going = begin();
  for (let lap = 1; lap <= restarts + 1; lap++) {
    const until = Math.floor((lap * cuts) / (restarts + 1));
    while (proxy.cuts < until) {
      if (going.isOver) going = (await isThere(going)) ? begin() : again(going.id);
      all.add(going.id);
      await cut(proxy, random, going);
    }
    if (lap > restarts || going.isOver) continue;
    going.upload.pause();
    await sender.start();
    going = follow(going.id, sender.trackit.files.resume(going.id, source));
  }
  while (!(await isThere(going))) going = again(going.id);
  const { storedSize } = await going.upload;
  expectNoPartTwice(sender.sent, storedSize);
  expect(await sender.trackit.files.uploads()).toEqual([]);
  for (const id of all)
    expect(await fetched(sender.trackit, id, proxy, { every: Math.ceil(size / 5), random })).toBe(
      hash(content),
    );
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

/** What was sent again was one part at most, and of no part that the server had told to have. */
function expectNoPartTwice(sent: readonly Sent[], total: number): void {
  expect(sent.length).toBeGreaterThan(0);
  for (const to of new Set(sent.map(({ url }) => url))) {
    let reached = 0;
    for (const { from, to: end } of sent.filter(({ url }) => url === to)) {
      expect(reached - from).toBeLessThanOrEqual(PART);
      expect(from).toBeGreaterThanOrEqual(Math.floor(Math.max(0, reached - 1) / PART) * PART);
      reached = Math.max(reached, end);
    }
    expect(reached).toBeLessThanOrEqual(total);
  }
}

/** Cuts the line once while a file goes by, unless the file is there before. */
async function cut(proxy: CuttingProxy, random: Dice, going: Going): Promise<void> {
  const before = proxy.cuts;
  proxy.after(random.between(0, 6), random.pick(["down", "down", "deaf"]));
  const isDone = (): boolean => going.isOver || proxy.cuts > before;
  await expect.poll(isDone, { interval: 2, timeout: 60_000 }).toBe(true);
  proxy.set("down");
  proxy.set("open");
}

/** The hash of what came, by a line that is cut once in so many bytes. */
async function fetched(
  trackit: TrackIt,
  id: string,
  proxy: CuttingProxy,
  { every, random }: { every: number; random: Dice },
): Promise<string> {
  let next = random.between(1, every);
  const onProgress = ({ done }: Progress): void => {
    if (done < next) return;
    next = done + every;
    proxy.set("down");
    proxy.set("open");
  };
  const blob = await trackit.files.download(id, { onProgress });
  return hash(new Uint8Array(await blob.arrayBuffer()));
}
