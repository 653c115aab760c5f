import { fromHex, toHex } from "../../crypto/bytes/index.ts";
import type { VaultPayload } from "../../crypto/vault/index.ts";
import type { Core } from "../core.ts";
import { hasOthers } from "../device/notices.ts";
import { inviteName } from "../room/invite.ts";
import { Vault } from "./vault.ts";

const INVITES = "invite/";
/** Which invites this device has told a vault of, or learned there: what was forgotten here does not come back. */
const toldOf = ({ room }: Vault): string => `vault-invite/${toHex(room)}/`;

/** Brings together the secrets of invites that this device and the user's others have made. */
export async function shareInvites(core: Core): Promise<void> {
  const vault = hasOthers(core) ? await Vault.open(core) : null;
  if (!vault) return;
  await vault.sync();
  await keepInvites(core, vault);
}

/** With a vault that was just read. */
export async function keepInvites({ keystore }: Core, vault: Vault): Promise<void> {
  const prefix = toldOf(vault);
  const told = new Set((await keystore.list(prefix)).map(([name]) => name.slice(prefix.length)));
  const note = (invite: string) => ({ record: prefix + invite, value: new Uint8Array([1]) });
  for (const [id, { room, secret }] of vault.all("invite")) {
    if (told.has(toHex(id))) continue;
    await keystore.batch([{ record: inviteName(room, id), value: secret }, note(toHex(id))]);
    told.add(toHex(id));
  }
  const news: [string, VaultPayload][] = [];
  for (const [name, secret] of await keystore.list(INVITES)) {
    const [, room = "", invite = ""] = name.split("/");
    if (!told.has(invite)) news.push([invite, { kind: "invite", room: fromHex(room), secret }]);
  }
  if (news.length === 0) return;
  await vault.put(
    ...news.map(([invite, payload]): [ReturnType<typeof fromHex>, VaultPayload] => [
      fromHex(invite),
      payload,
    ]),
  );
  await keystore.batch(news.map(([invite]) => note(invite)));
}
