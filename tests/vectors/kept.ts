import { readFileSync } from "node:fs";
import type { Bytes } from "../../sdk/src/crypto/bytes/index.ts";
import { applyDeviceEntry, type DeviceLog, startDeviceLog } from "../../sdk/src/crypto/device-log/index.ts";
import { createSuite } from "../../sdk/src/crypto/suite/index.ts";

/** The known answers as they are kept; hex texts. */
export const kept = JSON.parse(readFileSync(new URL("rsa-aes-1.json", import.meta.url), "utf8")) as Kept;

interface Key {
  key: string;
}
interface Kept {
  hash: { tag: string; x: string; is: string };
  expand: (Key & { info: string; length: number; is: string })[];
  mac: Key & { tag: string; x: string; is: string };
  pad: { length: number; padded: number }[];
  sealed: (Key & { context: string; length: number; hash: string; salt: string; seed: string })[];
  signature: { publicKey: string; id: string; hash: string; is: string };
  wrapped: { to: string; label: string; secret: string; is: string };
  people: { name: string; user: string; salt: string; root: string; head: string; rows: string[] }[];
  devices: { name: string; id: string; publicKey: string; scalar: string; wrapKey: string }[];
  rooms: {
    id: string;
    rows: KeptRow[];
    commits: { epoch: number; hash: string; secret: string; root: string }[];
  }[];
  grant: string;
  item: string;
  links: {
    password: string | null;
    fragment: string;
    access: string;
    door: string;
    accessHash: string;
    doorHash: string;
    body: string;
    info: string;
  }[];
  safety: { number: string; adaShows: string };
  recovery: { code: string; keyId: string; publicKey: string; backupKey: string; backup: string };
  approval: { code: string; request: string; answer: string };
  joining: { fragment: string; secret: string; request: string };
}
export interface KeptRow {
  kind: "entry" | "commit" | "message";
  note: string;
  bytes: string;
  hash: string;
  place: string;
  wraps?: Record<string, string>;
  payload?: string;
}

export const bytes = (hex: string): Bytes => new Uint8Array(Buffer.from(hex, "hex"));
export const hex = (of: Uint8Array): string => Buffer.from(of).toString("hex");

/** The private RSA key of a device of the vectors, for WebCrypto. */
export function unwrapKey(device: string): Promise<CryptoKey> {
  const keys = JSON.parse(readFileSync(new URL("keys.json", import.meta.url), "utf8")) as Record<
    string,
    string
  >;
  const der = Buffer.from(keys[device] ?? "", "base64");
  return crypto.subtle.importKey("pkcs8", der, { name: "RSA-OAEP", hash: "SHA-256" }, false, [
    "decrypt",
    "unwrapKey",
  ]);
}

const suite = createSuite();

/** Somebody's device log as the SDK reads it, up to `most` rows. */
export async function logOf(person: number, most = Number.POSITIVE_INFINITY): Promise<DeviceLog> {
  const { user, root, rows } = kept.people[person] ?? { user: "", root: "", rows: [] };
  let log = startDeviceLog(bytes(user), bytes(root));
  for (const row of rows.slice(0, most)) ({ log } = await applyDeviceEntry(suite, log, bytes(row)));
  return log;
}
