import { type Bytes, Reader } from "../bytes/index.ts";
import {
  ascending,
  decode,
  encode,
  type Field,
  fixed,
  flag,
  from64,
  hash,
  id,
  named,
  only,
  struct,
  text16,
  u16,
  u64,
  type Value,
  versioned,
} from "../codec.ts";

const SIGNATURES = 128;

/** What each operation carries. @see docs/protocol.md §9.2 */
const DATA = {
  add: struct({ temporary: flag, wrapKey: fixed(422), signingKey: fixed(65), nameHash: hash }),
  revoke: struct({
    keys: only(
      ascending(u16, id, (key) => key),
      (keys) => keys.length >= 1 && keys.length <= 64,
    ),
  }),
  rename: struct({ nameHash: hash }),
  recovery: struct({ signingKey: fixed(65) }),
};
const OPS = ["add", "revoke", "rename", "recovery"] as const;

const HEAD = versioned(
  struct({ user: id, root: hash, seq: from64(1), prev: hash, op: named(OPS), signer: id, time: u64 }),
);

type Op = keyof typeof DATA;
type Place = Omit<Value<typeof HEAD>, "op" | "signer" | "time">;
/** What an entry does. */
export type DeviceChange = { [Name in Op]: { op: Name } & Value<(typeof DATA)[Name]> }[Op];
export type DeviceEntry = Place & { signer: Bytes; time: number } & DeviceChange;

const ENTRY: Field<DeviceEntry> = {
  write(writer, entry) {
    HEAD.write(writer, entry);
    (DATA[entry.op] as Field<unknown>).write(writer, entry);
  },
  read(reader) {
    const head = HEAD.read(reader);
    return { ...head, ...DATA[head.op].read(reader) } as DeviceEntry;
  },
};

/** The entry without its signatures: what is hashed. */
export const encodeDeviceEntry = (entry: DeviceEntry): Bytes => encode(ENTRY, entry);

export interface SignedDeviceEntry {
  entry: DeviceEntry;
  body: Bytes;
  signature: Bytes;
  /** Of the key that is added; else zeros. */
  added: Bytes;
}

/** @throws CRYPTO_OPEN_FAILED */
export function decodeDeviceEntry(bytes: Uint8Array): SignedDeviceEntry {
  const reader = new Reader(bytes);
  const body = reader.fixed(Math.max(0, bytes.length - SIGNATURES));
  const signature = reader.fixed(64);
  return { entry: decode(ENTRY, body), body, signature, added: reader.fixed(64) };
}

/** What a name hash opens to. @see docs/protocol.md §9.2 */
const NAME = struct({ salt: id, name: text16(1, 64) });
export const decodeNameOpening = (bytes: Uint8Array): Value<typeof NAME> => decode(NAME, bytes);
export const encodeNameOpening = (opening: Value<typeof NAME>): Bytes => encode(NAME, opening);
