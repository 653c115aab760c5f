import type { RealtimeChannel } from "@supabase/supabase-js";
import { describe, expect, it } from "vitest";
import { followPresence, type PresenceStates } from "./presence.ts";

/** A channel that says what the test says. */
function channel() {
  const hear = new Map<string, (payload: unknown) => void>();
  const told: PresenceStates[] = [];
  const fake = {
    on: (event: string, _filter: object, listener: (payload: unknown) => void) => hear.set(event, listener),
  };
  followPresence(fake as unknown as RealtimeChannel, (states) => told.push(states));
  return { told, say: (event: string, payload: unknown) => hear.get(event)?.(payload) };
}

const at = (ref: string, page: string) => ({ metas: [{ phx_ref: ref, page }] });

describe("presence frames", () => {
  it("are put together: who says something else replaces what was said, and who leaves is gone", () => {
    const { told, say } = channel();
    say("presence_state", { ada: at("1", "goals") });
    say("presence_diff", { joins: { ada: at("2", "tasks") }, leaves: { ada: at("1", "goals") } });
    say("presence_diff", { joins: {}, leaves: { ada: at("2", "tasks") } });
    expect(told).toEqual([
      { ada: [{ phx_ref: "1", page: "goals" }] },
      { ada: [{ phx_ref: "2", page: "tasks" }] },
      {},
    ]);
  });

  it("that come before the state are put on top of it, and a new state replaces all", () => {
    const { told, say } = channel();
    say("presence_diff", { joins: { ben: at("2", "tasks") }, leaves: { ada: at("1", "goals") } });
    expect(told).toEqual([]);
    say("presence_state", { ada: at("1", "goals"), ben: at("2", "tasks") });
    say("presence_state", { eve: at("3", "x") });
    expect(told.map((states) => Object.keys(states))).toEqual([["ben"], ["eve"]]);
  });
});
