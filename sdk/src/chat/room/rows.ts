import { fromBase64url, toHex } from "../../crypto/bytes/index.ts";
import { decodeCommit } from "../../crypto/epoch/index.ts";
import type { Row } from "../../crypto/group/index.ts";
import type { MessageColumns } from "../../crypto/message/index.ts";
import { decodeRoomEntry } from "../../crypto/room-log/index.ts";
import type { Want } from "../directory.ts";
import { fromUuid } from "../ids.ts";
import type { WireRow } from "../wire.ts";

/** Where a message's header has its own device's id and the head of its sender's log: docs/protocol.md §15.1. */
const AT = { suite: 1, class: 2, epoch: 19, device: 59, seq: 75, id: 83, head: 131 };

/** A row as the protocol takes it, in whichever state it came. */
export function toRow(room: Uint8Array, { kind, bytes: text, seq: place, id }: WireRow): Row {
  const bytes = fromBase64url(text);
  if (kind === "entry" || kind === "commit") return { kind, bytes, place };
  const tombstone = kind === "tombstone";
  return {
    kind: "message",
    bytes,
    place,
    columns: columnsOf(room, bytes, id),
    ...(tombstone ? { tombstone } : {}),
  };
}

/** What the database has read from the header; it gives the whole row, so that the same is read here. */
function columnsOf(room: Uint8Array, bytes: Uint8Array, id: string | undefined): MessageColumns {
  const at = (from: number, length: number) => bytes.slice(from, from + length) as Uint8Array<ArrayBuffer>;
  return {
    suite: bytes[AT.suite] ?? 0,
    class: bytes[AT.class] === 2 ? "control" : "content",
    room: room as Uint8Array<ArrayBuffer>,
    epoch: number(at(AT.epoch, 8)),
    device: at(AT.device, 16),
    seq: number(at(AT.seq, 8)),
    id: id === undefined ? at(AT.id, 16) : fromUuid(id),
  };
}

const number = (bytes: Uint8Array): number => Number.parseInt(toHex(bytes) || "0", 16);

/** Which device logs a row names, and up to where: what it says is judged by them. */
export const wantsOf = ({ kind, bytes, by }: WireRow): Want[] => wantsIn(kind, fromBase64url(bytes), by);

/** As `wantsOf`, of bytes that were read before. @param by The account that the row came from. */
export function wantsIn(kind: WireRow["kind"], bytes: Uint8Array, by: string): Want[] {
  try {
    if (kind === "entry") {
      const { entry } = decodeRoomEntry(bytes);
      const wants: Want[] = [{ user: entry.author, root: entry.root, seq: entry.deviceHead.seq }];
      if (entry.op === "add") wants.push({ user: entry.user, root: entry.userRoot, seq: entry.userHead.seq });
      if (entry.op === "create" && entry.kind === "direct")
        wants.push({ user: entry.peer, root: entry.peerRoot, seq: entry.peerHead.seq });
      return wants;
    }
    if (kind === "commit") {
      const { commit } = decodeCommit(bytes);
      return commit.list.map(({ user, head }) => ({ user, seq: head.seq }));
    }
    return [{ user: fromUuid(by), seq: number(bytes.subarray(AT.head, AT.head + 8)) }];
  } catch {
    return []; // Nothing of it can be read: it will be void.
  }
}
