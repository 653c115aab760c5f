import type { RealtimeChannel } from "@supabase/supabase-js";

/** Who is on a channel: what each has said last, by the key under which it came. */
export type PresenceStates = Record<string, object[]>;

interface Meta {
  phx_ref: string;
}

type Wire = Record<string, { metas: Meta[] }>;

/**
 * Hears who comes and goes, from the frames as the server sends them. The state that supabase-js keeps of them loses,
 * up to 2.109 at least, what it needs to take somebody out again who has said something else in between.
 */
export function followPresence(channel: RealtimeChannel, tell: (states: PresenceStates) => void): void {
  const present = new Map<string, Map<string, Meta>>();
  let early: { joins: Wire; leaves: Wire }[] | null = [];
  const join = (joins: Wire): void => {
    for (const [key, { metas }] of Object.entries(joins)) {
      const known = present.get(key) ?? new Map<string, Meta>();
      for (const meta of metas) known.set(meta.phx_ref, meta);
      present.set(key, known);
    }
  };
  const leave = (leaves: Wire): void => {
    for (const [key, { metas }] of Object.entries(leaves)) {
      const known = present.get(key);
      for (const { phx_ref } of metas) known?.delete(phx_ref);
      if (known?.size === 0) present.delete(key);
    }
  };
  const change = (diff: { joins: Wire; leaves: Wire }): void => {
    join(diff.joins);
    leave(diff.leaves);
  };
  const now = (): void =>
    tell(Object.fromEntries([...present].map(([key, metas]) => [key, [...metas.values()]])));
  const { on } = heard(channel);
  on("presence_state", (state: Wire) => {
    present.clear();
    join(state);
    for (const diff of early ?? []) change(diff);
    early = null;
    now();
  });
  on("presence_diff", (diff: { joins: Wire; leaves: Wire }) => {
    // What comes before the state is put on top of it.
    if (early) {
      early.push(diff);
    } else {
      change(diff);
      now();
    }
  });
}

/** Any event of a channel can be heard, although the types know only some. */
function heard(channel: RealtimeChannel): { on(event: string, hear: (payload: never) => void): void } {
  const any = channel as unknown as {
    on(event: string, filter: object, hear: (payload: never) => void): unknown;
  };
  return { on: (event, hear) => void any.on(event, {}, hear) };
}
