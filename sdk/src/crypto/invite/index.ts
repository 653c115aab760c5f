export { checkJoin, hashInviteSecret, isInvitedBy, JOIN_RULES, type JoinVoid, makeJoin } from "./join.ts";
export {
  decodeInviteLink,
  decodeJoin,
  encodeInviteLink,
  encodeJoin,
  type InviteLink,
  type Join,
} from "./layout.ts";
