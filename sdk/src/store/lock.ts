import type { Store } from "./types.ts";

/** Lets one tab at a time do a thing. */
export interface Lock {
  /** Does the work unless another has the lock; whether it was done. */
  attempt(work: () => Promise<void>): Promise<boolean>;
}

/**
 * The browser's Web Locks, which end with their tab; where there are none (plain http, Node) a lease in the store.
 * What is done under a lock must be safe to repeat: a lease of a tab that slept runs out under it.
 */
export function lockFor(name: string, store: Store, now: () => number): Lock {
  return typeof navigator !== "undefined" && navigator.locks ? webLock(name) : leaseLock(store, now);
}

function webLock(name: string): Lock {
  return {
    attempt: async (work) =>
      navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
        if (lock) await work();
        return lock !== null;
      }),
  };
}

const LEASE = "#lease";
const LEASE_MS = 60_000;
const RENEW_MS = LEASE_MS / 4;

/** A lease of a minute, renewed while the work goes on. */
export function leaseLock(store: Store, now: () => number): Lock {
  const me = crypto.randomUUID();
  let held = false;
  const take = async (): Promise<boolean> => {
    const value = await store.get(LEASE);
    const [owner, until] = value?.split(" ") ?? [];
    if (owner !== undefined && owner !== me && Number(until) > now()) return false;
    return store.batch([{ key: LEASE, value: `${me} ${now() + LEASE_MS}` }], { key: LEASE, value });
  };
  return {
    attempt: async (work) => {
      if (held) return false;
      held = true;
      const renewing = setInterval(() => void take().catch(() => {}), RENEW_MS);
      try {
        if (!(await take())) return false;
        await work();
        return true;
      } finally {
        clearInterval(renewing);
        const value = await store.get(LEASE);
        if (value?.startsWith(me)) await store.batch([{ key: LEASE, value: null }], { key: LEASE, value });
        held = false;
      }
    },
  };
}
