import { type Bytes, equal, fromBase64url, toBase64url } from "../../crypto/bytes/index.ts";
import { type DeviceLog, deviceAt, deviceId, devicesAt } from "../../crypto/device-log/index.ts";
import { makeApprovalAnswer, readApprovalCode, readApprovalRequest } from "../../crypto/devices.ts";
import { TrackItError } from "../../errors.ts";
import { invalid } from "../../failure/invalid.ts";
import type { Core } from "../core.ts";
import { ownLog } from "../device/log.ts";
import { acknowledge } from "../device/notices.ts";
import { toUuid } from "../ids.ts";
import { Vault } from "../vault/vault.ts";
import { gaveUp, noApproval } from "./errors.ts";
import { allRooms, handOver, owe } from "./hand-over.ts";
import { collectPins } from "./pins.ts";
import type { WireApproval } from "./request.ts";
import { type Hear, pace, until } from "./wait.ts";

const ACTION = "devices.approve";
/** Active devices of an identity: docs/protocol.md §22. */
const MOST_DEVICES = 32;

export async function openRequests(core: Core): Promise<{ id: string; at: string }[]> {
  const found = await core.wire.ask<WireApproval[]>("my_approvals", {}, "devices.requests");
  const least = Date.now() - pace.life;
  const open = found.filter(({ answered, created_at }) => !answered && Date.parse(created_at) > least);
  return open.map(({ id, created_at }) => ({ id, at: new Date(created_at).toISOString() }));
}

/**
 * Lets in the device that shows this code: signs for it, waits until it stands in the log, hands over what this device
 * can read. @returns its id.
 */
export async function approveDevice(
  core: Core,
  code: string,
  hear: Hear,
  given?: AbortSignal,
): Promise<string> {
  checkCode(code);
  let log = await ownLog(core, ACTION);
  if (deviceAt(log, core.me.signer.id)?.kind !== "device")
    throw new TrackItError("ACCESS_DENIED", `${ACTION}: a temporary device lets nobody in`);
  const { id, request, signingKey } = await requestOf(core, code);
  const device = await deviceId(core.suite, log.user, signingKey);
  if (!deviceAt(log, device)) {
    if (devicesAt(log).length >= MOST_DEVICES)
      throw new TrackItError(
        "LIMIT_SIZE",
        `${ACTION}: the account has ${MOST_DEVICES} devices; revoke one first`,
      );
    // With a second device there is something to keep for each other: names, contacts.
    await Vault.open(core, { make: true });
    const pins = await collectPins(core, await allRooms(core, ACTION));
    await owe(core, device);
    const over = AbortSignal.timeout(pace.life);
    const signal = given ? AbortSignal.any([given, over]) : over;
    for (let answered = -1; !deviceAt(log, device); log = await ownLog(core, ACTION)) {
      if (given?.aborted) throw gaveUp(ACTION, given);
      if (over.aborted) throw noApproval(ACTION, "the new device did not take the answer in time");
      if (log.rows > answered) {
        // The first time, or somebody else's entry took the number.
        await answer(core, { id, code, request }, log, pins);
        answered = log.rows;
      }
      await until(hear, ["devices"], signal);
    }
  }
  await acknowledge(core, toUuid(device), ACTION);
  await handOver(core, device, ACTION);
  return toUuid(device);
}

async function answer(
  { me, suite, wire }: Core,
  { id, code, request }: { id: string; code: string; request: Bytes },
  log: DeviceLog,
  pins: Awaited<ReturnType<typeof collectPins>>,
): Promise<void> {
  const approver = { log, device: me.signer, pins, time: Date.now() };
  const bytes = await makeApprovalAnswer(suite, code, request, approver);
  await wire.ask("answer_approval", { id, answer: toBase64url(bytes) }, ACTION);
}

function checkCode(code: string): void {
  try {
    readApprovalCode(code);
  } catch {
    throw invalid(ACTION, "code", code, "the 20 letters and digits that the new device shows");
  }
}

/** The request that whoever shows the code has made: the server cannot make one, nor change its keys. */
async function requestOf(
  { me, suite, wire }: Core,
  code: string,
): Promise<{ id: string; request: Bytes; signingKey: Bytes }> {
  const found = await wire.ask<WireApproval[]>("my_approvals", {}, ACTION);
  for (const { id, request: text } of found) {
    const request = fromBase64url(text);
    const asked = await readApprovalRequest(suite, code, request).catch(() => null);
    if (!asked || !equal(asked.user, me.user) || toUuid(asked.request) !== id) continue;
    return { id, request, signingKey: asked.signingKey };
  }
  throw noApproval(ACTION, `none of the ${found.length} devices that ask shows this code`);
}
