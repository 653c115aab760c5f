import type { ChatAlarm, Room } from "@trackit/sdk";
import { useState } from "react";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { SaveEvidence } from "./SaveCopy.tsx";
import { useChatWords } from "./words.ts";

/** What is wrong, and the way on: what a member saw can be talked over, what the server shows cannot. */
export function AlarmNotice({ room, alarm }: { room: Room; alarm: ChatAlarm }) {
  const { c } = useChatWords();
  const act = useAction();
  const [isOver, setOver] = useState(false);
  if (isOver) return null;
  const goOn = async () => setOver(await act(() => room.goOn()));
  const told = alarm.kind === "copy" ? c.alarms.copy : c.alarms.server;
  const who = room.members.find(({ userId }) => userId === alarm.userId)?.username ?? c.someone;
  const isMembers = alarm.kind === "history" && alarm.userId !== null;
  return (
    <div className="alert stack" role="alert">
      <p>
        <strong>{c.alarm}</strong> {isMembers ? c.alarmMember(who) : told.cause}{" "}
        {isMembers ? c.alarmNext : told.next}
      </p>
      <p className="small">{c.evidenceLead}</p>
      <div className="row">
        <SaveEvidence roomId={room.id} />
        {isMembers && (
          <Button small onClick={() => void goOn()}>
            {c.goOn}
          </Button>
        )}
      </div>
    </div>
  );
}
