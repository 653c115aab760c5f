import { fromBase64url } from "../../crypto/bytes/index.ts";
import type { Member } from "../../crypto/room-log/index.ts";
import { TrackItError } from "../../errors.ts";
import { clocks } from "../../live/clocks.ts";
import type { Core } from "../core.ts";
import { fromUuid, toUuid } from "../ids.ts";
import type { WireHead } from "../wire.ts";

/**
 * Which members, with which device logs, the server has listed. A large room's list is long, and asked for before each
 * send: for half a minute the server is asked for it only if it is another one, and before a commit whole. What it was
 * wrong about, on purpose or not, is found out after that as it was without.
 */
export class Listed {
  #stamp: string | null = null;
  #until = 0;

  /** What the server need not list. */
  known(id: string): Record<string, string> {
    return this.#stamp !== null && Date.now() < this.#until ? { [id]: this.#stamp } : {};
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
    this.#until = Date.now() + clocks.headCheck;
  }
}

const notGiven = (action: string, what: string): TrackItError =>
  new TrackItError("NETWORK_SERVER", `${action}: the server does not give ${what}`);
