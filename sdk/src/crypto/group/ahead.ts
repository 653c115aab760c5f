import { openFailed } from "../bytes/index.ts";
import { decodeMessage, openMessage } from "../message/index.ts";
import { type Ahead, senderOf } from "../message/receive.ts";
import type { DeviceLogs } from "../room-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";
import type { Row } from "./room.ts";
import { type Group, keysOf } from "./state.ts";

/**
 * Begins what takes long about messages, all at once: hashes, signatures, seals. WebCrypto works on other threads, and
 * one message after the other leaves them idle. Applied in their order, the rows are judged as ever, by all rules;
 * what was begun only answers sooner, and only for the bytes and the key that it was begun with.
 *
 * @param rows Some rows to come, fifty or so: each is under way until it is applied.
 * @returns The same rows, to be applied in the same order.
 */
export function readAhead(suite: Suite, group: Group, rows: readonly Row[], devices: DeviceLogs): Row[] {
  return rows.map((row) =>
    row.kind === "message" && !row.tombstone
      ? { ...row, ahead: begin(suite, group, row.bytes, devices) }
      : row,
  );
}

function begin(suite: Suite, group: Group, bytes: Uint8Array, devices: DeviceLogs): Ahead {
  const message = decodeMessage(suite, bytes);
  const proof = message.then(async ({ header, hash, signature }) => {
    const key = senderOf(group.room.epochs.last, header, devices)?.key;
    if (!key) return null;
    const holds = await suite.verify(key.signingKey, signature, TAGS.messageSig, hash, key.id);
    return { key: key.signingKey, holds };
  });
  const payload = message.then((one) => {
    const keys = keysOf(group, one.header.commit);
    if (!keys) throw openFailed();
    return openMessage(suite, keys.root, one);
  });
  // Whoever applies the row hears of it.
  for (const one of [message, proof, payload]) one.catch(() => {});
  return { bytes, message, proof, payload };
}
