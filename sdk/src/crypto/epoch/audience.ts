import type { Bytes } from "../bytes/index.ts";
import { pinKey } from "../room-log/index.ts";
import type { Epoch } from "./state.ts";

/** Who reads an epoch: users with their identity roots. */
export type Audience = readonly string[];

export const audience = (epoch: Epoch | null): Audience =>
  [...(epoch?.heads.values() ?? [])].map(({ user, root }) => pinKey(user, root));

/**
 * Who would read a message now that did not when it was composed: with anybody in it, the message is held and its
 * author asked once.
 *
 * @see docs/protocol.md §15.6
 */
export function newcomers(composed: Audience, now: Epoch): { user: Bytes; root: Bytes }[] {
  const before = new Set(composed);
  return [...now.heads.values()].filter(({ user, root }) => !before.has(pinKey(user, root)));
}
