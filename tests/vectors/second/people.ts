import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import {
  H,
  join,
  type Signing,
  seeded,
  sha256,
  sign,
  signing,
  spki,
  unwrap,
  wrap,
  ZERO,
} from "./primitives.ts";
import { lay, layout, line, number, row, type Values } from "./sheet.ts";

/** Three RSA keys of the vectors, PKCS #8; made once, since they cannot be made from a seed. */
const rsa = JSON.parse(readFileSync(new URL("../keys.json", import.meta.url), "utf8")) as Record<
  string,
  string
>;

export const ZEROS = (length: number) => Buffer.alloc(length);
export const NONE = ZEROS(40);
export const TIME = 1_790_000_000_000;

export interface Device {
  name: string;
  id: Buffer;
  sign: Signing;
  wrapKey: Buffer;
  key: KeyObject;
}

export interface Log {
  user: Buffer;
  root: Buffer;
  rows: Buffer[];
  head: Buffer;
}

export const headOf = (seq: number, hash: Buffer) => join(number(8, seq), hash);
const keyId = (user: Buffer, publicKey: Buffer) => H("device-id", user, publicKey).subarray(0, 16);

export function device(name: string, user: Buffer): Device {
  const keys = signing(seeded(`${name}.sign`, 32));
  const key = createPrivateKey({ key: Buffer.from(rsa[name] ?? "", "base64"), format: "der", type: "pkcs8" });
  return { name, id: keyId(user, keys.publicKey), sign: keys, wrapKey: spki(key), key };
}

/** §9: the next entry, whole. `added` signs for itself; in entry 1 it is the signer too. */
export function entry(
  log: Log,
  op: "add" | "revoke" | "rename" | "recovery",
  data: Values | Buffer,
  signer: { id: Buffer; sign: Signing },
  added?: { id: Buffer; sign: Signing },
): Buffer {
  const { number: opNumber, text } = row("9.2", op, 1);
  const seq = log.rows.length + 1;
  const fields = layout("9.2").slice(0, -2);
  const body = join(
    lay(fields, {
      user: log.user,
      root: log.root,
      seq,
      prev: log.head.subarray(8),
      op: opNumber,
      signer: signer.id,
      time: TIME + seq,
    }),
    Buffer.isBuffer(data) ? data : lay(line(text), data),
  );
  const hash = H("device-entry", body);
  const whole = join(
    body,
    sign(signer.sign, "device-entry-sig", hash, signer.id),
    added ? sign(added.sign, "device-key-sig", hash, added.id) : ZEROS(64),
  );
  if (seq === 1) log.root = hash;
  log.head = headOf(seq, hash);
  log.rows.push(whole);
  return whole;
}

const fresh = (one: Device, nameHash: Buffer): Values => ({
  flags: 0,
  "wrap key": one.wrapKey,
  "signing key": one.sign.publicKey,
  "name hash": nameHash,
});
export const addData = (one: Device) => fresh(one, ZEROS(32));

export interface Person {
  name: string;
  user: Buffer;
  salt: Buffer;
  log: Log;
}

export const nameHash = (salt: Buffer, name: string) => H("username", salt, Buffer.from(name));

export function begin(name: string, first: (user: Buffer) => Device): { person: Person; one: Device } {
  const user = seeded(`${name}.user`, 16);
  const salt = seeded(`${name}.salt`, 16);
  const log: Log = { user, root: ZEROS(32), rows: [], head: NONE };
  const one = first(user);
  entry(log, "add", fresh(one, nameHash(salt, name)), one, one);
  return { person: { name, user, salt, log }, one };
}

export const recoveryOf = (user: Buffer, scalar: Buffer) => {
  const keys = signing(scalar);
  return { id: keyId(user, keys.publicKey), sign: keys };
};

export { H, join, number, seeded, sha256, sign, unwrap, wrap, ZERO };
