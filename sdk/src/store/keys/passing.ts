import type { Bytes } from "../../crypto/bytes/index.ts";
import type { SecretsUse } from "./types.ts";

/** Hands out opened secrets, and overwrites their bytes when `use` has ended. */
export async function inPassing<Answer>(opened: (Bytes | null)[], use: SecretsUse<Answer>): Promise<Answer> {
  try {
    return await use(opened);
  } finally {
    for (const bytes of opened) bytes?.fill(0);
  }
}
