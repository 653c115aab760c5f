import type { Keystore } from "../store/keys/types.ts";

/** Does the work when no other tab, nor another client of this device, does what has the same name. */
export type Locked = <Answer>(what: string, work: () => Promise<Answer>) => Promise<Answer>;

/** Of keystores that stay within their page or process. */
const turns = new WeakMap<Keystore, Map<string, Promise<unknown>>>();

/** @param name project and user. */
export function lockedOn(keystore: Keystore, name: string): Locked {
  const web =
    keystore.place !== "memory" && typeof navigator !== "undefined"
      ? (navigator.locks as LockManager | undefined)
      : undefined;
  // A Web Lock ends with its tab.
  if (web)
    return async <Answer>(what: string, work: () => Promise<Answer>) =>
      (await web.request(`trackit-chat ${name} ${what}`, work)) as Answer;
  const mine = turns.get(keystore) ?? new Map<string, Promise<unknown>>();
  turns.set(keystore, mine);
  return (what, work) => {
    const turn = (mine.get(what) ?? Promise.resolve()).then(work, work);
    const ended = turn.then(
      () => {},
      () => {},
    );
    mine.set(what, ended);
    void ended.then(() => mine.get(what) === ended && mine.delete(what));
    return turn;
  };
}
