import { randomBytes } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Payload } from "../wire/message.ts";

/** What a client said of itself, under a reference that names this saying. */
export type Meta = Payload & { phx_ref: string; phx_ref_prev?: string };
export type Presences = Record<string, { metas: Meta[] }>;
export interface Diff {
  joins: Presences;
  leaves: Presences;
}

interface Presence {
  key: string;
  said: Payload;
  meta: Meta;
}

/** Who is present on a topic. Several channels may share a key: each has its own meta under it. */
export class Attendance {
  readonly #present = new Map<object, Presence>();

  /** @returns what changed, or null when the same was said again */
  track(who: object, key: string, said: Payload): Diff | null {
    const before = this.#present.get(who);
    if (before && isDeepStrictEqual(before.said, said)) return null;
    const meta: Meta = { ...said, phx_ref: newRef() };
    if (before) meta.phx_ref_prev = before.meta.phx_ref;
    this.#present.set(who, { key, said, meta });
    return { joins: only(key, meta), leaves: before ? only(before.key, before.meta) : {} };
  }

  /** @returns what changed, or null where nobody was */
  untrack(who: object): Diff | null {
    const before = this.#present.get(who);
    if (!before) return null;
    this.#present.delete(who);
    return { joins: {}, leaves: only(before.key, before.meta) };
  }

  get state(): Presences {
    const state = emptyPresences();
    for (const { key, meta } of this.#present.values()) {
      state[key] ??= { metas: [] };
      state[key].metas.push(meta);
    }
    return state;
  }
}

// Keys are the clients' own: `__proto__` is one like any other.
const emptyPresences = (): Presences => Object.create(null);

function only(key: string, meta: Meta): Presences {
  const presences = emptyPresences();
  presences[key] = { metas: [meta] };
  return presences;
}

const newRef = () => randomBytes(9).toString("base64url");
