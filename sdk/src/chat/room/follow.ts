import { standing } from "../../crypto/room-log/index.ts";
import { isTrackItError } from "../../errors.ts";
import { clocks } from "../../live/clocks.ts";
import { Link } from "../../live/link.ts";
import { wireOn } from "../../live/wire.ts";
import { real } from "../../retry/around.ts";
import { isPassing } from "../../retry/passing.ts";
import type { WireHead, WireRow } from "../wire.ts";
import type { RoomEngine } from "./engine.ts";
import { noSuchRoom } from "./missing.ts";

/**
 * Follows a room as it happens: its topic, wherever that moves to; what is missing is read when the channel opens, after
 * a gap, and every half minute, since a lost last row leaves no gap to be seen.
 *
 * @returns Ends it.
 */
export function follow(engine: RoomEngine): () => void {
  const { connection, wire } = engine.core;
  const { open, onReturn } = wireOn(connection);
  engine.core.followed();
  const over = new AbortController();
  const catchUp = async (): Promise<void> => {
    try {
      const { rev } = engine;
      await engine.sync("rooms");
      await engine.sender.wake();
      if (engine.rev !== rev) link.move();
    } catch (error) {
      if (over.signal.aborted || isPassing(error)) return;
      // A doubt about what the server shows is said, and it goes on being looked at; so does a full disk.
      if (isTrackItError(error, "CRYPTO_HISTORY")) engine.alarm("history", null, error.message);
      else if (isOver(error)) giveUp(error);
    }
  };
  const link = new Link({
    around: real,
    topic: async () => {
      const [head] = await wire.ask<WireHead[]>("heads", { rooms: [engine.id] }, "rooms");
      if (!head?.topic_rev) throw noSuchRoom("rooms", engine.id);
      engine.rev = head.topic_rev;
      return `room:${engine.id}:${head.topic_rev}`;
    },
    open: (topic, handlers) => open(topic, null, handlers),
    joined: () => void catchUp(),
    lost: () => {},
    failed: (error) => giveUp(error),
    broadcast: (event, payload) => {
      if (event === "moved") return link.move();
      const row = rowIn(payload);
      if (row) void engine.hear(row).then((isNext) => (isNext ? undefined : catchUp()), catchUp);
    },
  });
  const stopReturn = onReturn(() => void catchUp());
  void (async () => {
    while (!over.signal.aborted) {
      await real.wait(clocks.headCheck * (1 + real.random() / 3), over.signal);
      if (!over.signal.aborted) await catchUp();
    }
  })();
  const end = (): void => {
    over.abort();
    stopReturn();
    link.stop();
  };
  // The row of a removal reaches those alone who listen at that moment; others learn of it by being shown nothing.
  const giveUp = (error: unknown): void => {
    end();
    const { user, root } = engine.core.me;
    const { log } = engine.group.room;
    if (!isTrackItError(error, "ACCESS_NOT_FOUND") || log.deleted || !standing(log, user, root)) return;
    engine.isOut = true;
    engine.events.emit("room", null);
  };
  return end;
}

/** Asking again would be answered the same: not a member, or not signed in. */
const isOver = (error: unknown): boolean => isTrackItError(error) && /^(ACCESS|AUTH)_/.test(error.code);

/** Whatever else is said on the topic is none of the database's rows. */
function rowIn(payload: unknown): WireRow | null {
  const row: unknown =
    typeof payload === "object" && payload !== null && "row" in payload ? payload.row : null;
  if (typeof row !== "object" || row === null) return null;
  const { seq, kind, bytes, by } = row as Partial<WireRow>;
  return typeof seq === "number" && typeof bytes === "string" && kind && by ? (row as WireRow) : null;
}
