import { equal, openFailed } from "../bytes/index.ts";
import type { Suite } from "../suite/index.ts";
import { TAGS } from "../tags.ts";
import { decodeCommit } from "./layout.ts";
import type { Epochs } from "./state.ts";

/**
 * Learns of epochs before the first one that was followed: each commit has to be the one that the next names.
 *
 * @param commits Core, list and signature, from the newest to the oldest, without the void ones.
 * @throws CRYPTO_OPEN_FAILED for one that is off that chain.
 * @see docs/protocol.md §13.6
 */
export async function learnPast(
  suite: Suite,
  epochs: Epochs,
  commits: readonly Uint8Array[],
): Promise<Epochs> {
  const past = new Map(epochs.past);
  let { prev } = past.get(Math.min(...past.keys())) ?? { prev: new Uint8Array() };
  for (const bytes of commits) {
    const { commit, body } = decodeCommit(bytes);
    const hash = await suite.hash(TAGS.commit, body);
    if (!equal(hash, prev)) throw openFailed();
    past.set(commit.epoch, { hash, prev: commit.prev, commitment: commit.commitment });
    prev = commit.prev;
  }
  return { ...epochs, past };
}
