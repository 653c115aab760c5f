import { isTrackItError } from "../errors.ts";
import type { Desk } from "./desk.ts";
import { openSealed, sealInfo } from "./infos.ts";
import type { FileRow } from "./wire.ts";

const RECORD = "files-sealed-since";
const PAGE = 100;
const ACTION = "files.list";

/**
 * Once a device of the account is gone, what gives access to files is sealed anew by the first other device that looks:
 * what the gone one makes from then on passes for nothing. That other device vouches for what stood there, also for
 * files that it had never listed; a file that is changed meanwhile is left to the next time.
 */
export async function resealFiles(desk: Desk): Promise<void> {
  const vault = await desk.vault(ACTION);
  if (!vault || vault.dropped <= (await sealedSince(desk))) return;
  const since = vault.dropped;
  let isWhole = true;
  for (let place: { before: string; before_id: string } | null = null; ; ) {
    const args = { scope: "export", folder: null, limit: PAGE, ...(place ?? {}) };
    const rows: FileRow[] = await desk.ask("files_page", args, ACTION);
    for (const row of rows) isWhole = (await reseal(desk, row, since)) && isWhole;
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) break;
    place = { before: last.created_at, before_id: last.id };
  }
  if (!isWhole) return;
  const { keystore } = await desk.keys.station(ACTION);
  await keystore.batch([{ record: RECORD, value: new TextEncoder().encode(String(since)) }]);
}

/** @returns false where it is to be tried again */
async function reseal(desk: Desk, row: FileRow, since: number): Promise<boolean> {
  const { sealed, encrypted, content_version, id, version } = row;
  if (!encrypted || !sealed || content_version === null) return true;
  const vault = await desk.vault(ACTION);
  if (!vault || vault.epochOf(sealed) >= since) return true;
  const { info } = await openSealed(desk, { id, sealed, version: content_version, older: true }, ACTION);
  // Its key may come with another device's grant.
  if (!info) return false;
  try {
    await desk.ask(
      "change_file",
      { id, changes: { sealed: await sealInfo(desk, info, sealed, ACTION) }, version },
      ACTION,
    );
    return true;
  } catch (error) {
    if (isTrackItError(error, "CONFLICT_VERSION") || isTrackItError(error, "ACCESS_NOT_FOUND")) return false;
    throw error;
  }
}

async function sealedSince(desk: Desk): Promise<number> {
  const { keystore } = await desk.keys.station(ACTION);
  const value = await keystore.get(RECORD);
  return value ? Number(new TextDecoder().decode(value)) : 1;
}
