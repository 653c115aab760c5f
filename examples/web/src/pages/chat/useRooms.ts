import type { RoomSummary } from "@trackit/sdk";
import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { heed } from "../../app/ended.ts";
import { useReturn } from "../../app/online.tsx";
import { withChange, withMessage, withName, withRead } from "./summaries.ts";
import { useFollowed } from "./useFollowed.ts";

const PAGE = 50;

export interface RoomsState {
  /** Null before the first answer. */
  rooms: readonly RoomSummary[] | null;
  /** Why what is shown may be old; null when it is not. */
  error: unknown;
  more: (() => void) | null;
  reload(): void;
  /** One was read to its end. */
  read(id: string): void;
}

/** The conversations, by their last message; read anew when something happens in one of them. */
export function useRooms(): RoomsState {
  const { rooms: source } = useClient();
  const [rooms, setRooms] = useState<readonly RoomSummary[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [wanted, setWanted] = useState(PAGE);
  const reading = useRef<AbortController | null>(null);
  const reload = useCallback(() => {
    reading.current?.abort();
    const stop = new AbortController();
    reading.current = stop;
    const { signal } = stop;
    source
      .list({ signal })
      .toArray({ max: wanted })
      .then(
        (found) => {
          if (signal.aborted) return;
          setRooms(found);
          setError(null);
        },
        (cause: unknown) => {
          if (signal.aborted) return;
          heed(cause);
          setError(cause);
        },
      );
  }, [source, wanted]);
  useEffect(() => {
    reload();
    return () => reading.current?.abort();
  }, [reload]);
  useEffect(() => source.on("change", reload), [source, reload]);
  useReturn(reload);
  useFollowed(rooms, {
    onMessage: (message) => setRooms((now) => now && withMessage(now, message)),
    onChange: (message) => setRooms((now) => now && withChange(now, message)),
    onRoom: (room) => setRooms((now) => now && withName(now, room)),
  });
  const read = useCallback((id: string) => setRooms((now) => now && withRead(now, id)), []);
  const more = rooms && rooms.length >= wanted ? () => setWanted(wanted + PAGE) : null;
  return { rooms, error, more, reload, read };
}
