/** Loads when a device is let in, or looks who asks: most sessions never do. */
export { approveDevice, openRequests } from "./approve.ts";
export { requestApproval } from "./request.ts";
