export {
  type Approval,
  completeApproval,
  makeApprovalAnswer,
  makeApprovalRequest,
  openApprovalAnswer,
  readApprovalRequest,
} from "./approve.ts";
export { approvalQr, makeApprovalCode, readApprovalCode } from "./code.ts";
export type { ApprovalRequest } from "./layout.ts";
export { type ContactPin, type Pins, pins, type RoomPin } from "./pins.ts";
