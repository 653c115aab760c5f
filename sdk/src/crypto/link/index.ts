export { argon2id, type SlowHash } from "./argon2.ts";
export {
  createLink,
  doorToken,
  type LinkFragment,
  type LinkOptions,
  type LinkTokens,
  readFragment,
  type StoredLink,
  unlock,
} from "./link.ts";
