import { afterEach, describe, expect, it, vi } from "vitest";
import { toBase64url } from "../../crypto/bytes/index.ts";
import type { Member } from "../../crypto/room-log/index.ts";
import type { Core } from "../core.ts";
import type { WireHead } from "../wire.ts";
import { Listed, listing } from "./listed.ts";

const room = "01a1f8e9-3962-759e-817b-47403987f17d";
const ben = "0b0b0b0b-0b0b-4b0b-8b0b-0b0b0b0b0b0b";
const root = toBase64url(new Uint8Array(32));

/** A directory that is given so many rows of any log. */
function coreWith(rows: number): Core {
  const directory = { ensure: async () => {}, logs: () => ({ rows }) };
  return { directory } as unknown as Core;
}
const headOf = (stamp: string, log_rows: number): WireHead => ({
  ...{ id: room, epoch: 1, log_rows: 1, last_seq: 1, transcript: "", topic_rev: 1 },
  stamp,
  members: [{ user_id: ben, root, log_rows }],
});
const given = { action: "test", asked: {}, standing: [] };

afterEach(() => void vi.useRealTimers());

describe("members that were listed", () => {
  it("are listed whole to a device that knows none", () => {
    expect(new Listed().known(room)).toEqual({});
  });

  it("need not be listed again for half a minute", async () => {
    vi.useFakeTimers();
    const listed = new Listed();
    await listed.take(coreWith(2), headOf("4.7", 2), given);
    expect(listed.known(room)).toEqual({ [room]: "4.7" });
    const asked = listed.known(room);
    await listed.take(coreWith(2), { ...headOf("4.7", 2), members: null }, { ...given, asked });
    vi.advanceTimersByTime(listing.lasts - 1);
    expect(listed.known(room)).toEqual({ [room]: "4.7" });
    vi.advanceTimersByTime(1);
    expect([listed.known(room), listed.stamp]).toEqual([{}, "4.7"]);
  });

  it("are listed anew where the clock was put back", async () => {
    vi.useFakeTimers();
    const listed = new Listed();
    await listed.take(coreWith(2), headOf("4.7", 2), given);
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(listed.known(room)).toEqual({});
  });

  it("are no answer where they are left out, or where a member has no devices to be judged by", async () => {
    const listed = new Listed();
    const unasked = listed.take(coreWith(2), { ...headOf("4.7", 2), members: null }, given);
    await expect(unasked).rejects.toMatchObject({ code: "NETWORK_SERVER" });
    const bytes = new Uint8Array(32);
    const standing: Member[] = [{ user: bytes.slice(16), root: bytes, role: 1, since: 1, erased: false }];
    const nobody = { directory: { ensure: async () => {}, logs: () => undefined } } as unknown as Core;
    const head = { ...headOf("4.7", 2), members: [] };
    await expect(listed.take(nobody, head, { ...given, standing })).rejects.toMatchObject({
      code: "NETWORK_SERVER",
    });
    await listed.take(nobody, head, {
      ...given,
      standing: standing.map((one) => ({ ...one, erased: true })),
    });
  });

  it("are asked for again where ben's log came shorter than it was said to be", async () => {
    const listed = new Listed();
    await listed.take(coreWith(1), headOf("4.7", 2), given);
    expect(listed.known(room)).toEqual({});
  });
});
