import { fork } from "node:child_process";
import path from "node:path";
import { createTrackIt, type FileRef, type TrackIt } from "../../sdk/src/index.ts";
import { nodeCrypto } from "../../sdk/src/node/index.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import type { Account } from "../chat/accounts.ts";
import { type Figure, median, round } from "../lib/result.ts";
import type { BenchStack } from "../lib/stack.ts";

const MEGA = 1_000_000;
const SIZE = 64 * 2 ** 20;
const ROUNDS = 5;

/** One way to send 64 MiB and to fetch them. */
interface Way {
  name: string;
  up(): Promise<unknown>;
  down(): Promise<number>;
}

/** 64 MiB by each way in turn; the median counts. The first time of each warms it up. */
export async function speed(stack: BenchStack, account: Account, folder: string): Promise<Figure[]> {
  const bare = await bareServer(path.join(folder, "bare.bin"));
  const trackit = createTrackIt({
    crypto: nodeCrypto,
    ...{ url: stack.url, key: stack.publishableKey },
    chat: { keystore: memoryKeystore("bench") },
  });
  try {
    await trackit.auth.signIn({ email: account.email, password: account.password });
    await trackit.devices.me();
    const sdk = [false, true].map((encrypt) => sdkWay(trackit, encrypt));
    const ways = [bareWay(bare.url), await storageWay(stack, trackit), ...sdk];
    const took = new Map(ways.map(({ name }) => [name, { up: [] as number[], down: [] as number[] }]));
    for (let round = 0; round <= ROUNDS; round++)
      for (const way of ways) {
        const [up, down] = await measure(way);
        if (round === 0) continue;
        took.get(way.name)?.up.push(up);
        took.get(way.name)?.down.push(down);
      }
    return figuresOf(took);
  } finally {
    bare.close();
    await trackit.close();
  }
}

async function measure({ name, up, down }: Way): Promise<[up: number, down: number]> {
  const start = performance.now();
  await up();
  const middle = performance.now();
  const length = await down();
  const end = performance.now();
  if (length !== SIZE) throw new Error(`${name}: ${length} bytes came of ${SIZE}`);
  return [middle - start, end - middle];
}

function figuresOf(took: ReadonlyMap<string, Record<"up" | "down", number[]>>): Figure[] {
  const rate = (name: string, way: "up" | "down") =>
    SIZE / MEGA / (median(took.get(name)?.[way] ?? [0]) / 1_000);
  const rates = [...took.keys()].flatMap((name) =>
    (["up", "down"] as const).map((way) => ({
      ...{ name: `64 MiB ${way}, ${name}`, value: round(rate(name, way)), unit: "MB/s" },
    })),
  );
  const ratios = (["up", "down"] as const).map((way) => ({
    name: `64 MiB ${way}, encrypted / plain`,
    value: round(rate("encrypted", way) / rate("plain", way), 2),
    unit: "ratio",
    goal: ">= 0.8",
  }));
  return [...rates, ...ratios];
}

const piece = new Uint8Array(65_536).fill(7);
const source = {
  size: SIZE,
  async *stream() {
    for (let at = 0; at < SIZE; at += piece.length) yield piece;
  },
};

async function lengthOf(stream: AsyncIterable<Uint8Array>): Promise<number> {
  let length = 0;
  for await (const bytes of stream) length += bytes.length;
  return length;
}

function sdkWay(trackit: TrackIt, encrypt: boolean): Way {
  let file: FileRef = "";
  return {
    name: encrypt ? "encrypted" : "plain",
    up: async () => {
      file = await trackit.files.upload(source, { name: "bench.bin", encrypt });
    },
    down: async () => lengthOf((await trackit.files.stream(file)).stream),
  };
}

/** One PUT and one GET of what lies in memory, without check or hash. */
function bareWay(url: string): Way {
  const body = new Uint8Array(SIZE).fill(7);
  return {
    name: "bare HTTP",
    up: () => must(fetch(url, { method: "PUT", body })),
    down: async () => lengthOf((await must(fetch(url))).body ?? nothing()),
  };
}

/** The same of the stack's Storage, into a bucket without reservations. */
async function storageWay(stack: BenchStack, trackit: TrackIt): Promise<Way> {
  const { data } = await trackit.supabase.auth.getSession();
  const secret = { apikey: stack.secretKey, authorization: `Bearer ${stack.secretKey}` };
  const root = `${stack.url}/storage/v1`;
  const headers = { ...secret, "content-type": "application/json" };
  await must(
    fetch(`${root}/bucket`, {
      method: "POST",
      headers,
      body: JSON.stringify({ name: "bench", id: "bench" }),
    }),
  );
  const body = new Uint8Array(SIZE).fill(7);
  const at = `${root}/object/bench/${data.session?.user.id}`;
  const put = { ...secret, "x-upsert": "true", "content-type": "application/octet-stream" };
  return {
    name: "one request to Storage",
    up: async () => (await must(fetch(at, { method: "POST", body, headers: put }))).text(),
    down: async () => lengthOf((await must(fetch(at, { headers: secret }))).body ?? nothing()),
  };
}

async function must(asked: Promise<Response>): Promise<Response> {
  const answer = await asked;
  if (!answer.ok) throw new Error(`${answer.url} answered ${answer.status}: ${await answer.text()}`);
  return answer;
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function bareServer(file: string): Promise<{ url: string; close(): void }> {
  const child = fork(path.join(import.meta.dirname, "bare.ts"), [file]);
  const url = await new Promise<string>((resolve, reject) => {
    child.once("message", (said) => resolve(String(said)));
    child.once("exit", (code) => reject(new Error(`the bare server ended with ${code}`)));
  });
  return { url, close: () => child.disconnect() };
}
