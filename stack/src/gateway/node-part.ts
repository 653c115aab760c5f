import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Part, RequestContext } from "../part.ts";

/**
 * A part that answers node's own request and response: spares building a web Request and Response where a
 * part serves thousands of small requests a second.
 */
export interface NodePart extends Part {
  handle(req: IncomingMessage, res: ServerResponse, context: RequestContext): Promise<void>;
}

/** A part that takes over the socket of an upgrade (WebSocket); it authenticates the caller by itself. */
export interface UpgradePart extends Part {
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export const isNodePart = (part: Part): part is NodePart => "handle" in part;
export const isUpgradePart = (part: Part): part is UpgradePart => "upgrade" in part;
