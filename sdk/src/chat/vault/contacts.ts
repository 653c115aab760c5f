import { type Bytes, equal, toHex } from "../../crypto/bytes/index.ts";
import { pinKey } from "../../crypto/room-log/index.ts";
import type { Core } from "../core.ts";
import { fromUuid, toUuid } from "../ids.ts";
import type { Vault } from "./vault.ts";

/** Names of keystore records and pins that other files of chat write as well. */
const CONTACT = "contact/";
/** Whose root this device has told a vault of, or learned there. */
const toldOf = ({ room }: Vault): string => `vault-contact/${toHex(room)}/`;

/**
 * Whom this device knows by which identity, for the account's other devices, and the other way round. Where two know
 * somebody by different roots, the later decision counts: it was a person's.
 */
export async function keepContacts(core: Core, vault: Vault): Promise<void> {
  const { keystore } = core;
  const prefix = toldOf(vault);
  const told = new Map(await keystore.list(prefix));
  for (const [user, { root }] of vault.all("contact")) {
    const userId = toUuid(user);
    const before = told.get(prefix + userId);
    if (before && equal(before, root)) continue;
    const changes = [
      { record: CONTACT + userId, value: root },
      { record: prefix + userId, value: root },
    ];
    await keystore.batch(changes);
    told.set(prefix + userId, root);
  }
  for (const [name, root] of await keystore.list(CONTACT)) {
    const userId = name.slice(CONTACT.length);
    const before = told.get(prefix + userId);
    if (before && equal(before, root)) continue;
    await tell(core, vault, userId, root);
    await keystore.batch([{ record: prefix + userId, value: root }]);
  }
}

async function tell({ directory, keystore }: Core, vault: Vault, userId: string, root: Bytes): Promise<void> {
  const user = fromUuid(userId);
  const pin = await keystore.pin(`log/${pinKey(user, root)}`);
  if (!pin) return;
  const username = (await directory.name(user, root)) ?? "";
  const head = { seq: pin.seq, hash: new Uint8Array(pin.hash) };
  await vault.put(user, { kind: "contact", root, head, username, verified: false, time: Date.now() });
}

export const contactName = (user: Uint8Array): string => CONTACT + toUuid(user);
export const logPin = (user: Uint8Array, root: Uint8Array): string => `log/${pinKey(user, root)}`;
export const roomPin = (room: Uint8Array): string => `room/${toHex(room)}`;
