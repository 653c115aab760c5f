import { equal, fromBase64url, toBase64url } from "../../crypto/bytes/index.ts";
import { TrackItError } from "../../errors.ts";
import type { Pin } from "../../store/keys/types.ts";
import type { WireHead, WireRow } from "../wire.ts";
import { FEWER, OTHER } from "./alarms.ts";
import type { RoomEngine } from "./engine.ts";
import { pinName } from "./keeper.ts";
import { noSuchRoom } from "./missing.ts";

/** The most rows that the database gives at a time. */
const MOST_ROWS = 500;

interface Comparing {
  signal?: AbortSignal | undefined;
  /** Members that were listed a moment ago are listed only if they are others now. */
  brief?: boolean;
}

/** Within a turn: heads are compared, then logs and rows read up to them. */
export async function compareHeads(
  engine: RoomEngine,
  action: string,
  { signal, brief = false }: Comparing,
): Promise<void> {
  const { core, id, listed, room } = engine;
  // Read before the heads: what another tab pins meanwhile may be beyond them.
  const pinned = await core.keystore.pin(pinName(room));
  const asked = brief ? listed.known(id) : {};
  const args = { rooms: [id], known: asked };
  const [head] = await core.wire.ask<WireHead[]>("heads", args, action, signal);
  if (!head?.topic_rev) throw noSuchRoom(action, id);
  engine.rev = head.topic_rev;
  engine.isOut = false;
  await meetHead(engine, head, { action, asked, pinned, signal });
}

interface Meeting {
  action: string;
  /** What the server was told to be known of members. */
  asked: Record<string, string>;
  /** What this device had pinned before the server was asked. */
  pinned?: Pin | null;
  signal?: AbortSignal | undefined;
}

/** Within a turn: reads logs and rows up to where the server says that the room stands, and compares. */
export async function meetHead(
  engine: RoomEngine,
  head: WireHead,
  { action, asked, pinned, signal }: Meeting,
): Promise<void> {
  const standing = [...engine.group.room.log.members.values()];
  await engine.listed.take(engine.core, head, { action, asked, standing });
  if (head.last_seq < Math.max(engine.place.seq, pinned?.seq ?? 0)) engine.alarm("history", null, FEWER);
  await readTo(engine, head.last_seq, action, signal);
  const isSame = equal(fromBase64url(head.transcript), engine.place.hash);
  if (head.last_seq === engine.place.seq && !isSame) engine.alarm("history", null, OTHER);
}

/** The next rows are on their way while those before them are judged. */
async function readTo(engine: RoomEngine, last: number, action: string, signal?: AbortSignal): Promise<void> {
  const ask = (after: number): Promise<WireRow[]> => {
    const args = { room: engine.id, after, limit: MOST_ROWS };
    const asked = engine.core.wire.ask<WireRow[]>("room_rows", args, action, signal);
    asked.catch(() => {}); // Whoever awaits it is told.
    return asked;
  };
  let next: Promise<WireRow[]> | null = null;
  while (engine.place.seq < last) {
    const before = engine.place.seq;
    const rows: WireRow[] = await (next ?? ask(before));
    const end = rows.at(-1)?.seq ?? before;
    next = end > before && end < last ? ask(end) : null;
    await engine.fold(rows);
    if (engine.place.seq === before)
      throw new TrackItError(
        "NETWORK_SERVER",
        `${action}: the server does not give row ${before + 1} of the room`,
      );
    if (engine.place.seq !== end) next = null;
    engine.forgetShown();
  }
}

/**
 * What this device takes the room for, to be compared by the database in the call that sends: docs/protocol.md §20.4.
 *
 * @param place With the last row that was verified here: where no call has compared it just before.
 * @returns null where the server has not given all that it says there is.
 */
export function seenHead({ listed, place: at }: RoomEngine, place: boolean): object | null {
  const { stamp } = listed;
  if (stamp === null) return null;
  return place ? { stamp, seq: at.seq, transcript: toBase64url(at.hash) } : { stamp };
}
