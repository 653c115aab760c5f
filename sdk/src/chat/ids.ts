import { type Bytes, fromHex, toHex } from "../crypto/bytes/index.ts";

/** Ids are UUIDs for apps and for the API, and 16 bytes below. */
export const toUuid = (id: Uint8Array): string =>
  toHex(id).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");

export const fromUuid = (id: string): Bytes => fromHex(id.toLowerCase().replaceAll("-", ""));
