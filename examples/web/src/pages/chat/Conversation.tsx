import { isTrackItError, type Message, type Room } from "@trackit/sdk";
import { type ReactNode, useEffect, useState } from "react";
import { useOnline } from "../../app/online.tsx";
import { Link } from "../../app/router.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Empty, Failed, Loading } from "../../ui/States.tsx";
import { AlarmNotice } from "./Alarm.tsx";
import { Composer } from "./Composer.tsx";
import { Messages } from "./Messages.tsx";
import { RoomDialog } from "./RoomDialog.tsx";
import { SaveEvidence } from "./SaveCopy.tsx";
import { Search } from "./Search.tsx";
import { Strangers } from "./Strangers.tsx";
import { useReading } from "./useReading.ts";
import { type RoomState, useRoom } from "./useRoom.ts";
import { authorOf, nameOf, summaryOf, useChatWords } from "./words.ts";

/** What the next message is about: an answer to one, or another version of one. */
export interface About {
  kind: "reply" | "edit";
  message: Message;
}

interface ConversationProps {
  id: string;
  /** What the account's devices have to say, where the list of conversations is out of sight. */
  notices: ReactNode;
  onRead(id: string): void;
}

/** One conversation: what was said, and what one says. */
export function Conversation({ id, notices, onRead }: ConversationProps) {
  const { c, t } = useChatWords();
  const state = useRoom(id);
  const { room, error, retry } = state;
  if (room) return <Open {...{ room, state, notices, onRead }} />;
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
      {isTrackItError(error, "CRYPTO_HISTORY") && (
        <div className="empty evidence">
          <p>{c.evidenceLead}</p>
          <SaveEvidence roomId={id} />
        </div>
      )}
    </>
  );
}

type OpenProps = Pick<ConversationProps, "notices" | "onRead"> & { room: Room; state: RoomState };

function Open({ room, state, notices, onRead }: OpenProps) {
  const [about, setAbout] = useState<About | null>(null);
  const [searches, setSearches] = useState(false);
  useReading(room, state.thread, onRead);
  const isIn = room.role !== null && !room.deleted;
  const close = () => setSearches(false);
  return (
    <div className="conversation">
      <Head room={room} isIn={isIn} searches={searches} onSearch={() => setSearches(!searches)} />
      {notices}
      {searches && <Search room={room} onClose={close} onFound={({ id }) => void state.reach(id)} />}
      <div className="warnings">
        {room.alarm && <AlarmNotice key={room.alarm.message} room={room} alarm={room.alarm} />}
        {isIn && <Strangers room={room} />}
      </div>
      <Messages room={room} state={state} onAbout={setAbout} canWrite={isIn} />
      <Others room={room} typing={state.typing} present={state.present} />
      <Spoken heard={state.thread.find(({ id }) => id === state.heard?.id)} />
      {isIn && <Offline />}
      {isIn ? <Composer room={room} about={about} onDone={() => setAbout(null)} /> : <Out room={room} />}
    </div>
  );
}

interface HeadProps {
  room: Room;
  isIn: boolean;
  searches: boolean;
  onSearch(): void;
}

function Head({ room, isIn, searches, onSearch }: HeadProps) {
  const { c } = useChatWords();
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!isIn) setOpen(false);
  }, [isIn]);
  const isSelf = room.kind === "self";
  return (
    <header className="conversation-head">
      <Back />
      <h2>{nameOf(room, c)}</h2>
      <IconButton icon="search" label={c.search} aria-expanded={searches} onClick={onSearch} />
      {isIn && (
        <Button small tone="ghost" icon={isSelf ? "more" : "people"} onClick={() => setOpen(true)}>
          {isSelf ? c.details : c.members(room.members.length)}
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

interface OthersProps {
  room: Room;
  typing: readonly string[];
  present: readonly string[];
}

/** Who else is here, and who is writing; by what their own devices say. */
function Others({ room, typing, present }: OthersProps) {
  const { c } = useChatWords();
  const named = (ids: readonly string[]) =>
    room.members
      .filter(({ own, userId }) => !own && ids.includes(userId))
      .map(({ username }) => username ?? c.someone)
      .join(", ");
  const [writing, here] = [named(typing), named(present)];
  if (!writing && !here) return null;
  return <p className="others">{writing ? c.typing(writing) : c.present(here)}</p>;
}

function Offline() {
  const { c } = useChatWords();
  const online = useOnline();
  return (
    <div role="status" className="offline">
      {!online && (
        <p className="others">
          <Icon name="cloud" size={18} />
          <span>{c.offline}</span>
        </p>
      )}
    </div>
  );
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
