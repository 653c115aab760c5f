import type { Room, RoomMember, RoomRole } from "@trackit/sdk";
import { useState } from "react";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { Person } from "./Person.tsx";
import { useChatWords } from "./words.ts";

const roles: readonly RoomRole[] = ["member", "admin", "owner"];

/** Everybody in a conversation; what they signed themselves as, not what the server calls them. */
export function Members({ room }: { room: Room }) {
  return (
    <ul className="lines">
      {room.members.map((member) => (
        <MemberLine key={member.userId} member={member} room={room} />
      ))}
    </ul>
  );
}

function MemberLine({ member, room }: { member: RoomMember; room: Room }) {
  const { c } = useChatWords();
  const [open, setOpen] = useState(false);
  const { own, username } = member;
  const who = username ?? c.someone;
  return (
    <li>
      <div className="row spread">
        <span className="grow">
          {who}
          {own && <span className="quiet"> · {c.you}</span>}
        </span>
        {room.kind === "group" && <Role member={member} room={room} who={who} />}
      </div>
      {!own && (
        <div className="row">
          <Button
            small
            tone="ghost"
            aria-expanded={open}
            aria-label={c.person(who)}
            onClick={() => setOpen(!open)}
          >
            {c.details}
          </Button>
          <Removing member={member} room={room} who={who} />
        </div>
      )}
      {open && <Person {...{ member, who, roomId: room.id }} />}
    </li>
  );
}

interface LineProps {
  member: RoomMember;
  room: Room;
  who: string;
}

function Role({ member: { own, role, userId }, room, who }: LineProps) {
  const { c } = useChatWords();
  const act = useAction();
  const [busy, setBusy] = useState(false);
  if (own || room.role !== "owner") return <span className="quiet small">{c.roles[role]}</span>;
  const change = async (next: RoomRole | undefined) => {
    if (!next || busy) return;
    setBusy(true);
    await act(() => room.setRole(userId, next));
    setBusy(false);
  };
  return (
    <select
      className="input role"
      aria-label={c.roleOf(who)}
      aria-busy={busy || undefined}
      value={role}
      onChange={(event) => void change(roles.find((one) => one === event.target.value))}
    >
      {roles.map((one) => (
        <option key={one} value={one}>
          {c.roles[one]}
        </option>
      ))}
    </select>
  );
}

function Removing({ member: { role, userId }, room, who }: LineProps) {
  const { c } = useChatWords();
  const act = useAction();
  const say = useToast();
  const [busy, setBusy] = useState(false);
  const mayRemove =
    room.kind === "group" &&
    roles.indexOf(role) < roles.indexOf(room.role ?? "member") &&
    room.role !== "member";
  if (!mayRemove) return null;
  const remove = async () => {
    setBusy(true);
    if (await act(() => room.remove(userId))) say(c.removed(who));
    setBusy(false);
  };
  return (
    <Button
      small
      tone="ghost danger"
      busy={busy}
      aria-label={`${c.remove}: ${who}`}
      onClick={() => void remove()}
    >
      {c.remove}
    </Button>
  );
}
