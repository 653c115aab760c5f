export { canonicalJson, type Json, json } from "./json.ts";
export {
  decodeMessage,
  decodeTombstone,
  encodeHeader,
  type Message,
  type MessageClass,
  type MessageHeader,
  rowHash,
  tombstone,
} from "./layout.ts";
export { type MadeMessage, makeMessage, openMessage } from "./make.ts";
export {
  type Content,
  type Control,
  classOf,
  decodePayload,
  encodePayload,
  fileInfo,
  type Payload,
} from "./payload.ts";
export {
  type AppliedMessage,
  applyMessage,
  MESSAGE_RULES,
  type MessageColumns,
  type MessageRoom,
  type MessageRow,
  type Received,
  type Refusal,
} from "./receive.ts";
export { startTrail, type Trail } from "./trail.ts";
