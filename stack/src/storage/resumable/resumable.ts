import type { Call } from "../http/call.ts";
import type { Services } from "../services.ts";

export interface Resumable {
  /** Answers a request of the protocol. */
  handle(call: Call): Promise<void>;
}

/** Uploads that go on after a cut; the protocol's library is loaded with the first of them. */
export function createResumable(services: () => Services): Resumable {
  let server: Promise<Resumable> | null = null;
  return {
    async handle(call) {
      server ??= import("./server.ts").then(({ createServer }) => createServer(services()));
      await (await server).handle(call);
    },
  };
}
