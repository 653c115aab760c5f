/**
 * `rsa-aes/1`: bytes in, bytes out, no network, storage or clock. Everything that judges, seals and opens what rooms
 * hold. What rests on it has entries of its own: `@trackit/sdk/crypto/rooms`, `@trackit/sdk/crypto/devices` and
 * `@trackit/sdk/crypto/files`. Names stand flat: in a namespace, bundlers would keep all that is in it.
 *
 * @example
 * ```ts
 * import { asSigner, createSuite } from "@trackit/sdk/crypto";
 *
 * const suite = createSuite();
 * const keys = await suite.makeSigningKeys();
 * const user = suite.random(16);
 * const device = await asSigner(suite, user, keys);
 * ```
 *
 * @see docs/protocol.md
 */
export { concat, fromBase64url, fromHex, openFailed, toBase64url, toHex } from "./bytes/index.ts";
export type * from "./cipher.ts";
export * from "./device-log/index.ts";
export * from "./epoch/index.ts";
export * from "./message/index.ts";
export * from "./room-log/index.ts";
export { createSuite, isSigningKey, isWrapKey, type Suite } from "./suite/index.ts";
export { TAGS, type Tag, tagged } from "./tags.ts";
export * from "./transcript/index.ts";
export type { Rule, Verdict } from "./verdict.ts";
