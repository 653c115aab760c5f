import type { Message, Room } from "@trackit/sdk";
import { type ReactNode, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import type { About } from "./Conversation.tsx";
import { MessageLine } from "./MessageLine.tsx";
import { byDay, inRuns } from "./thread.ts";
import type { RoomState } from "./useRoom.ts";
import { problemOf, useChatWords } from "./words.ts";

/** From here to the end counts as being at the end, in pixels. */
const NEAR = 80;

type Box = React.RefObject<HTMLDivElement | null>;

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
  const line = (message: Message) => (
    <MessageLine
      key={message.id}
      message={message}
      room={room}
      answered={thread.find(({ id }) => id === message.replyTo) ?? null}
      told={message === lastOwn ? told : null}
      canWrite={canWrite}
      isSought={state.target?.id === message.id}
      onSought={(id) => void state.reach(id)}
      onAbout={onAbout}
      onForget={forget}
    />
  );
  return (
    <div className="messages" ref={box}>
      <div>
        {older && <Older box={box} older={older} />}
        {thread.length === 0 && <p className="quiet small">{c.noMessages}</p>}
        {byDay(thread).map(({ day, messages }) => (
          <section key={day} aria-label={format.dayHeading(day)}>
            <h3 className="day">{format.dayHeading(day)}</h3>
            <ul>
              {inRuns(messages).map((run) => (
                <Run key={run[0]?.id} run={run} line={line} />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </div>
  );
}

/** One message, or several that cannot be read for one reason: the reason once, and each on demand. */
function Run({ run, line }: { run: readonly Message[]; line(message: Message): ReactNode }) {
  const { c } = useChatWords();
  const [first, second] = run;
  if (!first) return null;
  if (!second) return line(first);
  const { cause, next } = problemOf(first, c) ?? { cause: "", next: "" };
  return (
    <li>
      <details className="unreadable">
        <summary>
          <strong>{c.unreadable(run.length)}</strong> {cause} {next}
        </summary>
        <ul>{run.map(line)}</ul>
      </details>
    </li>
  );
}

function comeSoFar(seq: number, { read, received }: { read: number; received: number }) {
  if (read >= seq) return "read" as const;
  return received >= seq ? ("received" as const) : null;
}

function Older({ box, older }: { box: Box; older(): Promise<void> }) {
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
    <p className="older">
      <Button small tone="ghost" busy={busy} onClick={() => void load()}>
        {c.older}
      </Button>
    </p>
  );
}

/** Whoever is at the end stays there: when something is said, when a picture is there, when the box becomes smaller. */
function useFollowing(box: Box, last: Message | undefined): void {
  const isAtEnd = useRef(true);
  const before = useRef<string | undefined>(undefined);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const note = () => {
      isAtEnd.current = element.scrollTop + element.clientHeight >= element.scrollHeight - NEAR;
    };
    const stay = () => {
      if (isAtEnd.current) element.scrollTop = element.scrollHeight;
    };
    const sizes = new ResizeObserver(stay);
    for (const one of [element, element.firstElementChild]) if (one) sizes.observe(one);
    element.addEventListener("scroll", note, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener("scroll", note);
    };
  }, [box]);
  useLayoutEffect(() => {
    const isNewOwn = last?.from.own === true && last.id !== before.current;
    before.current = last?.id;
    if (!box.current || !(isAtEnd.current || isNewOwn)) return;
    isAtEnd.current = true;
    box.current.scrollTop = box.current.scrollHeight;
  }, [box, last]);
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
