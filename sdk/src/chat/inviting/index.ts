export { admitAll } from "./admit.ts";
export { makeInvite, openInvites, withdrawInvite } from "./invites.ts";
export { joinRoom } from "./join.ts";
