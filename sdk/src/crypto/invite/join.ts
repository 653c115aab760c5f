import { type Bytes, concat, equal, toHex } from "../bytes/index.ts";
import { type DeviceLog, deviceAt, isAhead, type Signer } from "../device-log/index.ts";
import { type DeviceLogs, memberOf, pinOf, type RoomLog, roomAt } from "../room-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS, tagged } from "../tags.ts";
import { judge, type Rule, type Verdict } from "../verdict.ts";
import { decodeJoin, encodeJoin, type InviteLink, type SignedJoin } from "./layout.ts";

/** What the log holds of an invite's secret. */
export function hashInviteSecret(suite: Suite, secret: Uint8Array): Promise<Bytes> {
  return suite.hash(TAGS.inviteSecret, secret);
}

type Door = Pick<InviteLink, "room" | "invite" | "secret">;

async function joinKey(suite: Suite, { room, invite, secret }: Door): Promise<CryptoKey> {
  return suite.expandKey(await suite.hmacKey(secret), tagged(TAGS.inviteKey, room, invite));
}

/**
 * Whether a link leads into this room: the invite that it names stands in the log up to the link's head, signed by
 * the inviter that it names, for the secret that it holds.
 */
export async function isInvitedBy(suite: Suite, log: RoomLog, link: InviteLink): Promise<boolean> {
  const invite = roomAt(log, link.head)?.invites.get(toHex(link.invite));
  return (
    invite !== undefined &&
    equal(log.room, link.room) &&
    equal(invite.author, link.inviter) &&
    equal(invite.root, link.root) &&
    equal(invite.secretHash, await hashInviteSecret(suite, link.secret))
  );
}

/** Asks to be let in. @param joiner Own device log, the device that signs, and the last row of the room's log that was read. */
export async function makeJoin(
  suite: Suite,
  door: Door,
  joiner: { log: DeviceLog; device: Signer; logSeq: number; time: number },
): Promise<Bytes> {
  const { user, root, head: deviceHead } = joiner.log;
  const who = { user, root, deviceHead, device: joiner.device.id, time: joiner.time };
  const body = encodeJoin({ room: door.room, invite: door.invite, logSeq: joiner.logSeq, ...who });
  const mac = await suite.mac(await joinKey(suite, door), tagged(TAGS.joinMac, body));
  const asked = concat(body, mac);
  return concat(asked, await joiner.device.sign(TAGS.joinSig, await suite.hash(TAGS.join, asked)));
}

export type JoinVoid =
  | "malformed"
  | "place"
  | "invite"
  | "expired"
  | "mac"
  | "head"
  | "device"
  | "signature"
  | "member"
  | "gone";

interface Case extends SignedJoin {
  suite: Suite;
  secret: Bytes;
  log: RoomLog;
  known: DeviceLog | undefined;
  now: number;
}

/** docs/protocol.md §12.3, in its order. */
export const JOIN_RULES: readonly Rule<Case, JoinVoid>[] = [
  ["place", ({ join, log }) => equal(join.room, log.room)],
  ["invite", isOpen],
  ["expired", ({ log, join, now }) => now < (log.invites.get(toHex(join.invite))?.expires ?? 0)],
  ["mac", hasSecret],
  ["head", ({ log, join, known }) => isAhead(known, join.deviceHead, pinOf(log, join))],
  ["device", ({ join, known }) => known !== undefined && deviceAt(known, join.device) !== undefined],
  ["signature", isSigned],
  ["member", ({ log, join }) => memberOf(log, join.user) === undefined],
  ["gone", ({ log, join }) => mayReturn(log, join)],
];

/**
 * Judges a request to join, for an admin's client that holds the invite's secret.
 *
 * @param given.logs Device logs; the joiner's as it is now.
 * @param given.now Own clock, milliseconds: expiry binds this client, not the log.
 */
export async function checkJoin(
  suite: Suite,
  bytes: Uint8Array,
  { secret, log, logs, now }: { secret: Bytes; log: RoomLog; logs: DeviceLogs; now: number },
  rules = JOIN_RULES,
): Promise<{ verdict: Verdict<JoinVoid>; join?: SignedJoin["join"] }> {
  try {
    const signed = decodeJoin(bytes);
    const known = logs(signed.join.user, signed.join.root);
    const verdict = await judge(rules, { ...signed, suite, secret, log, known, now });
    return verdict === "valid" ? { verdict, join: signed.join } : { verdict };
  } catch {
    return { verdict: { void: "malformed" } };
  }
}

async function isOpen({ suite, log, join, secret }: Case): Promise<boolean> {
  const invite = log.invites.get(toHex(join.invite));
  if (!invite || invite.used >= invite.uses || log.deleted) return false;
  return equal(invite.secretHash, await hashInviteSecret(suite, secret));
}

async function hasSecret({ suite, secret, join, body, mac }: Case): Promise<boolean> {
  return suite.checkMac(await joinKey(suite, { ...join, secret }), mac, tagged(TAGS.joinMac, body));
}

/** An old request brings back nobody who left, and who was removed comes back by a person's decision. */
function mayReturn(log: RoomLog, { user, invite, logSeq }: SignedJoin["join"]): boolean {
  const end = log.gone.get(toHex(user));
  if (!end) return true;
  return end.left ? end.seq <= logSeq : end.seq < (log.invites.get(toHex(invite))?.since ?? 0);
}

async function isSigned({ suite, known, join, body, mac, signature }: Case): Promise<boolean> {
  const device = known && deviceAt(known, join.device, join.deviceHead.seq);
  const hash = await suite.hash(TAGS.join, body, mac);
  return device !== undefined && suite.verify(device.signingKey, signature, TAGS.joinSig, hash, device.id);
}
