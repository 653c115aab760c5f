import type { CallOptions } from "../../types.ts";
import type { ChatAlarm } from "../types.ts";

export interface Device {
  id: string;
  kind: "device" | "temporary";
  /** The one that asks. */
  here: boolean;
  /** Null where none was given, or this device cannot read it yet. */
  name: string | null;
  /** The device that let it in; null for the account's first, and for one that came back by the recovery code. */
  addedBy: string | null;
}

/** What a new device shows, for somebody to carry to one that the account has. */
export interface ApprovalRequest {
  id: string;
  /** 20 letters and digits in groups of four, for typing. The server never sees it. */
  code: string;
  /** The same as the text of a QR code. */
  qr: string;
  /** ISO 8601: ten minutes after it was made. */
  expiresAt: string;
  /**
   * This device, once another one has approved it. Rejects with CRYPTO_APPROVAL when the time is over or the answer is
   * none to this code, CRYPTO_HISTORY where the server shows another list of devices than the approver has seen, and
   * NETWORK_ABORTED.
   */
  approved: Promise<Device>;
}

/** A device of the account that waits; by the server's word, until its code was given. */
export interface OpenRequest {
  id: string;
  /** ISO 8601. */
  at: string;
}

/** Whom this device takes somebody for. */
export interface KnownIdentity {
  userId: string;
  /** As their devices have signed it. */
  username: string | null;
  /** The safety number was compared: `devices.verify`. */
  verified: boolean;
  /** The server shows another identity than this device knows; `devices.accept` takes it. */
  changed: boolean;
}

/** A device that came to the account, until somebody has acknowledged it here. */
export interface DeviceNotice {
  device: Device;
}

export interface DevicesEvents {
  /** Something is wrong that no call was made for. */
  alarm: ChatAlarm;
  /** A device was added: told again with each start until `acknowledge`. */
  added: DeviceNotice;
  /** Another device of the account asks to be approved. */
  request: OpenRequest;
}

/** Keys of the account on its devices. Every call makes this device one of them, if it is the account's first. */
export interface Devices {
  /**
   * This device.
   *
   * @throws CRYPTO_DEVICE where the account has other devices and none of them has approved this one; AUTH_REQUIRED
   * @example
   * ```ts
   * const device = await trackit.devices.me();
   * ```
   */
  me(options?: CallOptions): Promise<Device>;
  /**
   * The account's devices, this one among them.
   *
   * @throws CRYPTO_DEVICE, AUTH_REQUIRED
   * @example
   * ```ts
   * for (const { id, name, here } of await trackit.devices.list()) console.log(id, name, here);
   * ```
   */
  list(options?: CallOptions): Promise<Device[]>;
  /**
   * Asks, on a new device, to be let in. Show `code` or `qr`, and await `approved`. Whoever signed in without being
   * remembered asks as a temporary device, which ends with the session or after a day.
   *
   * @param options.signal gives the request up.
   * @throws CONFLICT_DUPLICATE where this device is one of the account's already, USAGE_REFERENCE where the account
   * has none that could approve it
   * @example
   * ```ts
   * const { code, approved } = await trackit.devices.requestApproval();
   * console.log(`Type this on a device that you have: ${code}`);
   * console.log((await approved).id);
   * ```
   */
  requestApproval(options?: CallOptions): Promise<ApprovalRequest>;
  /**
   * Who asks to be let in, the newest first.
   *
   * @throws CRYPTO_DEVICE
   * @example
   * ```ts
   * const waiting = await trackit.devices.requests();
   * console.log(`${waiting.length} devices wait for their code to be typed here`);
   * ```
   */
  requests(options?: CallOptions): Promise<OpenRequest[]>;
  /**
   * Lets the device in that shows this code, and hands it what this one can read. Ends when that device stands in the
   * account's list, so it has to be online.
   *
   * @param code as typed, in either case, or the text of its QR code.
   * @throws USAGE_INVALID for a mistyped code, CRYPTO_APPROVAL where no request is this code's or the new device never
   * answered, ACCESS_DENIED on a temporary device, LIMIT_SIZE for a 33rd device
   * @example
   * ```ts
   * const device = await trackit.devices.approve("7Q2M-4KZD-1XVR-8TNC-5HJB");
   * await trackit.devices.rename(device.id, "Laptop");
   * ```
   */
  approve(code: string, options?: CallOptions): Promise<Device>;
  /**
   * Names a device for all devices of the account; nobody else can read it.
   *
   * @param name 1 to 100 bytes of text.
   * @throws ACCESS_NOT_FOUND, USAGE_INVALID
   * @example
   * ```ts
   * const { id } = await trackit.devices.me();
   * await trackit.devices.rename(id, "Phone");
   * ```
   */
  rename(id: string, name: string, options?: CallOptions): Promise<void>;
  /**
   * Devices that came and that nobody has acknowledged on this one.
   *
   * @throws CRYPTO_DEVICE
   * @example
   * ```ts
   * for (const { device } of await trackit.devices.notices()) console.log(`${device.name ?? device.id} was added`);
   * ```
   */
  notices(options?: CallOptions): Promise<DeviceNotice[]>;
  /**
   * Notes that the user knows of a device. Whom nobody knows should be revoked instead.
   *
   * @throws ACCESS_NOT_FOUND
   * @example
   * ```ts
   * for (const { device } of await trackit.devices.notices()) await trackit.devices.acknowledge(device.id);
   * ```
   */
  acknowledge(id: string, options?: CallOptions): Promise<void>;
  /**
   * Ends a device for good: it reads nothing that is sent from then on, once each room has begun its next epoch, which
   * whoever sends next does.
   *
   * @param options.withAdded also ends what that device has let in, and a recovery code that it made: whoever stole it
   * may have.
   * @throws ACCESS_NOT_FOUND, CRYPTO_DEVICE
   * @example
   * ```ts
   * const [lost] = (await trackit.devices.list()).filter(({ here }) => !here);
   * if (lost) await trackit.devices.revoke(lost.id, { withAdded: true });
   * ```
   */
  revoke(id: string, options?: CallOptions & { withAdded?: boolean }): Promise<void>;
  /**
   * Sixty digits that are the same on both sides; to be compared by another way than this project's server.
   *
   * @param who username or id.
   * @throws ACCESS_NOT_FOUND, CRYPTO_IDENTITY
   * @example
   * ```ts
   * console.log(await trackit.devices.safetyNumber("ben"));
   * ```
   */
  safetyNumber(who: string, options?: CallOptions): Promise<string>;
  /**
   * What this device knows of somebody.
   *
   * @throws ACCESS_NOT_FOUND
   * @example
   * ```ts
   * const { verified, changed } = await trackit.devices.identity("ben");
   * ```
   */
  identity(who: string, options?: CallOptions): Promise<KnownIdentity>;
  /**
   * Notes that the safety number was compared with them. If they begin anew, nothing goes to their new identity, in no
   * room, before `accept`.
   *
   * @throws ACCESS_NOT_FOUND, USAGE_REFERENCE, CRYPTO_IDENTITY where the identity is another than this device knows
   * @example
   * ```ts
   * console.log(await trackit.devices.safetyNumber("ben"));
   * await trackit.devices.verify("ben");
   * ```
   */
  verify(who: string, options?: CallOptions): Promise<void>;
  /**
   * Takes somebody's new identity for theirs, after CRYPTO_IDENTITY and a look at the safety number. It is not verified.
   *
   * @throws ACCESS_NOT_FOUND
   * @example
   * ```ts
   * await trackit.devices.accept("ben");
   * ```
   */
  accept(who: string, options?: CallOptions): Promise<void>;
  /**
   * Begins a new identity with this device alone, when every other device is lost. Rooms have to let it in again, and
   * what was said before stays unreadable here.
   *
   * @throws AUTH_REQUIRED, NETWORK_ codes
   * @example
   * ```ts
   * await trackit.devices.startOver({ confirm: true });
   * ```
   */
  startOver(options: CallOptions & { confirm: true }): Promise<Device>;
  /**
   * Calls back when something is wrong that no call was made for, when a device was added, and when one asks to be.
   *
   * @throws USAGE_INVALID for another event
   * @example
   * ```ts
   * const stop = trackit.devices.on("alarm", ({ message }) => console.warn(message));
   * trackit.devices.on("added", ({ device }) => console.warn(`a device was added: ${device.id}`));
   * ```
   */
  on<Event extends keyof DevicesEvents>(
    event: Event,
    listener: (payload: DevicesEvents[Event]) => void,
  ): () => void;
}
