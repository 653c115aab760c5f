import { type Bytes, openFailed } from "../bytes/index.ts";
import { decodeMessage, openMessage } from "../message/index.ts";
import { type Ahead, senderOf } from "../message/receive.ts";
import type { DeviceLogs } from "../room-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";
import { nextT, type TranscriptStep } from "../transcript/transcript.ts";
import { objectHash, type Row } from "./room.ts";
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
  let before: Promise<Bytes> = Promise.resolve(group.room.transcript.place.hash);
  return rows.map((row) => {
    const begun = row.kind === "message" && !row.tombstone ? begin(suite, group, row.bytes, devices) : null;
    const step = stepOf(
      suite,
      before,
      begun ? begun.message.then(({ hash }) => hash) : objectHash(suite, row),
    );
    before = step.then(({ after }) => after);
    // Whoever applies the row hears of what is wrong with it; one that cannot be read breaks off the steps behind it.
    for (const one of [before, ...Object.values(begun ?? {})]) one.catch(() => {});
    if (!begun) return row;
    return { ...row, ahead: { ...begun, bytes: row.bytes, step: step.catch(() => null) } } as Row;
  });
}

async function stepOf(suite: Suite, from: Promise<Bytes>, object: Promise<Bytes>): Promise<TranscriptStep> {
  const [before, objectHash] = await Promise.all([from, object]);
  return { before, objectHash, after: await nextT(suite, before, objectHash) };
}

function begin(
  suite: Suite,
  group: Group,
  bytes: Uint8Array,
  devices: DeviceLogs,
): Pick<Ahead, "message" | "proof" | "payload"> {
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
  return { message, proof, payload };
}
