import { uuid7 } from "../ids/uuid7.ts";

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** The head letter of an eight-digit integer (see fractional.ts): milliseconds until the year 8888. */
const HEAD = "h";
const TIME_DIGITS = 8;
/** Twelve bits of counter after the version. */
const COUNTER_DIGITS = 3;

/**
 * A position behind every row that was appended before, made from the time in a UUIDv7: a new row needs no look at
 * the list, and repeating a create gives the same position. The last digit comes from the id's random part and
 * keeps rows apart that two devices append at once; it is never "0".
 */
export function appended(id: string): string {
  const hex = (isVersion7(id) ? id : uuid7()).replaceAll("-", "");
  const time = digits(Number.parseInt(hex.slice(0, 12), 16), TIME_DIGITS);
  const counter = digits(Number.parseInt(hex.slice(13, 16), 16), COUNTER_DIGITS);
  const noise = DIGITS.charAt(1 + (Number.parseInt(hex.slice(-8), 16) % (DIGITS.length - 1)));
  return HEAD + time + counter + noise;
}

/** The n-th position of a list that is made at once, before everything that is appended later. */
export function numbered(index: number): string {
  return `d${digits(index, 4)}`;
}

export function isVersion7(id: string): boolean {
  return id.charAt(14) === "7";
}

function digits(value: number, count: number): string {
  let text = "";
  for (let rest = value; text.length < count; rest = Math.floor(rest / DIGITS.length)) {
    text = DIGITS.charAt(rest % DIGITS.length) + text;
  }
  return text;
}
