import type { Message, RoomSummary } from "@trackit/sdk";
import { Link } from "../../app/router.tsx";
import type { ChatWords } from "../../i18n/chat-en.ts";
import { Icon, type IconName } from "../../ui/Icon.tsx";
import { authorOf, nameOf, problemOf, summaryOf, useChatWords } from "./words.ts";

const icons: Record<RoomSummary["kind"], IconName> = { direct: "user", group: "people", self: "pen" };

/** Conversations as links, with how much in them is new. */
export function RoomList({ rooms, current }: { rooms: readonly RoomSummary[]; current: string | null }) {
  return (
    <ul className="rooms">
      {rooms.map((room) => (
        <RoomLine key={room.id} room={room} isCurrent={room.id === current} />
      ))}
    </ul>
  );
}

function RoomLine({ room, isCurrent }: { room: RoomSummary; isCurrent: boolean }) {
  const { c, format } = useChatWords();
  const { id, kind, activeAt, last, unread } = room;
  const isToday = new Date(activeAt).toDateString() === new Date().toDateString();
  return (
    <li>
      <Link className="room" href={`/chat/${id}`} aria-current={isCurrent ? "page" : undefined}>
        <span className="room-mark">
          <Icon name={icons[kind]} />
        </span>
        <span className="room-words">
          <span className="room-name">{nameOf(room, c)}</span>
          {last && <span className="room-last">{lastOf(last, kind, c)}</span>}
        </span>
        <time className="small quiet" dateTime={activeAt}>
          {isToday ? format.time(activeAt) : format.date(activeAt)}
        </time>
        {unread > 0 && !isCurrent && (
          <span className="unread">
            <span aria-hidden="true">{format.number(unread)}</span>
            <span className="hidden">{c.unread(unread)}</span>
          </span>
        )}
      </Link>
    </li>
  );
}

/** What was said last, and by whom where that is not plain. */
function lastOf(last: Message, kind: RoomSummary["kind"], c: ChatWords): string {
  const said = summaryOf(last, c) || (problemOf(last, c)?.cause ?? "");
  return kind === "group" || (kind === "direct" && last.from.own) ? c.said(authorOf(last, c), said) : said;
}
