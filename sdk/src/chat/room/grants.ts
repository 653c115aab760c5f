import { type Bytes, equal, fromBase64url, toBase64url, toHex } from "../../crypto/bytes/index.ts";
import { devicesAt } from "../../crypto/device-log/index.ts";
import { makeGrant, openGrant } from "../../crypto/grant/index.ts";
import { withSecret } from "../../crypto/group/index.ts";
import type { Core } from "../core.ts";
import type { RoomEngine } from "./engine.ts";
import { secretName } from "./fold.ts";
import { keptEpochs } from "./secrets.ts";

/** Epochs in one grant: docs/protocol.md §22. */
const MOST = 1024;

/**
 * Gives a member's devices the secrets of every epoch that this device can read.
 *
 * @param only The one device that is meant.
 */
export function giveHistory(engine: RoomEngine, user: Bytes, root: Bytes, only?: Bytes): Promise<void> {
  return engine.inTurn(async () => {
    const { core, room } = engine;
    const { directory, keystore, me, suite } = core;
    const [log, own] = [directory.logs(user, root), directory.logs(me.user, me.root)];
    const readable = await keptEpochs(engine);
    for (let at = 0; log && own && at < readable.length; at += MOST) {
      const part = readable.slice(at, at + MOST);
      const names = part.map(({ name }) => name);
      for (const device of devicesAt(log)) {
        if (equal(device.id, me.signer.id) || (only && !equal(device.id, only))) continue;
        const grant = await keystore.withSecrets(names, async (opened) => {
          const secrets = opened.flatMap((secret, index) =>
            secret ? [{ epoch: part[index]?.epoch ?? 0, secret }] : [],
          );
          const grantor = { user: me.user, signer: me.signer, deviceHead: own.head };
          return secrets.length === 0
            ? null
            : makeGrant(suite, { room, grantor, recipient: { user, device }, secrets, time: Date.now() });
        });
        if (grant) await core.wire.ask("post_grant", { grant: toBase64url(grant) }, "room.add");
      }
    }
  });
}

interface WireGrant {
  id: string;
  room: string;
  sealed: string;
}

/** Takes what was granted to this device in a room that is open. */
export async function takeHistory(engine: RoomEngine): Promise<void> {
  const { core, id } = engine;
  const found = await core.wire.ask<WireGrant[]>("my_grants", { device: core.me.deviceId }, "rooms");
  const mine = found.filter(({ room }) => room === id);
  const taken = await engine.inTurn(async () => {
    const opened: string[] = [];
    for (const { id: grant, sealed } of mine)
      if (await take(engine, fromBase64url(sealed))) opened.push(grant);
    if (opened.length > 0) await engine.reopen();
    return opened;
  });
  if (taken.length > 0) await core.wire.ask("drop_grants", { ids: taken }, "rooms");
}

/** @returns whether it was opened; one that does not fit stays where it is, and harms nobody. */
async function take(engine: RoomEngine, sealed: Bytes): Promise<boolean> {
  const { core, group, room } = engine;
  const keys = await core.keystore.device();
  if (!keys) return false;
  const { user, root, signer, unwrap } = core.me;
  const self = { user, root, id: signer.id, wrapKey: keys.wrap, unwrap };
  await readGrantor(core, sealed);
  const secrets = await openGrant(core.suite, group.room, sealed, self, core.directory.logs).catch(
    () => null,
  );
  if (!secrets) return false;
  for (const { epoch, secret } of secrets) {
    const past = group.room.epochs.past.get(epoch);
    if (!past) continue;
    const name = secretName(room, past.hash);
    const kept = await core.keystore.sealSecret(name, secret);
    await core.keystore.batch([{ secret: name, sealed: kept.sealed }]);
    engine.group = await withSecret(core.suite, engine.group, epoch, kept.key);
    secret.fill(0);
  }
  core.stirred();
  return true;
}

/** The log of who has signed it, up to the head that the grant names: docs/protocol.md §18. */
async function readGrantor({ directory }: Core, sealed: Bytes): Promise<void> {
  const [user, head] = [sealed.slice(18, 34), sealed.slice(50, 58)];
  await directory.ensure([{ user, seq: Number.parseInt(toHex(head), 16) }], "rooms");
}
