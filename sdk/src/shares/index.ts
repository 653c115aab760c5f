import type { ChatKeys } from "../chat/index.ts";
import type { Connection } from "../connect.ts";
import { lazyList, lazyVerbs, onceLoaded } from "../lazy.ts";
import type { ListOptions } from "../types.ts";
import type { Shares } from "./types.ts";

/** Links and sharing of a client; everything behind them loads with the first verb. */
export function sharesOn(connection: Connection, keys: ChatKeys): Shares {
  const load = onceLoaded(async () => (await import("./shares.ts")).makeShares(connection, keys));
  return {
    ...lazyVerbs(load, "shares", "create update revoke look open shareWith unshare people"),
    list: (filter, options: ListOptions = {}) =>
      lazyList(load, "shares.list", options, (all) => all.list(filter, options)),
    events: (filter, options: ListOptions = {}) =>
      lazyList(load, "shares.events", options, (all) => all.events(filter, options)),
  } as Shares;
}
