export { block, readBlocked, report } from "./blocks.ts";
export { acceptPerson, identityOf, safetyNumber, verifyPerson } from "./identity.ts";
export { acknowledgeReset, openResets } from "./room/reset-lines.ts";
