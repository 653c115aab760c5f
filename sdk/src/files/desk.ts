import { userId } from "../auth/session.ts";
import type { Core } from "../chat/core.ts";
import type { ChatKeys } from "../chat/index.ts";
import { Vault } from "../chat/vault/vault.ts";
import type { Connection } from "../connect.ts";
import { createSuite, type Suite } from "../crypto/suite/index.ts";
import { TrackItError } from "../errors.ts";
import { type Door, doorOf } from "./door.ts";
import { ask } from "./wire.ts";

/** What every verb of files works with. */
export interface Desk {
  connection: Connection;
  keys: ChatKeys;
  suite: Suite;
  door: Door;
  ask<Answer>(
    name: string,
    args: Record<string, unknown>,
    action: string,
    signal?: AbortSignal,
  ): Promise<Answer>;
  /** Null where the account has no vault yet. */
  vault(action: string): Promise<Vault | null>;
  /** Made where there is none. */
  vaultFor(action: string): Promise<Vault>;
  me(action: string): Promise<string>;
}

/** However many uploads begin at once, one of them makes it. */
function madeVault(core: Core): Promise<Vault | null> {
  const known = making.get(core);
  if (known) return known;
  const made = Vault.open(core, { make: true });
  making.set(core, made);
  const end = (): void => void making.delete(core);
  made.then(end, end);
  return made;
}
const making = new WeakMap<Core, Promise<Vault | null>>();

export function deskOn(connection: Connection, keys: ChatKeys): Desk {
  return {
    connection,
    keys,
    suite: createSuite(connection.crypto),
    door: doorOf(connection),
    ask: (name, args, action, signal) => ask(connection, name, args, action, signal),
    vault: async (action) => Vault.open(await keys.core(action)),
    vaultFor: async (action) => {
      const vault = await madeVault(await keys.core(action));
      if (!vault) throw new TrackItError("CRYPTO_HISTORY", `${action}: the account has no self room`);
      return vault;
    },
    me: async (action) => {
      const id = await userId(connection, action);
      if (id) return id;
      throw new TrackItError("AUTH_REQUIRED", `${action}: nobody is signed in`, {
        hint: "Sign in first: auth.signIn({ email, password })",
      });
    },
  };
}
