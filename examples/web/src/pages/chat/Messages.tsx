import type { Message, Room } from "@trackit/sdk";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import type { About } from "./Conversation.tsx";
import { MessageLine } from "./MessageLine.tsx";
import { byDay } from "./thread.ts";
import type { RoomState } from "./useRoom.ts";
import { useChatWords } from "./words.ts";

/** From here to the end counts as being at the end, in pixels. */
const NEAR = 80;

interface MessagesProps {
  room: Room;
  state: RoomState;
  canWrite: boolean;
  onAbout(about: About): void;
}

/** What was said, by day. New messages come into sight for whoever is at the end; others stay where they read. */
export function Messages({ room, state, canWrite, onAbout }: MessagesProps) {
  const { c, format } = useChatWords();
  const { thread, older, receipt, forget } = state;
  const box = useRef<HTMLDivElement>(null);
  useFollowing(box, thread.at(-1));
  useTarget(state.target);
  const lastOwn = thread.findLast(({ from, seq }) => from.own && seq !== null);
  const told = lastOwn?.seq && receipt ? comeSoFar(lastOwn.seq, receipt) : null;
  return (
    <div className="messages" ref={box}>
      {older && <Older box={box} older={older} />}
      {thread.length === 0 && <p className="quiet small">{c.noMessages}</p>}
      {byDay(thread).map(({ day, messages }) => (
        <section key={day} aria-label={format.dayHeading(day)}>
          <h3 className="day">{format.dayHeading(day)}</h3>
          <ul>
            {messages.map((message) => (
              <MessageLine
                key={message.id}
                message={message}
                room={room}
                answered={thread.find(({ id }) => id === message.replyTo) ?? null}
                told={message === lastOwn ? told : null}
                canWrite={canWrite}
                onAbout={onAbout}
                onForget={forget}
              />
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function comeSoFar(seq: number, { read, received }: { read: number; received: number }) {
  if (read >= seq) return "read" as const;
  return received >= seq ? ("received" as const) : null;
}

function Older({ box, older }: { box: React.RefObject<HTMLDivElement | null>; older(): Promise<void> }) {
  const { c } = useChatWords();
  const act = useAction();
  const [busy, setBusy] = useState(false);
  const load = async () => {
    const before = box.current?.scrollHeight ?? 0;
    setBusy(true);
    await act(older);
    setBusy(false);
    // What was in sight stays there.
    requestAnimationFrame(() => box.current?.scrollBy(0, box.current.scrollHeight - before));
  };
  return (
    <Button small tone="ghost" busy={busy} onClick={() => void load()}>
      {c.older}
    </Button>
  );
}

function useFollowing(box: React.RefObject<HTMLDivElement | null>, last: Message | undefined): void {
  const before = useRef<{ id: string | undefined; height: number }>({ id: undefined, height: 0 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const { id, height } = before.current;
    const wasAtEnd = element.scrollTop + element.clientHeight >= height - NEAR;
    if (last && (id === undefined || wasAtEnd || (last.id !== id && last.from.own)))
      element.scrollTop = element.scrollHeight;
    before.current = { id: last?.id, height: element.scrollHeight };
  });
}

/** What is looked for comes into sight, with the focus on it. */
function useTarget(target: RoomState["target"]): void {
  useEffect(() => {
    const element = target && document.getElementById(`m-${target.id}`);
    if (!element) return;
    element.scrollIntoView({ block: "center" });
    element.focus({ preventScroll: true });
  }, [target]);
}
