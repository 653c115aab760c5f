import { toHex } from "../bytes/index.ts";
import type { Role, RoomEntry } from "./layout.ts";
import type { Member, RoomLog } from "./state.ts";

/** The log after an entry that holds. */
export function changed(log: RoomLog, entry: RoomEntry): RoomLog {
  switch (entry.op) {
    case "create":
      return created(log, entry);
    case "add":
      return counted(withMember(log, { ...joined(entry), since: entry.seq }), entry.invite);
    case "role":
      return withRole(log, entry);
    case "remove":
    case "evict":
      return without(log, entry.user, { seq: entry.seq, left: false });
    case "leave":
      return without(log, entry.author, { seq: entry.seq, left: true });
    case "invite":
      return withInvite(log, entry);
    case "rename": {
      const { seq, epoch, commit, sealed } = entry;
      return { ...log, name: { seq, epoch, commit, sealed } };
    }
    case "delete":
      return { ...log, deleted: true };
    case "upgrade":
      return { ...log, protocol: entry.protocol, suite: entry.suite };
    case "erased": {
      const member = log.members.get(toHex(entry.user));
      return member ? withMember(log, { ...member, erased: true }) : log;
    }
  }
}

type Entry<Op extends RoomEntry["op"]> = Extract<RoomEntry, { op: Op }>;

function created(log: RoomLog, entry: Entry<"create">): RoomLog {
  const { kind, history, protocol, suite, seq: since } = entry;
  const direct = kind === "direct";
  const first = {
    user: entry.author,
    root: entry.root,
    role: (direct ? 1 : 3) as Role,
    since,
    erased: false,
  };
  const room = withMember({ ...log, kind, history, protocol, suite }, first);
  if (!direct) return room;
  return withMember(room, { user: entry.peer, root: entry.peerRoot, role: 1, since, erased: false });
}

const joined = ({ user, userRoot, role }: Entry<"add">) => ({ user, root: userRoot, role, erased: false });

function withMember(log: RoomLog, member: Member): RoomLog {
  return { ...log, members: new Map(log.members).set(toHex(member.user), member) };
}

function counted(log: RoomLog, id: Uint8Array): RoomLog {
  const invite = log.invites.get(toHex(id));
  if (!invite) return log;
  return { ...log, invites: new Map(log.invites).set(toHex(id), { ...invite, used: invite.used + 1 }) };
}

function withInvite(log: RoomLog, entry: Entry<"invite">): RoomLog {
  const { invite: id, role, uses, expires, secretHash, author, root, seq: since } = entry;
  const known = log.invites.get(toHex(id));
  const invite = known
    ? { ...known, uses: 0 }
    : { id, role, uses, used: 0, expires, secretHash, author, root, since };
  return { ...log, invites: new Map(log.invites).set(toHex(id), invite) };
}

/** There is one owner: whoever makes another one is an admin from then on. */
function withRole(log: RoomLog, { author, user, role }: Entry<"role">): RoomLog {
  const members = new Map(log.members);
  const set = (who: Uint8Array, to: Role) => {
    const member = members.get(toHex(who));
    if (member) members.set(toHex(who), { ...member, role: to });
  };
  set(user, role);
  if (role === 3) set(author, 2);
  return { ...log, members };
}

function without(log: RoomLog, user: Uint8Array, end: { seq: number; left: boolean }): RoomLog {
  const members = new Map(log.members);
  const gone = members.get(toHex(user));
  members.delete(toHex(user));
  const after = { ...log, members, gone: new Map(log.gone).set(toHex(user), end) };
  return gone?.role === 3 ? succeeded(after) : after;
}

/** The owner's place goes to the admin, else the member, who is there for longest. */
function succeeded(log: RoomLog): RoomLog {
  const heirs = [...log.members.values()]
    .filter((member) => !member.erased)
    .sort((one, other) => other.role - one.role || one.since - other.since);
  const [heir] = heirs;
  return heir ? withMember(log, { ...heir, role: 3 }) : { ...log, deleted: true };
}
