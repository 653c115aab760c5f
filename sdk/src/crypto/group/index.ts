export { readAhead } from "./ahead.ts";
export type { Alarm } from "./alarm.ts";
export { type Anchor, followFrom } from "./anchor.ts";
export { createRsaAes, type GroupEffect, type RsaAes } from "./cipher.ts";
export {
  applyRow,
  type Effect,
  objectHash,
  type Room,
  type Row,
  type Rules,
  startRoom,
} from "./room.ts";
export {
  type EpochKeys,
  type Group,
  keysOf,
  rewind,
  type Self,
  type Sent,
  settled,
  startGroup,
  underWay,
  withSecret,
} from "./state.ts";
export { type Wanted, wantedLogs } from "./wanted.ts";
