import { fromBase64url } from "../../crypto/bytes/index.ts";
import { clocks } from "../../live/clocks.ts";
import type { Core } from "../core.ts";
import { fromUuid } from "../ids.ts";
import type { WireHead } from "../wire.ts";

/**
 * Which members, with which device logs, the server has listed. A large room's list is long, and asked for before each
 * send: for half a minute the server is asked for it only if it is another one. What it was wrong about, on purpose or
 * not, is found out after that as it was without.
 */
export class Listed {
  #stamp: string | null = null;
  #until = 0;

  /** What the server need not list. */
  known(id: string): Record<string, string> {
    return this.#stamp !== null && Date.now() < this.#until ? { [id]: this.#stamp } : {};
  }

  /** Reads the logs of whom it has listed. */
  async take({ directory }: Core, { members, stamp }: WireHead, action: string): Promise<void> {
    if (!members) return;
    const wants = members.map(({ user_id, root, log_rows }) => ({
      user: fromUuid(user_id),
      root: fromBase64url(root),
      seq: log_rows ?? 0,
    }));
    await directory.ensure(wants, action);
    // What was not given is asked for again.
    const isAll = wants.every(({ user, root, seq }) => (directory.logs(user, root)?.rows ?? 0) >= seq);
    this.#stamp = isAll ? (stamp ?? null) : null;
    this.#until = Date.now() + clocks.headCheck;
  }
}
