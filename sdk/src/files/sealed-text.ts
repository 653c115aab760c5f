import { fromUuid, toUuid } from "../chat/ids.ts";
import { fromBase64url, toBase64url } from "../crypto/bytes/index.ts";
import { isTrackItError } from "../errors.ts";
import type { Desk } from "./desk.ts";

/** What a text is for: one is never taken for the other. */
type Purpose = "folder" | "share";

/** A text about a row, which the account's devices alone can open. */
export async function sealText(
  desk: Desk,
  purpose: Purpose,
  { id, text, version }: { id: string; text: string; version: number },
  action: string,
): Promise<string> {
  const vault = await desk.vaultFor(action);
  const payload = { kind: "setting", name: purpose, value: text } as const;
  return toBase64url(await vault.seal(fromUuid(id), version, payload));
}

/** @returns null where this device cannot open it, or it is about something else */
export async function openText(
  desk: Desk,
  purpose: Purpose,
  { id, sealed }: { id: string; sealed: string },
  action: string,
): Promise<string | null> {
  try {
    const item = await (await desk.vault(action))?.unseal(fromBase64url(sealed), { isKnown: true });
    if (item?.payload.kind !== "setting" || item.payload.name !== purpose) return null;
    return toUuid(item.item) === id ? String(item.payload.value) : null;
  } catch (error) {
    if (isTrackItError(error, "CRYPTO_OPEN_FAILED") || isTrackItError(error, "CRYPTO_DEVICE")) return null;
    throw error;
  }
}
