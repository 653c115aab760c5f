import { createHash, randomBytes, randomInt, timingSafeEqual } from "node:crypto";

/** A code of `length` digits, each equally likely. */
export function newCode(length: number): string {
  let code = "";
  while (code.length < length) code += String(randomInt(10));
  return code;
}

/** What the database keeps of a code: useless without the address it was sent to. */
export function hashCode(address: string, code: string): string {
  return createHash("sha224").update(address).update(code).digest("hex");
}

/** 128 random bits, in the letters of a refresh token. */
export function newRefreshToken(): string {
  return randomBytes(16).toString("base64url");
}

/** A password that nobody knows, for accounts that were made without one. */
export function newPassword(): string {
  return randomBytes(48).toString("base64url");
}

/** Compares without telling by time where the two differ. */
export function sameText(a: string, b: string): boolean {
  const left = createHash("sha256").update(a).digest();
  const right = createHash("sha256").update(b).digest();
  return timingSafeEqual(left, right);
}

/** RFC 7636, section 4.6. */
export function challengeOf(verifier: string, method: "s256" | "plain"): string {
  return method === "plain" ? verifier : createHash("sha256").update(verifier).digest("base64url");
}
