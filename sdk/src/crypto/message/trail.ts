import { type Bytes, concat, equal } from "../bytes/index.ts";
import type { MessageHeader } from "./layout.ts";

/** Which messages were taken before, by (device, id) and by (device, device seq). A value: adding to it gives another. */
export interface Trail {
  size: number;
  /** Shared between values: an entry with a number beyond `size` is another value's. Never write. */
  entries: Map<string, { at: number; hash: Bytes }>;
}

export const startTrail = (): Trail => ({ size: 0, entries: new Map() });

/** One letter per byte: half the length of hex in keys that are kept for every message. */
const letters = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const byId = ({ device, id }: MessageHeader): string => letters(concat(device, id));
const byPlace = ({ device, seq }: MessageHeader): string => `${letters(device)}${seq}`;

function find(trail: Trail, key: string): Bytes | undefined {
  const entry = trail.entries.get(key);
  return entry && entry.at < trail.size ? entry.hash : undefined;
}

/** The hash of the message that this device sent under this id before. */
export const sameId = (trail: Trail, header: MessageHeader) => find(trail, byId(header));
/** The hash of the message that this device sent under this number before. */
export const samePlace = (trail: Trail, header: MessageHeader) => find(trail, byPlace(header));

/** Whether this very message was taken before. */
export const isTaken = (trail: Trail, header: MessageHeader, hash: Bytes): boolean =>
  equal(samePlace(trail, header) ?? new Uint8Array(), hash);

/** The trail with one message more. */
export function remember(trail: Trail, header: MessageHeader, hash: Bytes): Trail {
  const keys = [byId(header), byPlace(header)];
  const isEnd = trail.entries.size === trail.size && !keys.some((key) => trail.entries.has(key));
  const own = () => [...trail.entries].filter(([, { at }]) => at < trail.size);
  const entries = isEnd ? trail.entries : new Map(own());
  for (const key of keys) entries.set(key, { at: entries.size, hash });
  return { size: entries.size, entries };
}
