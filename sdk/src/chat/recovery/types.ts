import type { CallOptions } from "../../types.ts";
import type { Device } from "../device/types.ts";

/**
 * - `none`: the account has no code: losing every device loses everything
 * - `unconfirmed`: there is one, and nobody has shown that it was written down
 * - `ready`
 * - `renew`: the code was used, or somebody who was revoked knew what it opens: make another
 */
export type RecoveryState = "none" | "unconfirmed" | "ready" | "renew";

export interface RecoveryStatus {
  state: RecoveryState;
  /** When the server was last given what the code brings back; ISO 8601, null for never. */
  backedUpAt: string | null;
  /** Epochs, the oldest of each room, that this device's last backup had no place for; 0 up to some 280,000. */
  omitted: number;
}

/** A room whose keys could not be taken. */
export interface UnrecoveredRoom {
  roomId: string;
  /** ACCESS_NOT_FOUND: one is in it no more. */
  code: string;
  message: string;
  /** Epochs that the backup held for it. */
  keys: number;
}

export interface NewRecoveryCode {
  /** 56 letters and digits in 14 groups of four. Shown once; it is kept nowhere. */
  code: string;
  /** Number of the group, from 1, that `confirm` wants retyped. */
  ask: number;
}

export interface Recovered {
  device: Device;
  /** Epochs of rooms that can be read again. */
  opened: number;
  /** What the backup held and no commit of its room bears out: not taken. */
  refused: number;
  /** Rooms that did not open; the others did. To try them again: the same call with the same code. */
  failed: UnrecoveredRoom[];
  /** False where the server has no backup, or one that does not open. */
  backup: boolean;
}

/**
 * A code that brings an account back when every device was lost. It is a key that only its owner has; neither the
 * server nor a device keeps it. Every call may throw AUTH_ codes and the NETWORK_ codes besides its own.
 */
export interface Recovery {
  /**
   * Whether there is a code to come back with.
   *
   * @throws CRYPTO_DEVICE
   * @example
   * ```ts
   * const { state } = await trackit.recovery.status();
   * if (state !== "ready") console.log("make a recovery code");
   * ```
   */
  status(options?: CallOptions): Promise<RecoveryStatus>;
  /**
   * Makes a code, in place of the one before it, and the first backup for it.
   *
   * @throws CRYPTO_DEVICE, ACCESS_DENIED on a temporary device
   * @example
   * ```ts
   * const { code, ask } = await trackit.recovery.create();
   * console.log(`Write it down: ${code}. Then type group ${ask} again.`);
   * ```
   */
  create(options?: CallOptions): Promise<NewRecoveryCode>;
  /**
   * Takes the group that `create` asked for. Until that was done, the code is `unconfirmed`.
   *
   * @returns False where it is not that group; it may be tried again.
   * @throws USAGE_INVALID where no code was made since this client started
   * @example
   * ```ts
   * const { code, ask } = await trackit.recovery.create();
   * await trackit.recovery.confirm(code.split("-")[ask - 1] ?? "");
   * ```
   */
  confirm(group: string, options?: CallOptions): Promise<boolean>;
  /**
   * Comes back on a device that nobody has approved. Afterwards `status` says `renew`. Safe to repeat, with the same code:
   * a device that stands in the account's list already takes what the backup holds once more, and changes nothing else.
   *
   * @param code as it was written down; case, spaces and hyphens do not matter.
   * @param options.revokeOthers ends every other device: they are lost, or somebody else's now.
   * @throws USAGE_INVALID for a typing mistake, CRYPTO_RECOVERY where it is not the account's code or there is none:
   * nothing has changed then; CRYPTO_DEVICE in a session that is not remembered
   * @example
   * ```ts
   * const back = await trackit.recovery.use(password, { revokeOthers: true });
   * console.log(`${back.opened} keys are back`);
   * ```
   */
  use(code: string, options?: CallOptions & { revokeOthers?: boolean }): Promise<Recovered>;
  /**
   * Brings the backup up to date. It is done in the background as well, soon after something new was read. It has place
   * for 16 MiB; beyond that the newest epochs of each room are kept, and `status().omitted` says how many are not.
   *
   * @returns Whether there was something new.
   * @throws CRYPTO_RECOVERY where there is no code, or this device does not know what it opens; LIMIT_SIZE where not even
   * what is pinned of rooms and people has place
   * @example
   * ```ts
   * await trackit.recovery.backUp();
   * ```
   */
  backUp(options?: CallOptions): Promise<boolean>;
}
