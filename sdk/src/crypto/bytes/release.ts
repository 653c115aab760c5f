import type { Bytes } from "./bytes.ts";

let nobody: MessagePort | undefined;

/**
 * Gives memory back now. What a browser makes outside of its script engine, as WebCrypto's results, counts little for
 * the collector, and hundreds of megabytes of it may lie about. A buffer that was sent away is gone at once, and here
 * nobody is at the other end to keep it.
 *
 * @param all Each the whole of its buffer; none of them is there afterwards.
 */
export function release(all: readonly Bytes[]): void {
  nobody ??= toNobody();
  nobody.postMessage(
    null,
    all.map(({ buffer }) => buffer),
  );
}

function toNobody(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}
