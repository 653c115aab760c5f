import { invalid } from "../../failure/invalid.ts";
import type { Change, Guard, Pin } from "./types.ts";

const LONGEST_NAME = 512;
const HASH_BYTES = 32;
/** A sealed file or row that is meant for elsewhere does not belong here. */
const MOST_BYTES = 16 * 2 ** 20;

/** @throws USAGE_INVALID */
export function checkName(action: string, name: string): void {
  const fits = typeof name === "string" && name.length > 0 && name.length <= LONGEST_NAME;
  if (!fits || /\p{Surrogate}/u.test(name)) {
    throw invalid(`keystore.${action}`, "name", name, `1 to ${LONGEST_NAME} characters of well-formed text`);
  }
}

/** @throws USAGE_INVALID; the value itself is not quoted. */
export function checkBytes(action: string, field: string, value: unknown, length?: number): void {
  const wanted = length === undefined ? `at most ${MOST_BYTES} bytes` : `${length} bytes`;
  if (!(value instanceof Uint8Array)) {
    throw invalid(`keystore.${action}`, field, typeof value, `a Uint8Array of ${wanted}`);
  }
  if (length === undefined ? value.length > MOST_BYTES : value.length !== length) {
    throw invalid(`keystore.${action}`, field, `${value.length} bytes`, wanted);
  }
}

/** @throws USAGE_INVALID */
function checkChange(change: Change): void {
  if ("pin" in change) {
    checkMove(change);
    return;
  }
  const [name, value] = "record" in change ? [change.record, change.value] : [change.secret, change.sealed];
  checkName("batch", name);
  if ("secret" in change && change.from !== undefined) checkName("batch", change.from);
  if (value !== null) checkBytes("batch", name, value);
}

/** A pin moves once in a batch: a second step would not see the first. @throws USAGE_INVALID */
export function checkChanges(changes: readonly Change[]): void {
  changes.forEach(checkChange);
  const pins = changes.flatMap((change) => ("pin" in change ? [change.pin] : []));
  const twice = pins.find((pin, at) => pins.indexOf(pin) !== at);
  if (twice !== undefined) throw invalid("keystore.batch", "pin", twice, "one change of each pin");
}

/** @throws USAGE_INVALID */
export function checkGuard({ record, value }: Guard): void {
  checkName("batch", record);
  if (value !== null) checkBytes("batch", record, value);
}

function checkMove({ pin, from, to }: { pin: string; from: Pin | null; to: Pin }): void {
  checkName("batch", pin);
  for (const one of from ? [from, to] : [to]) {
    checkBytes("batch", `${pin}: hash`, one.hash, HASH_BYTES);
    if (!Number.isSafeInteger(one.seq) || one.seq < 0) {
      throw invalid("keystore.batch", `${pin}: seq`, one.seq, "an integer from 0 to 2^53 - 1");
    }
  }
  if (from && to.seq <= from.seq && !samePin(from, to)) {
    throw invalid("keystore.batch", `${pin}: seq`, to.seq, `more than ${from.seq}: pins only move forward`);
  }
}

export function samePin(one: Pin | null, other: Pin | null): boolean {
  if (one === null || other === null) return one === other;
  return one.seq === other.seq && one.hash.every((byte, at) => byte === other.hash[at]);
}
