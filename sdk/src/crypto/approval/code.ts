import { type Bytes, concat, fromBase32, openFailed, toBase32 } from "../bytes/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS, type Tag, tagged } from "../tags.ts";

const BITS = 100;
const QR = "trackit-approve:1:";

/** A new approval code: 100 bits as 20 letters in groups of four, for one use within ten minutes. */
export function makeApprovalCode(suite: Suite): string {
  const letters = toBase32(suite.random(Math.ceil(BITS / 8)), BITS);
  return letters.match(/.{4}/g)?.join("-") ?? letters;
}

/** What the QR of a code says. */
export const approvalQr = (code: string): string => QR + code.replaceAll("-", "");

/**
 * The 13 bytes of a code as typed or scanned.
 *
 * @throws CRYPTO_OPEN_FAILED for what is no code.
 */
export function readApprovalCode(text: string): Bytes {
  const typed = text.startsWith(QR) ? text.slice(QR.length) : text;
  if (typed.length > 64) throw openFailed();
  return fromBase32(typed, BITS);
}

/** The keys that both sides of an approval have, and nobody else. @see docs/protocol.md §10.2 */
export async function approvalKeys(
  suite: Suite,
  code: string,
  { user, request }: { user: Uint8Array; request: Uint8Array },
): Promise<{ ask: CryptoKey; answer: CryptoKey; pins: CryptoKey }> {
  const bits = readApprovalCode(code);
  const key = async (tag: Tag) =>
    suite.hmacKey(await suite.hkdf(bits, concat(user, request), tagged(tag), 32));
  const [ask, answer, pins] = await Promise.all([
    key(TAGS.approvalRequestKey),
    key(TAGS.approvalAnswerKey),
    key(TAGS.approvalPinsKey),
  ]);
  return { ask, answer, pins };
}
