import { type Bytes, concat } from "../bytes/index.ts";
import { sealBytes } from "../chunked/index.ts";
import type { Head } from "../codec.ts";
import type { DeviceKey, Signer } from "../device-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS, tagged } from "../tags.ts";
import { type EpochBytes, encodeGrant, encodeGrantHead, encodeSecrets } from "./layout.ts";

export interface GrantDraft {
  room: Bytes;
  grantor: { user: Bytes; signer: Signer; deviceHead: Head };
  recipient: { user: Bytes; device: Pick<DeviceKey, "id" | "wrapKey"> };
  /** Ascending, 1 to 1,024. Of others than one's own devices only what was committed under history `shared`. */
  secrets: readonly EpochBytes[];
  time: number;
}

export const grantLabel = async (
  suite: Suite,
  head: Uint8Array,
  device: Uint8Array,
  wrapKeyHash: Uint8Array,
) => suite.hash(TAGS.grantLabel, await suite.sha256(head), device, wrapKeyHash);
export const grantContext = (head: Uint8Array): Bytes => tagged(TAGS.grantBundle, head);

/** Gives a device the secrets of epochs that it was not there for. @see docs/protocol.md §18 */
export async function makeGrant(suite: Suite, draft: GrantDraft): Promise<Bytes> {
  const { grantor, recipient, secrets } = draft;
  const epochs = secrets.map(({ epoch }) => epoch);
  const wrapKey = await suite.sha256(recipient.device.wrapKey);
  const head = encodeGrantHead({
    suite: suite.id,
    room: draft.room,
    grantor: grantor.user,
    device: grantor.signer.id,
    deviceHead: grantor.deviceHead,
    recipient: recipient.user,
    recipientDevice: recipient.device.id,
    wrapKey,
    from: Math.min(...epochs),
    to: Math.max(...epochs),
    time: draft.time,
  });
  const bundle = suite.random(32);
  const label = await grantLabel(suite, head, recipient.device.id, wrapKey);
  const wrap = await suite.wrap(recipient.device.wrapKey, bundle, label);
  const sealed = await sealBytes(
    suite,
    await suite.hmacKey(bundle),
    grantContext(head),
    encodeSecrets(secrets),
  );
  const body = encodeGrant(head, wrap, sealed);
  return concat(body, await grantor.signer.sign(TAGS.grantSig, await suite.hash(TAGS.grant, body)));
}
