import { deviceAt } from "../../crypto/device-log/index.ts";
import type { Station } from "../core.ts";
import { placeIn } from "./enrol.ts";
import { revokeKeys } from "./log.ts";

const ACTION = "auth.signOut";
/** Nobody waits longer than this to be signed out. Milliseconds. */
const PATIENCE = 5_000;

/**
 * A temporary device ends itself, and so does one whose keys are to be deleted; where the network is away, the first is
 * ended by another device after a day, the second by its owner. Never throws.
 *
 * @param wipe The keys are deleted after this.
 */
export async function leave(station: Station, wipe: boolean): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE);
  });
  await Promise.race([end(station, wipe).catch(() => {}), late]);
  clearTimeout(timer);
}

async function end(station: Station, wipe: boolean): Promise<void> {
  const { directory, keystore, userId } = station;
  if (!(await keystore.device())) return;
  const log = await directory.present(userId, ACTION);
  const me = log && (await placeIn(station, log));
  if (!me || !(wipe || deviceAt(log, me.signer.id)?.kind === "temporary")) return;
  await revokeKeys({ ...station, me }, [me.signer.id], ACTION);
}
