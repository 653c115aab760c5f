import type { Room } from "@trackit/sdk";
import { useEffect, useRef, useState } from "react";
import { heed } from "../../app/ended.ts";
import type { Thread } from "./thread.ts";

/** Notes what was read, while somebody looks at it. */
export function useReading(room: Room, thread: Thread, onRead: (id: string) => void): void {
  const isSeen = useIsSeen();
  const noted = useRef(0);
  const newest = thread.findLast(({ seq }) => seq !== null);
  const seq = newest?.seq ?? 0;
  useEffect(() => {
    if (!newest || !isSeen || seq <= noted.current || room.role === null || room.deleted) return;
    noted.current = seq;
    room.markRead(newest).then(() => onRead(room.id), heed);
  }, [room, newest, seq, isSeen, onRead]);
}

function useIsSeen(): boolean {
  const [isSeen, setSeen] = useState(() => document.visibilityState === "visible");
  useEffect(() => {
    const look = () => setSeen(document.visibilityState === "visible");
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return isSeen;
}
