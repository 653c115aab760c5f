import { type Bytes, concat, equal, toHex } from "../../crypto/bytes/index.ts";
import { pinKey } from "../../crypto/room-log/index.ts";
import type { VaultPayload } from "../../crypto/vault/index.ts";
import type { Core } from "../core.ts";
import { fromUuid, toUuid } from "../ids.ts";
import { verifiedName, verifiedRoots } from "../people.ts";
import type { Vault } from "./vault.ts";

/** Names of keystore records and pins that other files of chat write as well. */
const CONTACT = "contact/";
/** Whose root this device has told a vault of, or learned there. */
const toldOf = ({ room }: Vault): string => `vault-contact/${toHex(room)}/`;

/**
 * Whom this device knows by which identity, and who of them is verified, for the account's other devices, and the other
 * way round. Where two know somebody by different roots, the later decision counts: it was a person's.
 */
export async function keepContacts(core: Core, vault: Vault): Promise<void> {
  const { keystore } = core;
  const prefix = toldOf(vault);
  const told = new Map(await keystore.list(prefix));
  for (const [user, { root, verified }] of vault.all("contact")) {
    const userId = toUuid(user);
    const value = known(root, verified);
    if (isSame(told.get(prefix + userId), value)) continue;
    const changes = [
      { record: CONTACT + userId, value: root },
      { record: verifiedName(userId), value: verified ? root : null },
      { record: prefix + userId, value },
    ];
    await keystore.batch(changes);
    told.set(prefix + userId, value);
  }
  const sure = await verifiedRoots(core);
  const news: [userId: string, root: Bytes, verified: boolean][] = [];
  for (const [name, root] of await keystore.list(CONTACT)) {
    const userId = name.slice(CONTACT.length);
    const verified = isSame(sure.get(toHex(fromUuid(userId))), root);
    if (!isSame(told.get(prefix + userId), known(root, verified))) news.push([userId, root, verified]);
  }
  const items = await Promise.all(news.map((one) => itemOf(core, ...one)));
  await vault.put(...items.flatMap((item) => (item ? [item] : [])));
  await keystore.batch(
    news.map(([userId, root, verified]) => ({ record: prefix + userId, value: known(root, verified) })),
  );
}

/** A root alone stands for one that is not verified. */
const known = (root: Bytes, verified: boolean): Bytes =>
  verified ? concat(root, new Uint8Array([1])) : root;
const isSame = (one: Bytes | undefined, other: Bytes): boolean => one !== undefined && equal(one, other);

async function itemOf(
  { directory, keystore }: Core,
  userId: string,
  root: Bytes,
  verified: boolean,
): Promise<[Bytes, VaultPayload] | null> {
  const user = fromUuid(userId);
  const pin = await keystore.pin(logPin(user, root));
  if (!pin) return null;
  const username = (await directory.name(user, root)) ?? "";
  const head = { seq: pin.seq, hash: new Uint8Array(pin.hash) };
  return [user, { kind: "contact", root, head, username, verified, time: Date.now() }];
}

export const contactName = (user: Uint8Array): string => CONTACT + toUuid(user);
export const logPin = (user: Uint8Array, root: Uint8Array): string => `log/${pinKey(user, root)}`;
export const roomPin = (room: Uint8Array): string => `room/${toHex(room)}`;
