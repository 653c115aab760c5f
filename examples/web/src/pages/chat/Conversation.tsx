import { type ChatAlarm, isTrackItError, type Message, type Room } from "@trackit/sdk";
import { useEffect, useState } from "react";
import { Link } from "../../app/router.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Empty, Failed, Loading } from "../../ui/States.tsx";
import { Composer } from "./Composer.tsx";
import { Messages } from "./Messages.tsx";
import { RoomDialog } from "./RoomDialog.tsx";
import { useReading } from "./useReading.ts";
import { type RoomState, useRoom } from "./useRoom.ts";
import { authorOf, nameOf, summaryOf, useChatWords } from "./words.ts";

/** What the next message is about: an answer to one, or another version of one. */
export interface About {
  kind: "reply" | "edit";
  message: Message;
}

/** One conversation: what was said, and what one says. */
export function Conversation({ id, onRead }: { id: string; onRead(id: string): void }) {
  const { t } = useChatWords();
  const state = useRoom(id);
  const { room, error, retry } = state;
  if (room) return <Open room={room} state={state} onRead={onRead} />;
  if (error === null) return <Loading />;
  if (isTrackItError(error, "ACCESS_NOT_FOUND") || isTrackItError(error, "USAGE_INVALID"))
    return (
      <Empty icon="search" title={t.errors.ACCESS_NOT_FOUND}>
        <Back />
      </Empty>
    );
  return (
    <>
      <Back />
      <Failed error={error} retry={retry} />
    </>
  );
}

function Open({ room, state, onRead }: { room: Room; state: RoomState; onRead(id: string): void }) {
  const [about, setAbout] = useState<About | null>(null);
  useReading(room, state.thread, onRead);
  const isIn = room.role !== null && !room.deleted;
  return (
    <div className="conversation">
      <Head room={room} isIn={isIn} />
      {room.alarm && <AlarmNotice key={room.alarm.message} room={room} alarm={room.alarm} />}
      <Messages room={room} state={state} onAbout={setAbout} canWrite={isIn} />
      <Typing room={room} who={state.typing} />
      <Spoken heard={state.thread.find(({ id }) => id === state.heard?.id)} />
      {isIn ? <Composer room={room} about={about} onDone={() => setAbout(null)} /> : <Out room={room} />}
    </div>
  );
}

function Head({ room, isIn }: { room: Room; isIn: boolean }) {
  const { c } = useChatWords();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!isIn) setOpen(false);
  }, [isIn]);
  return (
    <header className="conversation-head">
      <Back />
      <h2>{nameOf(room, c)}</h2>
      {isIn && room.kind !== "self" && (
        <Button small tone="ghost" icon="people" onClick={() => setOpen(true)}>
          {c.members(room.members.length)}
        </Button>
      )}
      {open && <RoomDialog room={room} onClose={() => setOpen(false)} />}
    </header>
  );
}

function Back() {
  const { t } = useChatWords();
  return (
    <Link className="button ghost small detail-back" href="/chat">
      <Icon name="back" size={18} />
      {t.app.back}
    </Link>
  );
}

/** What is wrong, and the way on: what a member saw can be talked over, what the server shows cannot. */
function AlarmNotice({ room, alarm }: { room: Room; alarm: ChatAlarm }) {
  const { c } = useChatWords();
  const act = useAction();
  const [isOver, setOver] = useState(false);
  if (isOver) return null;
  const goOn = async () => setOver(await act(() => room.goOn()));
  return (
    <div className="alert" role="alert">
      <p>
        <strong>{c.alarm}</strong> {alarm.message}. {c.alarmNext}
      </p>
      {alarm.kind === "history" && alarm.userId && (
        <Button small onClick={() => void goOn()}>
          {c.goOn}
        </Button>
      )}
    </div>
  );
}

function Typing({ room, who }: { room: Room; who: readonly string[] }) {
  const { c } = useChatWords();
  const names = room.members.filter(({ own, userId }) => !own && who.includes(userId));
  if (names.length === 0) return null;
  return <p className="typing">{c.typing(names.map(({ username }) => username ?? c.someone).join(", "))}</p>;
}

/** Readers of the page hear what others say, once, and nothing of what they said themselves. */
function Spoken({ heard }: { heard: Message | undefined }) {
  const { c } = useChatWords();
  return (
    <p className="hidden" role="status">
      {heard && c.said(authorOf(heard, c), summaryOf(heard, c))}
    </p>
  );
}

function Out({ room }: { room: Room }) {
  const { c } = useChatWords();
  return (
    <div className="notice" role="status">
      <strong>{room.deleted ? c.gone : c.out}</strong>
      {!room.deleted && <p>{c.outLead}</p>}
    </div>
  );
}
