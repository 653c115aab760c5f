import type { Room, RoomMember, RoomRole } from "@trackit/sdk";
import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { Safety } from "./Safety.tsx";
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
  const [compares, setCompares] = useState(false);
  const { own, username, userId } = member;
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
          <Button small tone="ghost" aria-expanded={compares} onClick={() => setCompares(!compares)}>
            {c.safety}
          </Button>
          <Removing member={member} room={room} who={who} />
        </div>
      )}
      {compares && <Safety who={who} id={userId} />}
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
  const { rooms } = useClient();
  const act = useAction();
  const say = useToast();
  const [busy, setBusy] = useState(false);
  const run = async (call: () => Promise<void>, said: string) => {
    setBusy(true);
    if (await act(call)) say(said);
    setBusy(false);
  };
  const mayRemove =
    room.kind === "group" &&
    roles.indexOf(role) < roles.indexOf(room.role ?? "member") &&
    room.role !== "member";
  return (
    <>
      {mayRemove && (
        <Button
          small
          tone="ghost danger"
          busy={busy}
          aria-label={`${c.remove}: ${who}`}
          onClick={() => void run(() => room.remove(userId), c.removed(who))}
        >
          {c.remove}
        </Button>
      )}
      <Button
        small
        tone="ghost danger"
        aria-label={`${c.block}: ${who}`}
        onClick={() => void run(() => rooms.block(userId), c.blocked(who))}
      >
        {c.block}
      </Button>
    </>
  );
}
