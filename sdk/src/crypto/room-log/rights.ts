import { equal } from "../bytes/index.ts";
import type { RoomChange, RoomEntry } from "./layout.ts";
import { type Member, memberOf, type RoomLog, standing } from "./state.ts";

const OWNER = 3;
const ADMIN = 2;

type Op = RoomChange["op"];
type EntryOf<Name extends Op> = Extract<RoomEntry, { op: Name }>;
/** Whether a member may make this entry in this room. */
type Right<Name extends Op> = (author: Member, entry: EntryOf<Name>, log: RoomLog) => boolean;
type Rights = { [Name in Op]?: Right<Name> };

const anybody = (): boolean => true;
const admins = (author: Member): boolean => author.role >= ADMIN;
const owner = (author: Member): boolean => author.role === OWNER;

const isBelow = (log: RoomLog, user: Uint8Array, author: Member): boolean =>
  (memberOf(log, user)?.role ?? 0) < author.role;
const isOther = (user: Uint8Array, author: Member): boolean => !equal(user, author.user);

const raises: Right<"upgrade"> = (_, { protocol, suite }, log) =>
  protocol >= log.protocol && suite >= log.suite && protocol + suite > log.protocol + log.suite;

/** docs/protocol.md §11.5: what is not here nobody may do. `create` needs no right: it makes the first member. */
const RIGHTS: Record<NonNullable<RoomLog["kind"]>, Rights> = {
  group: {
    add: (author, { role, user }, log) =>
      admins(author) && role < author.role && isOther(user, author) && isBelow(log, user, author),
    remove: (author, { user }, log) => isOther(user, author) && isBelow(log, user, author),
    role: (author, { user }) => owner(author) && isOther(user, author),
    invite: (author, { role, uses }) => admins(author) && (uses === 0 || role < author.role),
    leave: anybody,
    evict: anybody,
    rename: admins,
    delete: owner,
    upgrade: (author, entry, log) => owner(author) && raises(author, entry, log),
  },
  direct: { upgrade: raises },
  self: { rename: owner, delete: owner, upgrade: raises },
};

/** Judged by the state before the entry. */
export function mayDo(log: RoomLog, entry: RoomEntry): boolean {
  if (entry.op === "create") return true;
  const author = standing(log, entry.author, entry.root);
  const right = log.kind && (RIGHTS[log.kind][entry.op] as Right<Op> | undefined);
  return Boolean(author && right?.(author, entry, log));
}
