export { describeError, PortBusyError } from "./errors.ts";
export { createGateway, type Gateway, type GatewayOptions } from "./gateway.ts";
export type { NodePart, UpgradePart } from "./node-part.ts";
