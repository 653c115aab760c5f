import type { Bytes } from "../bytes/index.ts";
import type { Source } from "./source.ts";

/**
 * A generator as a pair of streams, for `pipeThrough`. Backpressure goes through it; a failure reaches both ends.
 *
 * @example
 * ```ts
 * import { createSuite } from "@trackit/sdk/crypto";
 * import { sealStream, toTransform } from "@trackit/sdk/crypto/files";
 *
 * const suite = createSuite();
 * const secret = await suite.hmacKey(suite.random(32));
 * const sealing = toTransform((source) => sealStream(suite, secret, suite.random(16), source));
 * new Blob(["a large file"]).stream().pipeThrough(sealing);
 * ```
 */
export function toTransform(
  run: (source: Source) => AsyncGenerator<Bytes, void>,
): ReadableWritablePair<Bytes, Uint8Array> {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const output = run(readable);
  return {
    writable,
    readable: new ReadableStream({
      async pull(controller) {
        const { done, value } = await output.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: async () => void (await output.return()),
    }),
  };
}
