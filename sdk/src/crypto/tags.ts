import { ascii, type Bytes, concat } from "./bytes/index.ts";

const NAMES = [
  "device-id",
  "device-entry",
  "device-entry-sig",
  "device-key-sig",
  "approval-request-key",
  "approval-request",
  "approval-answer-key",
  "approval-answer",
  "approval-pins-key",
  "approval-pins",
  "direct-room",
  "self-room",
  "room-entry",
  "room-entry-sig",
  "room-name-key",
  "room-name",
  "invite-secret",
  "invite-key",
  "join-mac",
  "join",
  "join-sig",
  "commit",
  "commit-sig",
  "wrap-label",
  "key-commitment",
  "message-root",
  "message",
  "message-sig",
  "message-body",
  "transcript-start",
  "transcript",
  "grant",
  "grant-sig",
  "grant-label",
  "grant-bundle",
  "vault-root",
  "vault-item",
  "file",
  "file-hash",
  "link-salt",
  "link-key",
  "link-door",
  "link-access",
  "link-token",
  "link-body",
  "username",
  "recovery-checksum",
  "backup-key",
  "backup",
] as const;
type Name = (typeof NAMES)[number];

/** `room-name-key` is `roomNameKey` in code. */
type Camel<Text extends string> = Text extends `${infer Head}-${infer Rest}`
  ? `${Head}${Capitalize<Camel<Rest>>}`
  : Text;
type Tags = { readonly [Each in Name as Camel<Each>]: `trackit/1/${Each}` };

/**
 * Every tag of rsa-aes/1: one per kind of object and per use of a key, so that nothing made for one place can be
 * offered in another. No tag holds the byte 00, which ends each of them where it is used.
 *
 * @see docs/protocol.md §2
 */
export const TAGS = Object.fromEntries(
  NAMES.map((name) => [name.replace(/-./g, ([, letter = ""]) => letter.toUpperCase()), `trackit/1/${name}`]),
) as Tags;

export type Tag = Tags[keyof Tags];

/** tag ‖ 00 ‖ parts: what is hashed, signed, authenticated, expanded or given as context. */
export function tagged(name: Tag, ...parts: readonly Uint8Array[]): Bytes {
  return concat(ascii(name), new Uint8Array(1), ...parts);
}
