/**
 * `rsa-aes/1`: bytes in, bytes out, no network, storage or clock. One name for each part of the specification that
 * a room needs; what is wanted now and then stands in `@trackit/sdk/crypto/devices` and `@trackit/sdk/crypto/files`.
 *
 * @example
 * ```ts
 * import { createSuite, deviceLog } from "@trackit/sdk/crypto";
 *
 * const suite = createSuite();
 * const keys = await suite.makeSigningKeys();
 * const user = suite.random(16);
 * const device = await deviceLog.asSigner(suite, user, keys);
 * ```
 *
 * @see docs/protocol.md
 */
export { concat, fromBase64url, fromHex, openFailed, toBase64url, toHex } from "./bytes/index.ts";
export type * from "./cipher.ts";
export * as deviceLog from "./device-log/index.ts";
export * as roomLog from "./room-log/index.ts";
export { createSuite, isSigningKey, isWrapKey, type Suite } from "./suite/index.ts";
export { TAGS, type Tag, tagged } from "./tags.ts";
export type { Rule, Verdict } from "./verdict.ts";
