import { type Bytes, fromBase64url, toBase64url, toHex } from "../../crypto/bytes/index.ts";
import { applyDeviceEntry, type DeviceLog, deviceId, isOnLog } from "../../crypto/device-log/index.ts";
import {
  type Approval,
  approvalQr,
  completeApproval,
  makeApprovalCode,
  makeApprovalRequest,
  openApprovalAnswer,
} from "../../crypto/devices.ts";
import { isTrackItError, TrackItError } from "../../errors.ts";
import { uuid7 } from "../../ids/uuid7.ts";
import { isPassing } from "../../retry/passing.ts";
import { keptDevice } from "../../store/keys/kept-device.ts";
import type { DeviceKeys } from "../../store/keys/types.ts";
import type { Station } from "../core.ts";
import { placeIn } from "../device/enrol.ts";
import { fromUuid } from "../ids.ts";
import { logPin } from "../vault/contacts.ts";
import { gaveUp, noApproval } from "./errors.ts";
import { advance, takePins } from "./pins.ts";
import { type Hear, pace, until } from "./wait.ts";

const ACTION = "devices.requestApproval";

export interface Asked {
  id: string;
  code: string;
  qr: string;
  expiresAt: string;
  /** Resolves when this device stands in its user's log. */
  approved: Promise<void>;
}

export interface WireApproval {
  id: string;
  created_at: string;
  answered: boolean;
  request: string;
  answer: string | null;
}

/** Asks on a device that is none of the account's yet; the code stays in memory. See docs/protocol.md §10. */
export async function requestApproval(station: Station, hear: Hear, signal?: AbortSignal): Promise<Asked> {
  const { suite, userId, wire } = station;
  const present = await station.directory.present(userId, ACTION);
  if (!present)
    throw new TrackItError("USAGE_REFERENCE", `${ACTION}: the account has no device that could approve one`, {
      hint: "The first device is made by devices.me() in a session that is remembered",
    });
  if (await placeIn(station, present))
    throw new TrackItError("CONFLICT_DUPLICATE", `${ACTION}: this device is one of the account's already`);
  const keys = await freshKeys(station, present);
  const [id, code] = [uuid7(), makeApprovalCode(suite)];
  const request = await makeApprovalRequest(suite, code, {
    user: fromUuid(userId),
    request: fromUuid(id),
    temporary: station.temporary,
    wrapKey: keys.wrap,
    signingKey: keys.sign,
  });
  await wire.ask("request_approval", { request: toBase64url(request) }, ACTION, signal);
  const ends = Date.now() + pace.life;
  const approved = answered({ station, hear, code, id, request, ends }, signal);
  approved.catch(() => {}); // Whoever awaits it is told.
  return { id, code, qr: approvalQr(code), expiresAt: new Date(ends).toISOString(), approved };
}

/** Keys never come back into a log: those of a device that was revoked are replaced. */
async function freshKeys({ keystore, suite, userId }: Station, log: DeviceLog): Promise<DeviceKeys> {
  const keys = await keystore.generate();
  const id = await deviceId(suite, fromUuid(userId), keys.sign);
  return log.keys.has(toHex(id)) ? keystore.generate({ instead: keys.sign }) : keys;
}

interface Waiting {
  station: Station;
  hear: Hear;
  code: string;
  id: string;
  request: Bytes;
  /** Milliseconds. */
  ends: number;
}

async function answered(waiting: Waiting, given?: AbortSignal): Promise<void> {
  const { ends, hear, id, request, station } = waiting;
  const over = AbortSignal.timeout(Math.max(0, ends - Date.now()));
  const signal = given ? AbortSignal.any([given, over]) : over;
  for (let last = ""; ; ) {
    if (given?.aborted) throw gaveUp(ACTION, given);
    if (over.aborted) throw noApproval(ACTION, "nobody has approved this device in time");
    try {
      const [found] = await station.wire.ask<WireApproval[]>("my_approvals", { wanted: id }, ACTION, signal);
      const { answer } = found ?? {};
      if (answer && answer !== last) {
        const bytes = fromBase64url(answer);
        const approval = await openApprovalAnswer(station.suite, waiting.code, request, bytes).catch(
          (error) => {
            throw noApproval(ACTION, "the answer does not come from a device that was given the code", error);
          },
        );
        if (await enter(station, approval)) return;
        last = answer; // Its number was burned: the approver answers anew.
        continue;
      }
    } catch (error) {
      if (!signal.aborted && !isPassing(error)) throw error;
    }
    await until(hear, ["device_approvals"], signal);
  }
}

/**
 * Checks what the approver says against what the server shows, and posts this device's entry.
 *
 * @returns false where somebody else's entry took its number.
 */
async function enter(station: Station, approval: Approval): Promise<boolean> {
  const { directory, keystore, suite, wire } = station;
  const { entry, head, pins, root } = approval;
  const user = fromUuid(station.userId);
  await directory.ensure([{ user, root, seq: entry.seq - 1 }], ACTION);
  const log = directory.logs(user, root);
  if (!log || !isOnLog(log, head))
    throw new TrackItError(
      "CRYPTO_HISTORY",
      `${ACTION}: the server shows another list of this account's devices than the approving device has seen`,
      { hint: "Nothing was added. Do not go on with this server before this is understood." },
    );
  const id = await deviceId(suite, user, entry.op === "add" ? entry.signingKey : root);
  const device = await keptDevice(keystore, id);
  const whole = await completeApproval(suite, approval, device.signer);
  const { verdict } = await applyDeviceEntry(suite, log, whole);
  if (verdict !== "valid") {
    if (verdict.void === "place") return false;
    throw noApproval(ACTION, `what was signed adds no device (${verdict.void})`);
  }
  await advance(keystore, logPin(user, root), head);
  await takePins(keystore, pins);
  const posted = { entry: toBase64url(whole), opening: null };
  const isStale = await wire.ask("append_device_entry", posted, ACTION).then(
    () => false,
    (error: unknown) => {
      if (!isTrackItError(error, "CONFLICT_STALE_HEADS")) throw error;
      return true;
    },
  );
  const present = await directory.present(station.userId, ACTION);
  if (present && (await placeIn(station, present))) return true;
  if (isStale) return false;
  throw new TrackItError(
    "CRYPTO_HISTORY",
    `${ACTION}: the server does not show the device that it has taken`,
  );
}
