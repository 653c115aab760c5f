import type { Message, Room } from "@trackit/sdk";
import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { heed } from "../../app/ended.ts";
import { useBackOnline } from "../../app/online.tsx";
import { type Thread, withMessages } from "./thread.ts";

const PAGE = 50;

export interface RoomState {
  /** Null before it is open. */
  room: Room | null;
  error: unknown;
  thread: Thread;
  /** The newest message that came from somebody else while the page was open. */
  heard: Message | null;
  /** How far the other has come; in direct rooms. */
  receipt: { received: number; read: number } | null;
  /** Reads older messages; null when all are here. */
  older: (() => Promise<void>) | null;
  /** Ids of members who are writing, by what their own devices say. */
  typing: readonly string[];
  forget(message: Message): void;
  retry(): void;
}

/** One conversation, opened and followed for as long as it is shown. */
export function useRoom(id: string): RoomState {
  const { rooms } = useClient();
  const [room, setRoom] = useState<Room | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [thread, setThread] = useState<Thread>([]);
  const [heard, setHeard] = useState<Message | null>(null);
  const [receipt, setReceipt] = useState<RoomState["receipt"]>(null);
  const [typing, setTyping] = useState<readonly string[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [, setChanged] = useState(0);
  const stop = useRef<(() => void) | null>(null);
  const take = useCallback((...all: Message[]) => setThread((now) => withMessages(now, all)), []);

  const start = useCallback(() => {
    stop.current?.();
    const stops: (() => void)[] = [];
    let over = false;
    const open = async () => {
      const opened = await rooms.get(id);
      if (over) return;
      stops.push(
        opened.on("message", (message) => {
          take(message);
          if (!message.from.own) setHeard(message);
        }),
        opened.on("change", (message) => take(message)),
        opened.on("room", () => setChanged((n) => n + 1)),
        opened.on("alarm", () => setChanged((n) => n + 1)),
        opened.on("receipt", setReceipt),
        opened.on("presence", (now) => setTyping(now.typing)),
      );
      const page = await opened.history().page({ limit: PAGE });
      if (over) return;
      take(...page.rows);
      setNext(page.next);
      setRoom(opened);
      setError(null);
    };
    open().catch((cause: unknown) => {
      if (over) return;
      heed(cause);
      setError(cause);
    });
    stop.current = () => {
      over = true;
      for (const end of stops) end();
    };
  }, [rooms, id, take]);
  useEffect(() => {
    start();
    return () => stop.current?.();
  }, [start]);
  useBackOnline(error === null ? null : start);

  const older = useCallback(async () => {
    if (!room || next === null) return;
    const page = await room.history().page({ limit: PAGE, after: next });
    take(...page.rows);
    setNext(page.next);
  }, [room, next, take]);
  const forget = useCallback(
    ({ id: gone }: Message) => setThread((now) => now.filter((one) => one.id !== gone)),
    [],
  );
  return {
    ...{ room, error, thread, heard, receipt, typing, forget, retry: start },
    older: next === null ? null : older,
  };
}
