export { type Identity, safetyNumber } from "./number.ts";
export { encodeIdentity, type Known, scanIdentity } from "./qr.ts";
