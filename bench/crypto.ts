import path from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { nodeCrypto } from "../sdk/src/node/crypto.ts";
import { files } from "./crypto/files.ts";
import { megolm } from "./crypto/megolm.ts";
import { bareAes, envelopes, type Messenger } from "./crypto/messages.ts";
import { mls } from "./crypto/mls.ts";
import { commits, ours } from "./crypto/ours.ts";
import { type Figure, median, type Result, round } from "./lib/result.ts";

const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const source = path.join(import.meta.dirname, "..", "sdk", "src", "crypto");
/** They take turns so often that what else the machine does meets all of them. */
const TURNS = 10;
const OURS = "rsa-aes/1";

/**
 * Messages a second, sealed and opened; the median counts, and the first round warms each of them up. On WebCrypto alone
 * they are measured afterwards: code that has met two kinds of WebCrypto is slower with both.
 */
async function messageFigures(): Promise<Figure[]> {
  const inNode = await measured([
    await ours(OURS, nodeCrypto),
    await bareAes("bare AES-256-GCM", nodeCrypto),
    await megolm(),
    await mls(),
    await envelopes(),
  ]);
  const onWeb = await measured([
    await ours(`${OURS} on WebCrypto`, crypto),
    await bareAes("bare AES-256-GCM on WebCrypto", crypto),
  ]);
  const rates = new Map([...inNode, ...onWeb]);
  const ratios = [...rates].flatMap(([name, rate]) => {
    const [own, goal] = COMPARED[name] ?? [];
    if (!own) return [];
    const value = round((rates.get(own) ?? 0) / rate, 3);
    return [{ name: `${own} / ${name}`, value, unit: "ratio", ...(goal ? { goal } : {}) }];
  });
  return [...[...rates].map(([name, rate]) => figure(name, rate)), ...ratios];
}

/** They take turns. @returns messages a second, by name */
async function measured(given: readonly (Messenger | null)[]): Promise<Map<string, number>> {
  const messengers = given.filter((one): one is Messenger => one !== null);
  const rates = new Map(messengers.map(({ name }) => [name, [] as number[]]));
  for (let time = 0; time <= rounds; time++) {
    const spent = new Map<string, number>();
    for (let turn = 0; turn < TURNS; turn++) {
      for (const { name, count, run } of messengers) {
        const texts = Array.from({ length: count / TURNS }, () =>
          crypto.getRandomValues(new Uint8Array(256)),
        );
        spent.set(name, (spent.get(name) ?? 0) + (await run(texts)));
      }
    }
    if (time === 0) continue;
    for (const { name, count } of messengers) rates.get(name)?.push(count / (spent.get(name) ?? 1));
  }
  return new Map([...rates].map(([name, all]) => [name, median(all)]));
}

/** With what each of the others is compared, and what is wanted of it. */
const COMPARED: Readonly<Record<string, [own: string, goal?: string]>> = {
  "bare AES-256-GCM": [OURS],
  "Megolm, matrix-sdk-crypto-wasm": [OURS, ">= 2"],
  "ts-mls 1.6.4": [OURS],
  "jsencrypt + crypto-js, an envelope each": [OURS, ">= 90"],
  "bare AES-256-GCM on WebCrypto": [`${OURS} on WebCrypto`, ">= 0.042"],
};

const figure = (name: string, rate: number): Figure => ({
  name: `256 B, ${name}`,
  value: round(rate, rate < 100 ? 1 : 0),
  unit: "messages/s",
});

/** Minified and gzipped, without Argon2id, which only a link with a password loads. */
async function sizeOf(...entries: readonly string[]): Promise<number> {
  const contents = entries.map((entry) => `export * from "./${entry}.ts";`).join("\n");
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: source, loader: "ts" },
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    external: ["hash-wasm"],
  });
  return gzipSync(outputFiles[0]?.contents ?? "").length / 1024;
}

/** Messages, files and commits beside what others take; and how much of it has to be loaded. */
export async function run(): Promise<Result> {
  const messages = await messageFigures();
  const epochs = await commits([10, 100, 1000]);
  const streams = await files();
  return {
    what: "Encryption in a room of ten, of files, and of a new epoch, by nodeCrypto, and on WebCrypto alone",
    figures: [
      ...messages,
      ...streams,
      ...epochs,
      { name: "@trackit/sdk/crypto", value: round(await sizeOf("index"), 1), unit: "KiB", goal: "<= 16" },
      {
        name: "with rooms, devices and files",
        value: round(await sizeOf("index", "rooms", "devices", "files"), 1),
        unit: "KiB",
      },
    ],
  };
}
