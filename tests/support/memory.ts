import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Mebibytes that this process holds after a collection, in and outside of the heap. */
export function heldMiB(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / 2 ** 20;
}
