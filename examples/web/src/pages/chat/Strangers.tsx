import type { Room, RoomReset } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { heed } from "../../app/ended.ts";
import { navigate } from "../../app/router.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Safety, useIdentity } from "./Safety.tsx";
import { useChatWords } from "./words.ts";

/** People of a conversation whose keys are not the ones from before: to be looked at before anything goes to them. */
export function Strangers({ room }: { room: Room }) {
  const other = room.kind === "direct" ? room.members.find(({ own }) => !own) : undefined;
  return (
    <>
      {other && <OtherKeys userId={other.userId} who={other.username} />}
      {room.kind !== "self" && <Resets room={room} />}
    </>
  );
}

/** In a room of two: the other has begun anew, and this room does not lead to who they are now. */
function OtherKeys({ userId, who }: { userId: string; who: string | null }) {
  const { c } = useChatWords();
  const { rooms } = useClient();
  const act = useAction();
  const { identity } = useIdentity(userId);
  const [compares, setCompares] = useState(false);
  const close = () => setCompares(false);
  // This conversation takes nothing any more: what follows is said where they are now.
  const begin = () => void act(async () => navigate(`/chat/${(await rooms.direct(userId)).id}`));
  if (!identity?.changed) return null;
  const name = identity.username ?? who ?? c.someone;
  return (
    <div className="alert stack" role="alert">
      <p>{c.identity(name)}</p>
      <div className="row">
        <Button small onClick={() => setCompares(true)}>
          {c.compare}
        </Button>
      </div>
      {compares && <Compare who={name} id={userId} onAccepted={begin} onClose={close} />}
    </div>
  );
}

interface CompareProps {
  who: string;
  id: string;
  onAccepted?(): void;
  onClose(): void;
}

function Compare({ onClose, ...about }: CompareProps) {
  const { c } = useChatWords();
  return (
    <Dialog title={c.safety} onClose={onClose}>
      <Safety {...about} />
    </Dialog>
  );
}

function Resets({ room }: { room: Room }) {
  const [resets, setResets] = useState<readonly RoomReset[]>([]);
  const load = useCallback(() => {
    room.resets().then(setResets, heed);
  }, [room]);
  useEffect(() => {
    load();
    const stops = [
      room.on("room", load),
      // What is not taken may not be taken because of them.
      room.on("change", ({ status }) => (status === "failed" || status === "held") && load()),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [room, load]);
  return resets.map((reset) => <ResetLine key={reset.userId} reset={reset} room={room} onDone={load} />);
}

function ResetLine({ reset, room, onDone }: { reset: RoomReset; room: Room; onDone(): void }) {
  const { c } = useChatWords();
  const { devices, rooms } = useClient();
  const act = useAction();
  const say = useToast();
  const [busy, setBusy] = useState(false);
  const [compares, setCompares] = useState(false);
  const { userId } = reset;
  const who = reset.username ?? c.someone;
  const isDirect = room.kind === "direct";
  const leads = room.role === "owner" || room.role === "admin";
  const run = async (call: () => Promise<void>) => {
    setBusy(true);
    const isDone = await act(call);
    setBusy(false);
    if (isDone) onDone();
  };
  const addBack = async () => {
    await devices.accept(userId);
    await room.add(userId);
    say(c.added(who));
  };
  // A conversation of two leads to who they were: what follows is said in another.
  const meet = async () => {
    await devices.accept(userId);
    navigate(`/chat/${(await rooms.direct(userId)).id}`);
  };
  return (
    <div className="notice stack" role="status">
      <p>
        <strong>{isDirect ? c.beganDirect(who) : c.began(who)}</strong>{" "}
        {leads || isDirect ? c.beganLead : c.beganWait}
      </p>
      <div className="row">
        <Button small onClick={() => setCompares(true)}>
          {c.compare}
        </Button>
        {isDirect && (
          <Button small tone="primary" busy={busy} onClick={() => void run(meet)}>
            {c.meet}
          </Button>
        )}
        {leads && !isDirect && (
          <Button small tone="primary" busy={busy} onClick={() => void run(addBack)}>
            {c.addBack}
          </Button>
        )}
        <Button small tone="ghost" busy={busy} onClick={() => void run(() => room.acknowledgeReset(userId))}>
          {c.noted}
        </Button>
      </div>
      {compares && <Compare who={who} id={userId} onClose={() => setCompares(false)} />}
    </div>
  );
}
