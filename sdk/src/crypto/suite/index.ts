export { isScalar, isSigningKey, isWrapKey } from "./keys.ts";
export { createSuite, type SigningKeys, type Suite, type WrapKeys } from "./suite.ts";
