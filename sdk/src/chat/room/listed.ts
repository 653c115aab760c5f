import { fromBase64url } from "../../crypto/bytes/index.ts";
import type { Member } from "../../crypto/room-log/index.ts";
import { TrackItError } from "../../errors.ts";
import type { Core } from "../core.ts";
import { fromUuid, toUuid } from "../ids.ts";
import type { WireHead } from "../wire.ts";

/** How long a list counts, in milliseconds. Read at use, so that a test can have another. */
export const listing = { lasts: 30_000 };

/**
 * Which members, with which device logs, the server has listed. A large room's list is long: for half a minute a send
 * only names it, and the server gives it where it is another one; after that, and before a commit, it is asked for
 * whole. What the server was wrong about, on purpose or not, is found out then.
 */
export class Listed {
  #stamp: string | null = null;
  #at = 0;

  /** Of the last list; null where none was given whole. */
  get stamp(): string | null {
    return this.#stamp;
  }

  /** What the server need not list. */
  known(id: string): Record<string, string> {
    const age = Date.now() - this.#at; // Less than none where the clock was put back.
    return this.#stamp !== null && age >= 0 && age < listing.lasts ? { [id]: this.#stamp } : {};
  }

  /**
   * Reads the logs of whom it has listed, and of who is in the room by what this device has verified: whom a server
   * leaves out would be judged without their devices.
   *
   * @param asked What it was told to be known.
   * @throws NETWORK_SERVER where it lists nobody unasked, or has no log of a member's
   */
  async take(
    { directory }: Core,
    { id, members, stamp }: WireHead,
    {
      action,
      asked,
      standing,
    }: { action: string; asked: Record<string, string>; standing: readonly Member[] },
  ): Promise<void> {
    if (!members && asked[id] === undefined) throw notGiven(action, `the members of room ${id}`);
    if (!members) return;
    const wants = members.map(({ user_id, root, log_rows }) => ({
      user: fromUuid(user_id),
      root: fromBase64url(root),
      seq: log_rows ?? 0,
    }));
    const known = standing.filter(({ erased }) => !erased).map(({ user, root }) => ({ user, root, seq: 0 }));
    await directory.ensure([...known, ...wants], action);
    const missing = known.find(({ user, root }) => !directory.logs(user, root));
    if (missing) throw notGiven(action, `the devices of ${toUuid(missing.user)}`);
    // What was not given is asked for again.
    const isAll = wants.every(({ user, root, seq }) => (directory.logs(user, root)?.rows ?? 0) >= seq);
    this.#stamp = isAll ? (stamp ?? null) : null;
    this.#at = Date.now();
  }
}

const notGiven = (action: string, what: string): TrackItError =>
  new TrackItError("NETWORK_SERVER", `${action}: the server does not give ${what}`);
