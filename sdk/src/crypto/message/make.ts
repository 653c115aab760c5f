import { type Bytes, concat, openFailed, pad, unpad, Writer } from "../bytes/index.ts";
import { openBytes, sealBytes } from "../chunked/index.ts";
import type { Signer } from "../device-log/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS, tagged } from "../tags.ts";
import { encodeHeader, type Message, type MessageHeader, messageHash } from "./layout.ts";
import { classOf, decodePayload, encodePayload, type Payload } from "./payload.ts";

const context = (head: Uint8Array): Bytes => tagged(TAGS.messageBody, head);

/** A message as it is sent, and its hash, which the next one of this device names. */
export interface MadeMessage {
  bytes: Bytes;
  hash: Bytes;
  header: MessageHeader;
}

/**
 * Seals and signs a message.
 *
 * @param root From `messageRoot` of the epoch that the header names.
 */
export async function makeMessage(...given: Parameters<typeof beginMessage>): Promise<MadeMessage> {
  const { bytes, ...made } = await beginMessage(...given);
  return { ...made, bytes: await bytes };
}

/** As `makeMessage`, while the signature is under way: the next message names the hash, and need not wait for it. */
export async function beginMessage(
  suite: Suite,
  root: CryptoKey,
  given: Omit<MessageHeader, "suite" | "class" | "device">,
  payload: Payload,
  signer: Signer,
): Promise<Omit<MadeMessage, "bytes"> & { bytes: Promise<Bytes> }> {
  const header = { ...given, suite: suite.id, class: classOf(payload), device: signer.id };
  const head = encodeHeader(header);
  const body = await sealBytes(suite, root, context(head), pad(encodePayload(payload)));
  const hash = await messageHash(suite, head, await suite.sha256(body));
  const length = new Writer().u32(body.length).done();
  const signature = signer.sign(TAGS.messageSig, hash);
  const bytes = signature.then((signed) => concat(head, length, body, signed));
  bytes.catch(() => {}); // Heard by who sends it.
  return { bytes, hash, header };
}

/**
 * Opens a message that was found valid.
 *
 * @throws CRYPTO_OPEN_FAILED, whichever of seal, padding and payload is not in order.
 */
export async function openMessage(suite: Suite, root: CryptoKey, message: Message): Promise<Payload> {
  const { body, head, header } = message;
  if (!body) throw openFailed();
  return decodePayload(header.class, unpad(await openBytes(suite, root, context(head), body)));
}
