import { createHmac, randomBytes } from "node:crypto";
import { sameText } from "./secrets.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 without padding, as authenticator apps take it. */
export function base32(bytes: Uint8Array): string {
  let bits = 0;
  let value = 0;
  let out = "";
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    for (; bits >= 5; bits -= 5) out += ALPHABET.charAt((value >>> (bits - 5)) & 31);
    value &= (1 << bits) - 1;
  }
  return bits > 0 ? out + ALPHABET.charAt((value << (5 - bits)) & 31) : out;
}

function fromBase32(text: string): Buffer {
  const bytes: number[] = [];
  let bits = 0;
  let value = 0;
  for (const char of text) {
    value = ((value << 5) | ALPHABET.indexOf(char)) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((value >>> bits) & 255);
    }
  }
  return Buffer.from(bytes);
}

/** 160 bits, the length of the hash (RFC 4226, section 4). */
export const newTotpSecret = (): string => base32(randomBytes(20));

/** Seconds that one code lives (RFC 6238, section 5.2). */
const STEP = 30;

/** The six digits of a counter (RFC 4226, section 5.3). */
export function hotp(secret: string, counter: number): string {
  const message = Buffer.alloc(8);
  message.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac("sha1", fromBase32(secret)).update(message).digest();
  const offset = (mac[19] ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/**
 * Finds the step that a code belongs to, one to either side of now for clocks that differ.
 *
 * @param after the last step that was used: neither it nor an earlier one counts again
 * @returns the step, or null for a wrong or used code
 */
export function totpStep(secret: string, code: string, after = -1, now = Date.now()): number | null {
  const current = Math.floor(now / 1000 / STEP);
  for (const step of [current - 1, current, current + 1]) {
    if (step > after && sameText(hotp(secret, step), code)) return step;
  }
  return null;
}

/** What the QR code says to an authenticator app. */
export function totpUri(secret: string, issuer: string, account: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  const query = new URLSearchParams({ algorithm: "SHA1", digits: "6", issuer, period: String(STEP), secret });
  return `otpauth://totp/${label}?${query.toString().replaceAll("+", "%20")}`;
}
