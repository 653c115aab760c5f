import { toHex } from "../../crypto/bytes/index.ts";
import { asSigner, deviceAt, makeDeviceEntry, recoveryKey } from "../../crypto/device-log/index.ts";
import { backupKey, createRecoveryCode } from "../../crypto/devices.ts";
import { TrackItError } from "../../errors.ts";
import { invalid } from "../../failure/invalid.ts";
import type { Core } from "../core.ts";
import { append, ownLog } from "../device/log.ts";
import { Vault } from "../vault/vault.ts";
import { backUp, backupKeyOf, lastBackup } from "./backup.ts";
import type { NewRecoveryCode, RecoveryState, RecoveryStatus } from "./types.ts";

const CONFIRMED = "recovery.confirmed";

/** The group that its owner has to retype, of the code that was made last; in memory alone. */
const asked = new WeakMap<Core, { key: Uint8Array; group: string }>();

export async function createCode(core: Core): Promise<NewRecoveryCode> {
  const action = "recovery.create";
  const { me, suite } = core;
  const log = await ownLog(core, action);
  if (deviceAt(log, me.signer.id)?.kind !== "device")
    throw new TrackItError("ACCESS_DENIED", `${action}: a temporary device makes no recovery code`);
  const { text, keys, scalar } = await createRecoveryCode(suite);
  const added = await asSigner(suite, me.user, keys);
  const key = await backupKey(suite, scalar, me.user, me.root);
  scalar.fill(0);
  // First what backups are sealed with: a code that stands in the log can be backed up for, by every device.
  const vault = await Vault.open(core, { make: true });
  await vault?.put([added.id, { kind: "backupKey", key, number: 0 }]);
  await append(
    core,
    (now) => {
      const change = { op: "recovery", signingKey: keys.publicKey, time: Date.now() } as const;
      return makeDeviceEntry(suite, now, change, { signer: me.signer, added });
    },
    action,
  );
  await backUp(core, action);
  const groups = text.split("-");
  const at = (suite.random(1)[0] ?? 0) % groups.length;
  asked.set(core, { key: added.id, group: groups[at] ?? "" });
  return { code: text, ask: at + 1 };
}

export async function confirmCode(core: Core, group: string): Promise<boolean> {
  const action = "recovery.confirm";
  const wanted = asked.get(core);
  if (!wanted) throw invalid(action, "group", group, "a group of a code that this client has just made");
  if (typeof group !== "string" || group.trim().toUpperCase() !== wanted.group) return false;
  const vault = await Vault.open(core, { make: true });
  await vault?.put([new Uint8Array(wanted.key), { kind: "setting", name: CONFIRMED, value: "true" }]);
  asked.delete(core);
  return true;
}

export async function recoveryStatus(core: Core): Promise<RecoveryStatus> {
  const action = "recovery.status";
  const state = await stateOf(core, action);
  const table = core.connection.client.from("backups" as never) as unknown as Backups;
  const { data } = await table.select("created_at").eq("root", `\\x${toHex(core.me.root)}`);
  const at = data?.[0]?.created_at;
  const last = await lastBackup(core);
  return { state, backedUpAt: at ? new Date(at).toISOString() : null, omitted: last?.omitted ?? 0 };
}

async function stateOf(core: Core, action: string): Promise<RecoveryState> {
  const log = await ownLog(core, action);
  const key = recoveryKey(log);
  if (!key) return "none";
  const keys = [...log.keys.values()];
  const isUsed = keys.some(({ signer, kind }) => kind !== "recovery" && toHex(signer) === toHex(key.id));
  // A device that was revoked has known what the code's backups are sealed with. Temporary ones come and go daily.
  const isKnown = keys.some(({ kind, revoked }) => kind === "device" && (revoked ?? 0) > key.added);
  if (isUsed || isKnown || !(await backupKeyOf(core, action))) return "renew";
  const vault = await Vault.open(core);
  return vault?.get("setting", key.id)?.name === CONFIRMED ? "ready" : "unconfirmed";
}

interface Backups {
  select(columns: string): {
    eq(column: string, value: string): PromiseLike<{ data: { created_at: string }[] | null }>;
  };
}
