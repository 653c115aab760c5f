import type { Bytes } from "./bytes/index.ts";
import type { DeviceLogs, RoomChange } from "./room-log/index.ts";

/** What a client posts in one call, and the database takes whole or not at all. */
export interface Step {
  /** Entries of the room log, in their order. */
  entries: readonly Bytes[];
  /** The signed change, public to the whole room. */
  commit: Bytes;
  /** What each device needs to follow, readable by it alone. */
  wraps: readonly { device: Bytes; wrap: Bytes }[];
}

/** When, and by which device logs. */
export interface Given {
  devices: DeviceLogs;
  /** Milliseconds. */
  time: number;
}

/**
 * What a room needs of its encryption, whichever it is. A state is a value: what is not kept did not happen. What is
 * posted changes no state; it counts when it comes back as a row.
 *
 * `rsa-aes/1` is protocol 1; 2 is kept for MLS (RFC 9420), whose signing keys the device log would certify.
 *
 * @see docs/protocol.md §24
 */
export interface GroupCipher<State, Row, Effect, Anchor, Payload> {
  readonly protocol: number;
  /** A new room with its first epoch. */
  create(room: Bytes, change: RoomChange, given: Given): Promise<Step>;
  /** The next epoch, for members and devices as they are after these changes. */
  change(state: State, changes: readonly RoomChange[], given: Given): Promise<Step>;
  /** The next row, whatever it is. Never throws for what the row holds. */
  apply(
    state: State,
    row: Row,
    given: Pick<Given, "devices"> & { wrap?: Uint8Array | null },
  ): Promise<{ state: State; effect: Effect }>;
  /** Where somebody new begins. @throws CRYPTO_OPEN_FAILED */
  join(anchor: Anchor, given: Pick<Given, "devices"> & { wrap?: Uint8Array | null }): Promise<State>;
  /** @throws USAGE_INVALID while an epoch has to be begun first. */
  encrypt(
    state: State,
    message: { id: Bytes; payload: Payload },
    given: Given,
  ): Promise<{ state: State; message: Bytes; hash: Bytes }>;
  /** What a message says that `apply` found valid. @throws CRYPTO_OPEN_FAILED */
  decrypt(state: State, message: Effect): Promise<Payload>;
  /**
   * A key of an epoch for another use, one that every member has and nobody else.
   *
   * @param commit Which epoch, by its commit's hash; the last one by default.
   * @throws CRYPTO_OPEN_FAILED where this device has not its secret.
   */
  exporter(state: State, use: "room-name" | "vault", commit?: Bytes): Promise<CryptoKey>;
  /** Seals for the last epoch's members under such a key. A commit that is due goes first, as before a message. */
  seal(state: State, use: "room-name" | "vault", context: Bytes, plain: Bytes): Promise<Bytes>;
}
