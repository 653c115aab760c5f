let lastMs = 0;
let counter = 0;

/**
 * A UUID version 7 (RFC 9562 §5.7). Ids made in one process sort in the order in which they were made: the 12 bits
 * after the version are a counter, seeded at random for every millisecond (§6.2, method 1).
 *
 * @example
 * ```ts
 * const id = uuid7(); // "0199a1c0-…-7…"
 * ```
 */
export function uuid7(now: number = Date.now()): string {
  const random = crypto.getRandomValues(new Uint8Array(10));
  const [r0 = 0, r1 = 0] = random;
  if (now > lastMs) {
    lastMs = now;
    counter = ((r0 << 8) | r1) & 0x7ff; // the upper half stays free for counting up
  } else if (++counter > 0xfff) {
    lastMs += 1;
    counter = 0;
  }
  random[2] = ((random[2] ?? 0) & 0x3f) | 0x80; // variant 10
  const tail = Array.from(random.subarray(2), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const time = lastMs.toString(16).padStart(12, "0");
  const version = `7${counter.toString(16).padStart(3, "0")}`;
  return `${time.slice(0, 8)}-${time.slice(8)}-${version}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(value: unknown): value is string {
  return typeof value === "string" && UUID.test(value);
}
