import { toUuid } from "../chat/ids.ts";
import type { FileInfo } from "../crypto/file/index.ts";
import type { Attachment } from "./types.ts";

/** What gives access to a file, for whoever was handed the object that stands for it. It never stands in the object. */
export interface Held {
  ownerId: string;
  info: FileInfo;
}
export const held = new WeakMap<object, Held>();

/** What the sender says is a picture is shown as one: by its first bytes, and never as anything that could run. */
export function thumbnailOf({ thumbnail }: FileInfo): Blob | null {
  const type = TYPES.find(([, start]) =>
    start.every((byte, at) => byte === null || thumbnail[at] === byte),
  )?.[0];
  return type ? new Blob([thumbnail], { type }) : null;
}

const TYPES: readonly [string, readonly (number | null)[]][] = [
  ["image/webp", [0x52, 0x49, 0x46, 0x46, null, null, null, null, 0x57, 0x45, 0x42, 0x50]],
  ["image/jpeg", [0xff, 0xd8, 0xff]],
  ["image/png", [0x89, 0x50, 0x4e, 0x47]],
];

/** A file of a message, for whoever received it. */
export function toAttachment(ownerId: string, info: FileInfo): Attachment {
  const { name, type, size } = info;
  const attachment = { fileId: toUuid(info.id), name, type, size, thumbnail: thumbnailOf(info) };
  held.set(attachment, { ownerId, info });
  return attachment;
}
