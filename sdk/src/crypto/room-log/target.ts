import { equal, toHex } from "../bytes/index.ts";
import type { RoomEntry } from "./layout.ts";
import { memberOf, type RoomLog } from "./state.ts";

/** Whether what the entry acts on is there, or not there yet where it must not be. */
export function hasTarget(log: RoomLog, entry: RoomEntry): boolean {
  switch (entry.op) {
    case "add":
      return !isMember(log, entry.user, entry.userRoot) && isInvited(log, entry);
    case "remove":
      return memberOf(log, entry.user) !== undefined;
    case "role": {
      const member = memberOf(log, entry.user);
      return member !== undefined && !member.erased && member.role !== entry.role;
    }
    case "evict":
      return memberOf(log, entry.user)?.erased === true;
    case "invite": {
      const known = log.invites.get(toHex(entry.invite));
      return entry.uses > 0 ? !known : (known?.uses ?? 0) > 0;
    }
    default:
      return true;
  }
}

function isMember(log: RoomLog, user: Uint8Array, root: Uint8Array): boolean {
  const member = memberOf(log, user);
  return member !== undefined && equal(member.root, root);
}

function isInvited(log: RoomLog, { invite, role, user }: Extract<RoomEntry, { op: "add" }>): boolean {
  if (invite.every((byte) => byte === 0)) return true;
  const known = log.invites.get(toHex(invite));
  return known !== undefined && known.used < known.uses && known.role === role && !memberOf(log, user);
}
