import { generateKeyPairSync } from "node:crypto";
import { peer, seconds } from "./peers.ts";

/** One way to send messages in a room of ten: sealed by one device, opened by another. */
export interface Messenger {
  name: string;
  /** Slow ones are measured with fewer. */
  count: number;
  /** Seals and opens these texts of 256 bytes. @returns seconds, both ways together. */
  run(texts: readonly Uint8Array[]): Promise<number>;
}

const MEMBERS = 10;

/** What nothing can beat: one key, a random nonce, no sender, no order. */
export async function bareAes(name: string, { subtle }: Crypto): Promise<Messenger> {
  const key = await subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
  const run = (texts: readonly Uint8Array[]) =>
    seconds(async () => {
      const sealed: [Uint8Array<ArrayBuffer>, ArrayBuffer][] = [];
      for (const text of texts) {
        const iv = crypto.getRandomValues(new Uint8Array(12));
        sealed.push([
          iv,
          await subtle.encrypt({ name: "AES-GCM", iv }, key, text as Uint8Array<ArrayBuffer>),
        ]);
      }
      for (const [iv, bytes] of sealed) await subtle.decrypt({ name: "AES-GCM", iv }, key, bytes);
    });
  return { name, count: 2000, run };
}

interface Jsencrypt {
  JSEncrypt: new () => {
    setKey(pem: string): void;
    encrypt(text: string): string | false;
    decrypt(text: string): string | false;
  };
}
interface Words {
  toString(encoder?: unknown): string;
}
interface CryptoJs {
  AES: {
    encrypt(text: Words, key: Words, options: { iv: Words }): Words;
    decrypt(text: string, key: Words, options: { iv: Words }): Words;
  };
  enc: { Hex: { parse(text: string): Words } };
  lib: { WordArray: { random(bytes: number): Words } };
}

/** An envelope for every member and every message, as tutorials have it. */
export async function envelopes(): Promise<Messenger | null> {
  const rsa = await peer<Jsencrypt & { default?: Jsencrypt["JSEncrypt"] }>("jsencrypt");
  const aes = (await peer<{ default: CryptoJs }>("crypto-js"))?.default;
  const Rsa = rsa?.JSEncrypt ?? rsa?.default;
  if (!Rsa || !aes) return null;
  const { privateKey, publicKey } = generateKeyPairSync("rsa", {
    modulusLength: 3072,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const [sender, receiver] = [new Rsa(), new Rsa()];
  sender.setKey(publicKey);
  receiver.setKey(privateKey);
  const { Hex } = aes.enc;
  const run = (texts: readonly Uint8Array[]) =>
    seconds(async () => {
      for (const text of texts) {
        const [key, iv] = [aes.lib.WordArray.random(32), aes.lib.WordArray.random(16)];
        const body = aes.AES.encrypt(Hex.parse(Buffer.from(text).toString("hex")), key, { iv }).toString();
        const wraps = Array.from({ length: MEMBERS }, () => sender.encrypt(key.toString()));
        const opened = receiver.decrypt(wraps[3] || "");
        if (!opened) throw new Error("jsencrypt: its own envelope does not open");
        aes.AES.decrypt(body, Hex.parse(opened), { iv }).toString();
      }
    });
  return { name: "jsencrypt + crypto-js, an envelope each", count: 10, run };
}
