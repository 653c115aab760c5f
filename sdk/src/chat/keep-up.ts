import { type DeviceLog, devicesAt } from "../crypto/device-log/index.ts";
import { settleDebts } from "./approval/hand-over.ts";
import type { Core } from "./core.ts";
import { ownLog, revokeKeys } from "./device/log.ts";
import { hasOthers } from "./device/notices.ts";
import { toUuid } from "./ids.ts";
import { backUp } from "./recovery/backup.ts";
import { keepContacts } from "./vault/contacts.ts";
import { keepInvites } from "./vault/invites.ts";
import { Vault } from "./vault/vault.ts";

const ACTION = "devices";
/** A temporary device that nobody has ended: docs/protocol.md §22. Milliseconds. */
const TEMPORARY_LIFE = 24 * 3600 * 1000;

/** One round of what a device does unasked. Each part by itself: one that fails costs the others nothing. */
export async function keepUp(core: Core, signal: AbortSignal): Promise<void> {
  const log = await ownLog(core, ACTION);
  const own = devicesAt(log).find(({ id }) => core.me.deviceId === toUuid(id));
  if (own?.kind !== "device" || !hasOthers(core)) return;
  const rounds = [
    () => endTemporary(core, log),
    () => settleDebts(core, ACTION),
    async () => {
      const vault = await Vault.open(core);
      if (!vault) return;
      await vault.rotate();
      await vault.sync();
      await keepContacts(core, vault);
      await keepInvites(core, vault);
    },
    () => backUp(core, ACTION, { ifThere: true }),
  ];
  for (const round of rounds) {
    if (signal.aborted) return;
    await Promise.resolve(round()).catch(() => {});
  }
}

/** By the server's word of when they came: it could end them by other means as well. */
async function endTemporary(core: Core, log: DeviceLog): Promise<void> {
  const temporary = devicesAt(log).filter(({ kind }) => kind === "temporary");
  if (temporary.length === 0) return;
  const table = core.connection.client.from("devices" as never) as unknown as Devices;
  const { data } = await table
    .select("id")
    .eq("kind", "temporary")
    .is("revoked_seq", null)
    .lt("created_at", new Date(Date.now() - TEMPORARY_LIFE).toISOString());
  const old = new Set((data ?? []).map(({ id }) => id));
  const keys = temporary.map(({ id }) => id).filter((id) => old.has(toUuid(id)));
  if (keys.length > 0) await revokeKeys(core, keys, ACTION);
}

interface Devices {
  select(columns: string): Devices;
  eq(column: string, value: string): Devices;
  is(column: string, value: null): Devices;
  lt(column: string, value: string): PromiseLike<{ data: { id: string }[] | null }>;
}
