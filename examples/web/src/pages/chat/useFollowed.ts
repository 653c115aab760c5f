import type { Message, Room, RoomSummary } from "@trackit/sdk";
import { useEffect, useRef } from "react";
import { useClient } from "../../app/client.tsx";
import { heed } from "../../app/ended.ts";

/** So many conversations of a list are followed, the newest first: each has a channel of its own. */
const MOST = 30;

interface Followed {
  onMessage(message: Message): void;
  onChange(message: Message): void;
  onRoom(room: Room): void;
}

/** Hears what is said in the conversations of a list, so that it can count without asking the server. */
export function useFollowed(
  summaries: readonly RoomSummary[] | null,
  { onMessage, onChange, onRoom }: Followed,
): void {
  const { rooms } = useClient();
  const hear = useRef({ onMessage, onChange, onRoom });
  hear.current = { onMessage, onChange, onRoom };
  const followed = useRef(new Map<string, () => void>());
  useEffect(() => {
    const wanted = new Set(summaries?.slice(0, MOST).map(({ id }) => id));
    for (const [id, stop] of followed.current) if (!wanted.has(id) && followed.current.delete(id)) stop();
    for (const id of wanted) {
      if (followed.current.has(id)) continue;
      const stops: (() => void)[] = [];
      let isOver = false;
      followed.current.set(id, () => {
        isOver = true;
        for (const stop of stops) stop();
      });
      const follow = (room: Room) => {
        if (isOver) return;
        // It may have got its name since the list was read.
        hear.current.onRoom(room);
        stops.push(room.on("message", (message) => hear.current.onMessage(message)));
        stops.push(room.on("change", (message) => hear.current.onChange(message)));
        stops.push(room.on("room", (changed) => hear.current.onRoom(changed)));
      };
      // What cannot be opened stands in the list all the same.
      rooms.get(id).then(follow, heed);
    }
  }, [rooms, summaries]);
  useEffect(() => {
    const all = followed.current;
    return () => {
      for (const stop of all.values()) stop();
      all.clear();
    };
  }, []);
}
