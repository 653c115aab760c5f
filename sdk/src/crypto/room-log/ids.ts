import { type Bytes, concat } from "../bytes/index.ts";
import { compare } from "../codec.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";

/** Somebody, as one keys them: with another root they are somebody else. */
export interface Identity {
  user: Bytes;
  root: Bytes;
}

/** The one room of these two, whoever makes it. @see docs/protocol.md §11.2 */
export async function directRoomId(suite: Suite, one: Identity, other: Identity): Promise<Bytes> {
  const both = [one, other].map(({ user, root }) => concat(user, root)).sort(compare);
  return (await suite.hash(TAGS.directRoom, ...both)).slice(0, 16);
}

/** The room of one's own devices. */
export async function selfRoomId(suite: Suite, { user, root }: Identity): Promise<Bytes> {
  return (await suite.hash(TAGS.selfRoom, user, root)).slice(0, 16);
}
