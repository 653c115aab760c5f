import type { Message, Page, Room, RoomPresence } from "@trackit/sdk";
import { useCallback, useEffect, useRef, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { heed } from "../../app/ended.ts";
import { useBackOnline } from "../../app/online.tsx";
import { type Thread, withMessages } from "./thread.ts";

const PAGE = 50;
/** On the way back to one message. */
const LONG_PAGE = 200;

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
  /** Ids of members who have the conversation open. */
  present: readonly string[];
  /** The message that is to be looked at; another object each time. */
  target: { id: string } | null;
  /** Reads back as far as a message stands, and looks at it. */
  reach(id: string): Promise<void>;
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
  const [others, setOthers] = useState<RoomPresence>({ present: [], typing: [] });
  const [target, setTarget] = useState<RoomState["target"]>(null);
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
        opened.on("presence", setOthers),
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
  const reach = async (wanted: string) => {
    let after = next;
    let isHere = thread.some((message) => message.id === wanted);
    while (room && !isHere && after !== null) {
      const page: Page<Message> = await room.history().page({ limit: LONG_PAGE, after });
      take(...page.rows);
      after = page.next;
      isHere = page.rows.some((message) => message.id === wanted);
    }
    setNext(after);
    setTarget({ id: wanted });
  };
  const forget = useCallback(
    ({ id: gone }: Message) => setThread((now) => now.filter((one) => one.id !== gone)),
    [],
  );
  return {
    ...{ room, error, thread, heard, receipt, ...others, target, reach, forget, retry: start },
    older: next === null ? null : older,
  };
}
