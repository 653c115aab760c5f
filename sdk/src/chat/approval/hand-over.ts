import { type Bytes, fromHex, toHex } from "../../crypto/bytes/index.ts";
import { deviceAt } from "../../crypto/device-log/index.ts";
import { isTrackItError } from "../../errors.ts";
import type { Core } from "../core.ts";
import type { RoomEngine } from "../room/engine.ts";
import { giveHistory } from "../room/grants.ts";
import { openRoom } from "../rooms.ts";
import { keepContacts } from "../vault/contacts.ts";
import { Vault } from "../vault/vault.ts";
import type { WireRoom } from "../wire.ts";

const PAGE = 100;
const OWED = "owed/";

/** Every room that one is in, opened and verified. A room that cannot be opened costs the others nothing. */
export async function allRooms(core: Core, action: string): Promise<RoomEngine[]> {
  const engines: RoomEngine[] = [];
  for (let last: WireRoom | undefined, more = true; more; ) {
    const args = { before: last?.active_at ?? null, before_id: last?.id ?? null, limit: PAGE };
    const found = await core.wire.ask<WireRoom[]>("my_rooms", args, action);
    for (const { id } of found) {
      const isOpen = await openRoom(core, id, action).then(
        () => true,
        (error: unknown) => {
          if (isTrackItError(error)) return false;
          throw error;
        },
      );
      const engine = isOpen ? await core.rooms.get(id) : undefined;
      if (engine) engines.push(engine);
    }
    last = found.at(-1);
    more = found.length === PAGE;
  }
  return engines;
}

/** Notes that a device is to be given what this one reads, until it was: over a restart as well. */
export async function owe({ keystore }: Core, device: Uint8Array): Promise<void> {
  await keystore.batch([{ record: OWED + toHex(device), value: new Uint8Array([1]) }]);
}

/** Gives an own new device the epochs that this one can read, room by room, and the vault. */
export async function handOver(core: Core, device: Bytes, action: string): Promise<void> {
  for (const engine of await allRooms(core, action))
    await giveHistory(engine, core.me.user, core.me.root, device);
  const vault = await Vault.open(core, { make: true });
  if (vault) await keepContacts(core, vault);
  await core.keystore.batch([{ record: OWED + toHex(device), value: null }]);
}

/** What an earlier session has left undone. */
export async function settleDebts(core: Core, action: string): Promise<void> {
  const log = core.directory.logs(core.me.user, core.me.root);
  for (const [name] of await core.keystore.list(OWED)) {
    const device = fromHex(name.slice(OWED.length));
    if (log && deviceAt(log, device)) await handOver(core, device, action);
    else if (log?.keys.has(toHex(device))) await core.keystore.batch([{ record: name, value: null }]);
  }
}
