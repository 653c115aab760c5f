import { deviceAt } from "../../crypto/device-log/index.ts";
import type { Core } from "../core.ts";
import { revokeKeys } from "./log.ts";

const ACTION = "auth.signOut";
/** Nobody waits longer than this to be signed out. Milliseconds. */
const PATIENCE = 5_000;

/** A temporary device ends itself; where the network is away, another device does after a day. Never throws. */
export async function leave(core: Core): Promise<void> {
  const { directory, me } = core;
  const log = directory.logs(me.user, me.root);
  if (!log || deviceAt(log, me.signer.id)?.kind !== "temporary") return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE);
  });
  await Promise.race([revokeKeys(core, [me.signer.id], ACTION).catch(() => {}), late]);
  clearTimeout(timer);
}
