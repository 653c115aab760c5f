import { describe, expect, it } from "vitest";
import type { Invite } from "../../crypto/room-log/index.ts";
import { inTheWay } from "./invites.ts";

const now = 1_000_000;
/** So many invites, each for two. */
const invites = (count: number, how: Partial<Invite> = {}): Invite[] =>
  Array.from({ length: count }, (_, at) => {
    const id = new Uint8Array(16).fill(at);
    const zeros = new Uint8Array(32);
    return {
      ...{
        id,
        author: id,
        root: zeros,
        role: 1,
        uses: 2,
        used: 1,
        expires: now + 1,
        secretHash: zeros,
        since: at,
      },
      ...how,
    };
  });

describe("a hundred invites that stand", () => {
  it("leave no place but that of one that is over", () => {
    expect(inTheWay(invites(100), now)).toBeNull();
    const over = invites(1, { expires: now });
    expect(inTheWay([...invites(99), ...over], now)).toBe(over[0]);
  });

  it("are no hundred where one was used up or withdrawn", () => {
    const over = invites(1, { expires: now });
    for (const gone of [invites(1, { used: 2 }), invites(1, { uses: 0 })])
      expect(inTheWay([...invites(98), ...over, ...gone], now)).toBeNull();
  });
});
