export {
  applyRoomEntry,
  namedHeads,
  ROOM_RULES,
  type RoomRow,
  type RoomVoid,
  roomEntryHash,
} from "./apply.ts";
export { directRoomId, type Identity, selfRoomId } from "./ids.ts";
export {
  decodeRoomEntry,
  encodeRoomEntry,
  type Role,
  type RoomChange,
  type RoomEntry,
  type RoomKind,
  type SignedRoomEntry,
} from "./layout.ts";
export { makeRoomEntry, signRoomEntry } from "./make.ts";
export { nameKey, openRoomName, sealName } from "./name.ts";
export {
  cutLog,
  type DeviceLogs,
  erasedSince,
  forgetBefore,
  type Invite,
  isOpen,
  type Member,
  memberOf,
  pinHeads,
  pinKey,
  pinOf,
  type RoomLog,
  roomAt,
  standing,
  startRoomLog,
} from "./state.ts";
