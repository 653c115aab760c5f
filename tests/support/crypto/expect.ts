/** Assertions that need no test runner, so that they work in a browser and in Deno. */
import { type Bytes, concat, toHex } from "../../../sdk/src/crypto/bytes/index.ts";

export function equals(
  value: Uint8Array | string | number | boolean,
  wanted: Uint8Array | string | number | boolean,
): void {
  const [is, want] = [value, wanted].map((one) => (one instanceof Uint8Array ? toHex(one) : String(one)));
  if (is !== want) throw new Error(`${is?.slice(0, 200)}, wanted ${want?.slice(0, 200)}`);
}

/** Wants it to throw a TrackItError with this code. */
export async function refuses(run: () => Promise<unknown>, code = "CRYPTO_OPEN_FAILED"): Promise<void> {
  const outcome = await run().then(
    () => "taken",
    (error: { code?: string; message: string }) => error.code ?? error.message,
  );
  equals(outcome, code);
}

export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Bytes> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return concat(...all);
}
