import { type Bytes, Reader } from "../bytes/index.ts";
import {
  bytes16,
  decode,
  encode,
  type Field,
  fixed,
  from64,
  hash,
  head,
  id,
  named,
  only,
  range8,
  struct,
  u8,
  u16,
  u64,
  type Value,
  versioned,
} from "../codec.ts";

/** A member's rights: 1 member, 2 admin, 3 owner. Each may act on those below. */
export type Role = 1 | 2 | 3;
const role = range8(1, 3) as Field<Role>;
const KINDS = ["group", "direct", "self"] as const;
const HISTORY = ["none", "shared"] as const;
export type RoomKind = (typeof KINDS)[number];

/** What each operation carries. @see docs/protocol.md §11.1 */
const DATA = {
  create: struct({
    kind: named(KINDS),
    protocol: range8(1, 1),
    suite: range8(1, 1),
    history: named(HISTORY, 0),
    peer: id,
    peerRoot: hash,
    peerHead: head,
  }),
  add: struct({ user: id, userRoot: hash, userHead: head, role, invite: id }),
  remove: struct({ user: id }),
  role: struct({ user: id, role }),
  invite: struct({
    invite: only(id, (value) => value.some((byte) => byte !== 0)),
    role,
    uses: u16,
    expires: u64,
    secretHash: hash,
  }),
  leave: struct({}),
  evict: struct({ user: id }),
  rename: struct({ epoch: from64(1), commit: hash, sealed: bytes16(0, 1024) }),
  delete: struct({}),
  upgrade: struct({ protocol: u8, suite: u8 }),
  erased: struct({ user: id, userRoot: hash }),
};
const OPS = Object.keys(DATA) as Op[];

const HEAD = versioned(
  struct({
    room: id,
    seq: from64(1),
    prev: hash,
    op: named(OPS),
    author: id,
    root: hash,
    device: id,
    deviceHead: head,
    time: u64,
  }),
);

type Op = keyof typeof DATA;
type Common = Omit<Value<typeof HEAD>, "op">;
/** What an entry does. */
export type RoomChange = { [Name in Op]: { op: Name } & Value<(typeof DATA)[Name]> }[Op];
export type RoomEntry = Common & RoomChange;

const ENTRY: Field<RoomEntry> = {
  write(writer, entry) {
    HEAD.write(writer, entry);
    (DATA[entry.op] as Field<unknown>).write(writer, entry);
  },
  read(reader) {
    const common = HEAD.read(reader);
    return { ...common, ...DATA[common.op].read(reader) } as RoomEntry;
  },
};

/** The entry without its signature: what is hashed. */
export const encodeRoomEntry = (entry: RoomEntry): Bytes => encode(ENTRY, entry);

export interface SignedRoomEntry {
  entry: RoomEntry;
  body: Bytes;
  signature: Bytes;
}

/** @throws CRYPTO_OPEN_FAILED */
export function decodeRoomEntry(bytes: Uint8Array): SignedRoomEntry {
  const reader = new Reader(bytes);
  const body = reader.fixed(Math.max(0, bytes.length - 64));
  return { entry: decode(ENTRY, body), body, signature: fixed(64).read(reader) };
}
