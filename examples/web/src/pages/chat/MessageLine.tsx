import type { Message, Room } from "@trackit/sdk";
import { useState } from "react";
import { useAction } from "../../data/useAction.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Attachments } from "./Attachments.tsx";
import type { About } from "./Conversation.tsx";
import { MessageActions } from "./MessageActions.tsx";
import { authorOf, problemOf, summaryOf, useChatWords } from "./words.ts";
import "./message.css";

interface MessageLineProps {
  message: Message;
  room: Room;
  answered: Message | null;
  /** How far it has come with the other. */
  told: "read" | "received" | null;
  canWrite: boolean;
  /** It was looked for, and is shown as found. */
  isSought: boolean;
  /** Looks at another message. */
  onSought(id: string): void;
  onAbout(about: About): void;
  onForget(message: Message): void;
}

/** One message as what it is: said, on its way, or not there, with the reason and the way on. */
export function MessageLine(props: MessageLineProps) {
  const { message, room, answered, told, canWrite, isSought } = props;
  const { c } = useChatWords();
  const [open, setOpen] = useState(false);
  const { from, gap, status } = message;
  const isSaid = status === "sent";
  return (
    <li
      className="message"
      id={`m-${message.id}`}
      tabIndex={-1}
      data-own={from.own}
      data-sought={isSought || undefined}
      data-status={status}
    >
      {gap > 0 && (
        <p className="gap">
          <Icon name="warning" size={16} />
          <span>
            {c.gap(gap)} {c.gapNext}
          </span>
        </p>
      )}
      <div className="message-row">
        <div className="bubble">
          {!from.own && room.kind === "group" && <p className="author">{authorOf(message, c)}</p>}
          {answered && <Quote message={answered} onGo={() => props.onSought(answered.id)} />}
          <Body message={message} />
          <Foot message={message} told={told} />
        </div>
        {isSaid && canWrite && (
          <IconButton icon="more" label={c.actions} aria-expanded={open} onClick={() => setOpen(!open)} />
        )}
      </div>
      {open && isSaid && canWrite && (
        <MessageActions message={message} room={room} onAbout={props.onAbout} onDone={() => setOpen(false)} />
      )}
      <WaysOut {...props} />
      <Reactions message={message} room={room} canWrite={canWrite} />
    </li>
  );
}

function Quote({ message, onGo }: { message: Message; onGo(): void }) {
  const { c } = useChatWords();
  return (
    <blockquote>
      <button type="button" className="quote" onClick={onGo}>
        <strong>{authorOf(message, c)}</strong> {summaryOf(message, c) || problemOf(message, c)?.cause}
      </button>
    </blockquote>
  );
}

function Body({ message }: { message: Message }) {
  const { c } = useChatWords();
  const problem = problemOf(message, c);
  const { content } = message;
  const said = content?.kind === "files" ? content.caption : summaryOf(message, c);
  return (
    <>
      {content?.kind === "files" && <Attachments files={content.files} />}
      {said && <p className="said">{said}</p>}
      {problem && (
        <p className="why">
          {problem.cause} {problem.next}
        </p>
      )}
    </>
  );
}

function Foot({ message, told }: Pick<MessageLineProps, "message" | "told">) {
  const { c, format } = useChatWords();
  const { at, edited, status } = message;
  const words = [edited && c.edited, status === "pending" && c.pending, told && c[told]];
  return (
    <p className="foot">
      <time dateTime={at} title={format.dateTime(at)}>
        {format.time(at)}
      </time>
      {words.filter(Boolean).map((word) => ` · ${word}`)}
    </p>
  );
}

/** What can be done about a message that was not sent. */
function WaysOut({ message, room, onForget }: MessageLineProps) {
  const { c } = useChatWords();
  const act = useAction();
  if (message.status !== "failed" && message.status !== "held") return null;
  const discard = async () => {
    if (await act(() => room.discard(message))) onForget(message);
  };
  return (
    <div className="row message-actions">
      <Button small onClick={() => void act(() => room.release(message))}>
        {message.status === "held" ? c.anyway : c.again}
      </Button>
      <Button small tone="ghost danger" onClick={() => void discard()}>
        {c.discard}
      </Button>
    </div>
  );
}

function Reactions({ message, room, canWrite }: Pick<MessageLineProps, "message" | "room" | "canWrite">) {
  const { c, format } = useChatWords();
  const act = useAction();
  if (message.reactions.length === 0) return null;
  return (
    <div className="row reactions">
      {message.reactions.map(({ emoji, userIds, own }) => (
        <button
          type="button"
          key={emoji}
          className="reaction"
          aria-pressed={own}
          aria-label={c.reacted(emoji, userIds.length)}
          disabled={!canWrite}
          onClick={() => void act(() => room.react(message, emoji, { on: !own }))}
        >
          {emoji} {format.number(userIds.length)}
        </button>
      ))}
    </div>
  );
}
