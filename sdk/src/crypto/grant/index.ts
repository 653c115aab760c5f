export type { EpochBytes, GrantHead } from "./layout.ts";
export { type GrantDraft, makeGrant } from "./make.ts";
export { GRANT_RULES, type Grantee, openGrant } from "./open.ts";
