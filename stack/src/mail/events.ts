import type { ServerResponse } from "node:http";
import type { Mailbox } from "./mailbox.ts";

/** Tells every open mailbox page when something changed, by server-sent events. */
export function createEvents(mailbox: Mailbox): { stream(response: ServerResponse): void; close(): void } {
  const open = new Set<ServerResponse>();
  const stop = mailbox.watch(() => {
    for (const response of open) response.write("event: changed\ndata: {}\n\n");
  });
  return {
    stream(response) {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write("retry: 1000\n\n");
      open.add(response);
      response.on("close", () => open.delete(response));
    },
    close() {
      stop();
      for (const response of open) response.end();
    },
  };
}
