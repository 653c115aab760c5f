import { type Bytes, equal, openFailed, opening } from "../bytes/index.ts";
import { openBytes } from "../chunked/index.ts";
import { type DeviceKey, deviceAt, isAhead } from "../device-log/index.ts";
import { type EpochRoom, isSecretOf, type Unwrap } from "../epoch/index.ts";
import { type DeviceLogs, memberOf, pinOf } from "../room-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";
import { judge, type Rule } from "../verdict.ts";
import { decodeGrant, decodeSecrets, type EpochBytes, type SignedGrant } from "./layout.ts";
import { grantContext, grantLabel } from "./make.ts";

/** The device that a grant is for. */
export interface Grantee {
  user: Bytes;
  root: Bytes;
  id: Bytes;
  /** Public, 422 bytes. */
  wrapKey: Bytes;
  unwrap: Unwrap;
}

type GrantVoid = "recipient" | "grantor" | "signature" | "history";

interface Case extends SignedGrant {
  suite: Suite;
  room: EpochRoom;
  self: Grantee;
  wrapKeyHash: Bytes;
  device: DeviceKey | undefined;
  /** Of one's own identity. */
  own: boolean;
}

/** docs/protocol.md §18, in its order; what follows is checked as it opens. */
export const GRANT_RULES: readonly Rule<Case, GrantVoid>[] = [
  ["recipient", isForSelf],
  ["grantor", ({ device }) => device !== undefined],
  ["signature", isSigned],
  ["history", ({ room, own }) => own || room.log.history === "shared"],
];

/**
 * Opens a grant. One secret that is not its epoch's refuses all of them.
 *
 * @returns Secrets in passing: to be sealed at once, and given to `withSecret` as keys.
 * @throws CRYPTO_OPEN_FAILED
 */
export function openGrant(
  suite: Suite,
  room: EpochRoom,
  bytes: Uint8Array,
  self: Grantee,
  logs: DeviceLogs,
  rules = GRANT_RULES,
): Promise<readonly EpochBytes[]> {
  return opening(async () => {
    const given = await read(suite, room, bytes, self, logs);
    if ((await judge(rules, given)) !== "valid") throw openFailed();
    const { headBytes, head, wrap, sealed, wrapKeyHash } = given;
    const key = await self.unwrap(wrap, await grantLabel(suite, headBytes, self.id, wrapKeyHash));
    if (!key) throw openFailed();
    const secrets = decodeSecrets(await openBytes(suite, key, grantContext(headBytes), sealed));
    for (const { epoch, secret } of secrets) {
      const past = epoch >= head.from && epoch <= head.to && room.epochs.past.get(epoch);
      const isKnown =
        past &&
        (await isSecretOf(suite, await suite.hmacKey(secret), room.log.room, { ...past, number: epoch }));
      if (!isKnown) throw openFailed();
    }
    return secrets;
  });
}

async function read(
  suite: Suite,
  room: EpochRoom,
  bytes: Uint8Array,
  self: Grantee,
  logs: DeviceLogs,
): Promise<Case> {
  const signed = decodeGrant(bytes);
  const { grantor, device: id, deviceHead } = signed.head;
  const member = memberOf(room.log, grantor);
  const log = member && !member.erased ? logs(grantor, member.root) : undefined;
  const isKnown = member && isAhead(log, deviceHead, pinOf(room.log, member));
  const device = log && isKnown ? deviceAt(log, id, deviceHead.seq) : undefined;
  const own = member !== undefined && equal(grantor, self.user) && equal(member.root, self.root);
  return { ...signed, suite, room, self, device, own, wrapKeyHash: await suite.sha256(self.wrapKey) };
}

function isForSelf({ room, head, self, wrapKeyHash }: Case): boolean {
  return (
    equal(head.room, room.log.room) &&
    equal(head.recipient, self.user) &&
    equal(head.recipientDevice, self.id) &&
    equal(head.wrapKey, wrapKeyHash)
  );
}

async function isSigned({ suite, body, device, signature }: Case): Promise<boolean> {
  if (!device) return false;
  return suite.verify(
    device.signingKey,
    signature,
    TAGS.grantSig,
    await suite.hash(TAGS.grant, body),
    device.id,
  );
}
