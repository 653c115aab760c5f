import { draftFile, type FileInfo, openFile, sealFile } from "../../sdk/src/crypto/file/index.ts";
import { type Figure, median, round } from "../lib/result.ts";
import { peer, seconds } from "./peers.ts";
import { suite } from "./room.ts";

const MEGA = 1_000_000;
const SIZE = 32 * 2 ** 20;
const ROUNDS = 3;
const PIECE = 65_536;

interface Rates {
  name: string;
  /** Megabytes a second. */
  seal: number;
  open: number;
}

async function* source(size: number): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(PIECE).fill(7);
  for (let at = 0; at < size; at += PIECE) yield piece;
}

async function* again(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

async function drain(pieces: AsyncIterable<Uint8Array>, watch?: () => void): Promise<number> {
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    watch?.();
  }
  return length;
}

/** Both ways as a stream, with the hash of the ciphertext, as a file is sent and fetched. */
async function ours(): Promise<[number, number]> {
  const draft = draftFile(suite, suite.random(16), 1);
  const pieces: Uint8Array[] = [];
  let info: FileInfo | undefined;
  const sealing = await seconds(async () => {
    const sealed = sealFile(suite, draft, source(SIZE));
    let step = await sealed.next();
    for (; !step.done; step = await sealed.next()) pieces.push(step.value);
    info = { ...draft, ...step.value, name: "a", type: "", thumbnail: new Uint8Array(0) };
  });
  const opening = await seconds(() => drain(openFile(suite, info as FileInfo, again(pieces))));
  return [sealing, opening];
}

/** The whole file in one call and one buffer: no stream, no range, no commitment. */
async function bare(): Promise<[number, number]> {
  const { subtle } = crypto;
  const key = await subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const [iv, plain] = [new Uint8Array(12), new Uint8Array(SIZE).fill(7)];
  let sealed = new ArrayBuffer(0);
  const sealing = await seconds(async () => {
    sealed = await subtle.encrypt({ name: "AES-GCM", iv }, key, plain);
  });
  return [sealing, await seconds(() => subtle.decrypt({ name: "AES-GCM", iv }, key, sealed))];
}

interface Age {
  Encrypter: new () => { addRecipient(text: string): void; encrypt(file: Uint8Array): Promise<Uint8Array> };
  Decrypter: new () => { addIdentity(text: string): void; decrypt(file: Uint8Array): Promise<Uint8Array> };
  generateIdentity(): Promise<string>;
  identityToRecipient(identity: string): Promise<string>;
}

async function age(lib: Age): Promise<[number, number]> {
  const identity = await lib.generateIdentity();
  const [encrypter, decrypter] = [new lib.Encrypter(), new lib.Decrypter()];
  encrypter.addRecipient(await lib.identityToRecipient(identity));
  decrypter.addIdentity(identity);
  const plain = new Uint8Array(SIZE).fill(7);
  let sealed = new Uint8Array() as Uint8Array;
  const sealing = await seconds(async () => {
    sealed = await encrypter.encrypt(plain);
  });
  return [sealing, await seconds(() => decrypter.decrypt(sealed))];
}

interface OpenPgp {
  createMessage(from: { binary: Uint8Array; format: "binary" }): Promise<unknown>;
  readMessage(from: { binaryMessage: Uint8Array }): Promise<unknown>;
  encrypt(given: Record<string, unknown>): Promise<Uint8Array>;
  decrypt(given: Record<string, unknown>): Promise<unknown>;
}

/** With a session key that is given, AEAD and no compression: the content alone, as fast as it can. */
async function openpgp(lib: OpenPgp): Promise<[number, number]> {
  const binary = new Uint8Array(SIZE).fill(7);
  const sessionKey = { data: suite.random(32), algorithm: "aes256", aeadAlgorithm: "gcm" };
  const config = { aeadProtect: true, preferredCompressionAlgorithm: 0 };
  const message = await lib.createMessage({ binary, format: "binary" });
  let sealed = new Uint8Array() as Uint8Array;
  const sealing = await seconds(async () => {
    sealed = await lib.encrypt({ message, sessionKey, format: "binary", config });
  });
  const opening = await seconds(async () => {
    const read = await lib.readMessage({ binaryMessage: sealed });
    await lib.decrypt({ message: read, sessionKeys: sessionKey, format: "binary", config });
  });
  return [sealing, opening];
}

async function rates(name: string, run: () => Promise<[number, number]>): Promise<Rates> {
  const times: [number, number][] = [];
  for (let time = 0; time < ROUNDS; time++) times.push(await run());
  const rate = (at: 0 | 1) => SIZE / MEGA / median(times.map((both) => both[at]));
  return { name, seal: rate(0), open: rate(1) };
}

/** How much more memory a file needs than one of 32 MiB, at its peak. */
async function growth(): Promise<Figure> {
  const peakOf = async (size: number) => {
    let peak = 0;
    const watch = () => {
      const { rss } = process.memoryUsage();
      peak = Math.max(peak, rss);
    };
    await drain(sealFile(suite, draftFile(suite, suite.random(16), 1), source(size)), watch);
    return peak;
  };
  const small = await peakOf(SIZE);
  const large = await peakOf(SIZE * 16);
  return {
    name: "512 MiB instead of 32, more memory",
    value: round((large - small) / MEGA),
    unit: "MB",
    goal: "<= 64",
  };
}

/** 32 MiB sealed and opened by each. */
export async function files(): Promise<Figure[]> {
  const [ageLib, pgpLib] = [await peer<Age>("age-encryption"), await peer<OpenPgp>("openpgp")];
  const memory = await growth();
  const own = await rates("rsa-aes/1", ours);
  const best = await rates("bare AES-256-GCM, in one piece", bare);
  const all = [own, best];
  if (ageLib) all.push(await rates("age", () => age(ageLib)));
  if (pgpLib) all.push(await rates("openpgp, AEAD", () => openpgp(pgpLib)));
  const figures = all.flatMap(({ name, seal, open }) => [
    { name: `32 MiB sealed, ${name}`, value: round(seal), unit: "MB/s" },
    { name: `32 MiB opened, ${name}`, value: round(open), unit: "MB/s" },
  ]);
  return [
    ...figures,
    { name: "sealed / bare", value: round(own.seal / best.seal, 2), unit: "ratio", goal: ">= 0.24" },
    { name: "opened / bare", value: round(own.open / best.open, 2), unit: "ratio", goal: ">= 0.24" },
    memory,
  ];
}
