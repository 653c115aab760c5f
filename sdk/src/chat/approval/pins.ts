import type { Bytes } from "../../crypto/bytes/index.ts";
import { compare, type Head } from "../../crypto/codec.ts";
import type { ContactPin, Pins, RoomPin } from "../../crypto/devices.ts";
import type { Keystore } from "../../store/keys/types.ts";
import type { Core } from "../core.ts";
import { fromUuid } from "../ids.ts";
import type { RoomEngine } from "../room/engine.ts";
import { contactName, logPin, roomPin } from "../vault/contacts.ts";

/** What this device has verified of others and of its open rooms: docs/protocol.md §13.5. */
export async function collectPins(core: Core, engines: readonly RoomEngine[]): Promise<Pins> {
  const { directory, keystore } = core;
  const contacts: ContactPin[] = [];
  for (const [name, root] of await keystore.list("contact/")) {
    const user = fromUuid(name.slice("contact/".length));
    const pin = await keystore.pin(logPin(user, root));
    if (!pin) continue;
    const username = (await directory.name(user, root)) ?? "";
    contacts.push({ user, root, head: { seq: pin.seq, hash: new Uint8Array(pin.hash) }, username });
  }
  const rooms = engines.flatMap(({ group, room }): RoomPin[] => {
    const { epochs, log, transcript } = group.room;
    const { last } = epochs;
    if (!last) return [];
    const { head } = log;
    return [{ room, head, epoch: last.number, commit: last.hash, place: transcript.place }];
  });
  return {
    contacts: contacts.sort((one, other) => compare(one.user, other.user)),
    rooms: rooms.sort((one, other) => compare(one.room, other.room)),
  };
}

/** Takes what another device of this user has verified: what the server shows is held against it from now on. */
export async function takePins(keystore: Keystore, { contacts, rooms }: Pins): Promise<void> {
  for (const { user, root, head } of contacts) {
    await keystore.batch([{ record: contactName(user), value: root }]);
    await advance(keystore, logPin(user, root), head);
  }
  for (const { room, place } of rooms) await advance(keystore, roomPin(room), place);
}

/** Moves a pin forward, where it is not further already. */
export async function advance(keystore: Keystore, name: string, to: Head): Promise<void> {
  if (to.seq === 0) return;
  for (let isMoved = false; !isMoved; ) {
    const from = await keystore.pin(name);
    if (from && from.seq >= to.seq) return;
    isMoved = await keystore.batch([{ pin: name, from, to: { seq: to.seq, hash: copy(to.hash) } }]);
  }
}

const copy = (bytes: Uint8Array): Bytes => new Uint8Array(bytes);
