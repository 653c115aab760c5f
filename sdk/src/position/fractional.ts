import { TrackItError } from "../errors.ts";

/** In the order of their code units, so that SQL (`collate "C"`) and JavaScript compare alike. */
const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE = DIGITS.length;
const ZERO = "0";
const SMALLEST_HEAD = "A";
const LARGEST_HEAD = "z";

/*
 * A position is a number: a head letter says how many digits the integer part has ("a" one … "z" twenty-six for
 * numbers from zero up, "Z" one … "A" twenty-six below zero), then the integer's digits, then digits after the
 * point, the last of which is never "0". Appending counts the integer up, so a list of 10,000 appended rows has
 * positions of four characters; between two rows there is always room after the point.
 */

function integerLength(head: string): number {
  const code = head.charCodeAt(0);
  if (head >= "a" && head <= "z") return code - 97 + 2;
  if (head >= "A" && head <= "Z") return 90 - code + 2;
  return 0;
}

function integerOf(position: string): string {
  return position.slice(0, integerLength(position.charAt(0)));
}

/** True for text that {@link between} can work with. */
export function isPosition(position: string): boolean {
  const length = integerLength(position.charAt(0));
  const wellFormed = length > 0 && position.length >= length && /^[0-9A-Za-z]+$/.test(position);
  const fraction = position.slice(length);
  return wellFormed && !fraction.endsWith(ZERO);
}

function digitAt(index: number): string {
  return DIGITS.charAt(index);
}

/** The integer after (`step` 1) or before (-1) this one; null at the ends of the range. */
function neighbour(integer: string, step: 1 | -1): string | null {
  const head = integer.charAt(0);
  const digits = [...integer.slice(1)];
  const wrapped = step === 1 ? ZERO : digitAt(BASE - 1);
  const last = step === 1 ? BASE - 1 : 0;
  for (let i = digits.length - 1; i >= 0; i--) {
    const index = DIGITS.indexOf(digits[i] ?? ZERO);
    if (index !== last) {
      digits[i] = digitAt(index + step);
      return head + digits.join("");
    }
    digits[i] = wrapped;
  }
  if (head === (step === 1 ? LARGEST_HEAD : SMALLEST_HEAD)) return null;
  if (step === 1 && head === "Z") return `a${ZERO}`;
  if (step === -1 && head === "a") return `Z${digitAt(BASE - 1)}`;
  const nextHead = String.fromCharCode(head.charCodeAt(0) + step);
  return nextHead + wrapped.repeat(integerLength(nextHead) - 1);
}

/** Digits strictly between two fractions; `upper` null stands for one. */
function midpoint(lower: string, upper: string | null): string {
  if (upper !== null) {
    let shared = 0;
    while (shared < upper.length && (lower[shared] ?? ZERO) === upper[shared]) shared++;
    if (shared > 0) return upper.slice(0, shared) + midpoint(lower.slice(shared), upper.slice(shared));
  }
  const low = lower === "" ? 0 : DIGITS.indexOf(lower.charAt(0));
  const high = upper === null || upper === "" ? BASE : DIGITS.indexOf(upper.charAt(0));
  if (high - low > 1) return digitAt((low + high) >> 1);
  if (upper !== null && upper.length > 1) return upper.slice(0, 1);
  return digitAt(low) + midpoint(lower.slice(1), null);
}

/**
 * A position strictly between two others; null stands for the open end.
 *
 * @throws USAGE_INVALID when `lower` is not below `upper` or one of them is no position.
 * @example
 * ```ts
 * between(null, null); // "a0"
 * between("a0", "a1"); // "a0V"
 * ```
 */
export function between(lower: string | null, upper: string | null): string {
  for (const edge of [lower, upper]) if (edge !== null && !isPosition(edge)) throw refuse(edge);
  if (lower !== null && upper !== null && lower >= upper) throw refuse(lower, upper);
  if (lower === null) return upper === null ? `a${ZERO}` : before(upper);
  if (upper === null) return after(lower);
  const [low, high] = [integerOf(lower), integerOf(upper)];
  if (low === high) return low + midpoint(lower.slice(low.length), upper.slice(high.length));
  const next = neighbour(low, 1);
  return next !== null && next < upper ? next : low + midpoint(lower.slice(low.length), null);
}

function before(upper: string): string {
  const integer = integerOf(upper);
  if (integer < upper) return integer;
  return neighbour(integer, -1) ?? refuseEnd(upper);
}

function after(lower: string): string {
  const integer = integerOf(lower);
  return neighbour(integer, 1) ?? integer + midpoint(lower.slice(integer.length), null);
}

function refuse(position: string, upper?: string): TrackItError {
  const rule = upper === undefined ? "a position made by the SDK" : `a position below ${upper}`;
  return new TrackItError("USAGE_INVALID", `Cannot place a row at ${position}: wanted ${rule}`, {
    field: "position",
    value: position,
    rule,
  });
}

function refuseEnd(position: string): never {
  throw refuse(position);
}
