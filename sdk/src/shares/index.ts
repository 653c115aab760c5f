import type { ChatKeys } from "../chat/index.ts";
import type { Connection } from "../connect.ts";
import { listing } from "../paging/listing.ts";
import type { Listing, ListOptions } from "../types.ts";
import type { Share, ShareEvent, Shares } from "./types.ts";

/** Links and sharing of a client; everything behind them loads with the first verb. */
export function sharesOn(connection: Connection, keys: ChatKeys): Shares {
  let loaded: Promise<Shares> | null = null;
  const load = (): Promise<Shares> => {
    loaded ??= import("./shares.ts").then(({ makeShares }) => makeShares(connection, keys));
    loaded.catch(() => {
      loaded = null;
    });
    return loaded;
  };
  const lists = <Row>(
    action: string,
    options: ListOptions,
    open: (shares: Shares) => Listing<Row>,
  ): Listing<Row> =>
    listing(
      async (after, limit, signal) => open(await load()).page({ after, limit, signal }),
      options,
      action,
    );
  const verbs = "create update revoke look open shareWith unshare people".split(" ").map((verb) => [
    verb,
    async (...args: unknown[]) => {
      const all = (await load()) as unknown as Record<string, (...args: unknown[]) => unknown>;
      return all[verb]?.(...args);
    },
  ]);
  const shares = {
    ...Object.fromEntries(verbs),
    list: (filter: { fileId?: string } = {}, options: ListOptions = {}) =>
      lists<Share>("shares.list", options, (all) => all.list(filter, options)),
    events: (filter: { fileId?: string; shareId?: string } = {}, options: ListOptions = {}) =>
      lists<ShareEvent>("shares.events", options, (all) => all.events(filter, options)),
  };
  return shares as Shares;
}
