import { ascii, type Bytes, concat } from "./bytes/index.ts";

const tag = <Name extends string>(name: Name): `trackit/1/${Name}` => `trackit/1/${name}`;

/**
 * Every tag of rsa-aes/1: one per kind of object and per use of a key, so that nothing made for one place can be
 * offered in another. No tag holds the byte 00, which ends each of them where it is used.
 *
 * @see docs/protocol.md §2
 */
export const TAGS = {
  deviceId: tag("device-id"),
  deviceEntry: tag("device-entry"),
  deviceEntrySig: tag("device-entry-sig"),
  deviceKeySig: tag("device-key-sig"),
  approvalRequestKey: tag("approval-request-key"),
  approvalRequest: tag("approval-request"),
  approvalAnswerKey: tag("approval-answer-key"),
  approvalAnswer: tag("approval-answer"),
  approvalPinsKey: tag("approval-pins-key"),
  approvalPins: tag("approval-pins"),
  directRoom: tag("direct-room"),
  selfRoom: tag("self-room"),
  roomEntry: tag("room-entry"),
  roomEntrySig: tag("room-entry-sig"),
  roomNameKey: tag("room-name-key"),
  roomName: tag("room-name"),
  inviteSecret: tag("invite-secret"),
  inviteKey: tag("invite-key"),
  joinMac: tag("join-mac"),
  join: tag("join"),
  joinSig: tag("join-sig"),
  commit: tag("commit"),
  commitSig: tag("commit-sig"),
  wrapLabel: tag("wrap-label"),
  keyCommitment: tag("key-commitment"),
  messageRoot: tag("message-root"),
  message: tag("message"),
  messageSig: tag("message-sig"),
  messageBody: tag("message-body"),
  transcriptStart: tag("transcript-start"),
  transcript: tag("transcript"),
  grant: tag("grant"),
  grantSig: tag("grant-sig"),
  grantLabel: tag("grant-label"),
  grantBundle: tag("grant-bundle"),
  vaultRoot: tag("vault-root"),
  vaultItem: tag("vault-item"),
  file: tag("file"),
  fileHash: tag("file-hash"),
  linkSalt: tag("link-salt"),
  linkKey: tag("link-key"),
  linkDoor: tag("link-door"),
  linkAccess: tag("link-access"),
  linkToken: tag("link-token"),
  linkBody: tag("link-body"),
  username: tag("username"),
  recoveryChecksum: tag("recovery-checksum"),
  backupKey: tag("backup-key"),
  backup: tag("backup"),
} as const;

export type Tag = (typeof TAGS)[keyof typeof TAGS];

/** tag ‖ 00 ‖ parts: what is hashed, signed, authenticated, expanded or given as context. */
export function tagged(name: Tag, ...parts: readonly Uint8Array[]): Bytes {
  return concat(ascii(name), new Uint8Array(1), ...parts);
}
