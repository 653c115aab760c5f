import { type Bytes, concat, equal, openFailed, opening } from "../bytes/index.ts";
import { openBytes, sealBytes } from "../chunked/index.ts";
import { decode, encode, type Head, NO_HEAD } from "../codec.ts";
import {
  type DeviceEntry,
  type DeviceLog,
  decodeDeviceEntry,
  type Signer,
  signAddedKey,
  signDeviceChange,
} from "../device-log/index.ts";
import { isSigningKey, isWrapKey, type Suite } from "../suite/index.ts";
import { TAGS, tagged } from "../tags.ts";
import { approvalKeys } from "./code.ts";
import { type ApprovalRequest, decodeAnswer, decodeRequest, encodeAnswer, encodeRequest } from "./layout.ts";
import { type Pins, pins } from "./pins.ts";

/** What a new device posts: its keys, and the proof that whoever shows the code made them. */
export async function makeApprovalRequest(
  suite: Suite,
  code: string,
  request: ApprovalRequest,
): Promise<Bytes> {
  const body = encodeRequest(request);
  const { ask } = await approvalKeys(suite, code, request);
  return concat(body, await suite.mac(ask, tagged(TAGS.approvalRequest, body)));
}

/**
 * The request that belongs to a code that its user typed.
 *
 * @throws CRYPTO_OPEN_FAILED for another code's, a changed one, and keys that are none.
 */
export function readApprovalRequest(suite: Suite, code: string, bytes: Uint8Array): Promise<ApprovalRequest> {
  return opening(async () => {
    const { value, body, mac } = decodeRequest(bytes);
    const { ask } = await approvalKeys(suite, code, value);
    const authentic = await suite.checkMac(ask, mac, tagged(TAGS.approvalRequest, body));
    if (!authentic || !isWrapKey(value.wrapKey) || !isSigningKey(value.signingKey)) throw openFailed();
    return value;
  });
}

/**
 * The approver's answer: the entry that adds the device, and what the approver has pinned.
 *
 * @param request As posted; it is read once more.
 * @param approver Own log as it is now, the device that signs, own pins, own clock.
 * @throws CRYPTO_OPEN_FAILED
 */
export async function makeApprovalAnswer(
  suite: Suite,
  code: string,
  request: Uint8Array,
  approver: { log: DeviceLog; device: Signer; pins: Pins; time: number },
): Promise<Bytes> {
  const { log, device, time } = approver;
  const asked = await readApprovalRequest(suite, code, request);
  if (!equal(asked.user, log.user)) throw openFailed();
  const { temporary, wrapKey, signingKey } = asked;
  const change = { op: "add" as const, temporary, wrapKey, signingKey, nameHash: NO_HEAD.hash, time };
  const entry = await signDeviceChange(suite, log, change, device);
  const keys = await approvalKeys(suite, code, asked);
  const sealed = await sealBytes(suite, keys.pins, context(asked.request), encode(pins, approver.pins));
  const answer = { request: asked.request, root: log.root, head: log.head, entry, pins: sealed };
  const body = encodeAnswer(answer);
  const bound = tagged(TAGS.approvalAnswer, await suite.sha256(request), body);
  return concat(body, await suite.mac(keys.answer, bound));
}

const context = (request: Uint8Array): Bytes => tagged(TAGS.approvalPins, request);

export interface Approval {
  /** Identity root to pin. */
  root: Bytes;
  /** Where one's own log stood: what the server gives has to reach it, and go through it. */
  head: Head;
  /** The entry that adds this device, decoded. */
  entry: DeviceEntry;
  /** The entry up to and with the approver's signature. */
  partial: Bytes;
  pins: Pins;
}

/**
 * Reads the answer on the new device. The approver's signature is judged with the log, by applying the entry.
 *
 * @param request As this device posted it.
 * @throws CRYPTO_OPEN_FAILED for an answer that does not come from somebody with the code, or adds anything else.
 */
export function openApprovalAnswer(
  suite: Suite,
  code: string,
  request: Uint8Array,
  bytes: Uint8Array,
): Promise<Approval> {
  return opening(async () => {
    const { value: asked } = decodeRequest(request);
    const { value: answer, body, mac } = decodeAnswer(bytes);
    const keys = await approvalKeys(suite, code, asked);
    const bound = tagged(TAGS.approvalAnswer, await suite.sha256(request), body);
    if (!(await suite.checkMac(keys.answer, mac, bound))) throw openFailed();
    const { entry } = decodeDeviceEntry(concat(answer.entry, new Uint8Array(64)));
    if (!equal(answer.request, asked.request) || !adds(entry, asked, answer)) throw openFailed();
    const sealed = await openBytes(suite, keys.pins, context(asked.request), answer.pins);
    const { root, head } = answer;
    return { root, head, entry, partial: answer.entry, pins: decode(pins, sealed) };
  });
}

function adds(entry: DeviceEntry, asked: ApprovalRequest, at: { root: Bytes; head: Head }): boolean {
  return (
    entry.op === "add" &&
    equal(entry.user, asked.user) &&
    equal(entry.root, at.root) &&
    equal(entry.prev, at.head.hash) &&
    entry.seq > at.head.seq &&
    entry.temporary === asked.temporary &&
    equal(entry.wrapKey, asked.wrapKey) &&
    equal(entry.signingKey, asked.signingKey)
  );
}

/** The entry whole, with the new device's own signature: what it posts. */
export async function completeApproval(suite: Suite, { partial }: Approval, device: Signer): Promise<Bytes> {
  const body = partial.subarray(0, partial.length - 64);
  return concat(partial, await signAddedKey(suite, device, body));
}
