import { ascending, hash, head, id, struct, text16, u32, u64, type Value } from "../codec.ts";

const contact = struct({ user: id, root: hash, head, username: text16(0, 64) });
const room = struct({ room: id, head, epoch: u64, commit: hash, place: head });

/**
 * What a device has verified of others and of its rooms, for another device of the same user.
 *
 * @see docs/protocol.md §13.5
 */
export const pins = struct({
  contacts: ascending(u32, contact, ({ user }) => user),
  rooms: ascending(u32, room, (one) => one.room),
});
export type Pins = Value<typeof pins>;
export type ContactPin = Value<typeof contact>;
export type RoomPin = Value<typeof room>;
