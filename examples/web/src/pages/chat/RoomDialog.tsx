import type { Room } from "@trackit/sdk";
import { useState } from "react";
import { navigate } from "../../app/router.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { TextField } from "../../ui/Field.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { AddMember } from "./AddMember.tsx";
import { Invites } from "./Invites.tsx";
import { Members } from "./Members.tsx";
import { SaveCopy } from "./SaveCopy.tsx";
import { Sure } from "./Sure.tsx";
import { useChatWords } from "./words.ts";

/** Who is in a conversation, and what one may change about it. */
export function RoomDialog({ room, onClose }: { room: Room; onClose(): void }) {
  const { c } = useChatWords();
  const isGroup = room.kind === "group";
  const leads = room.role === "owner" || room.role === "admin";
  return (
    <Dialog title={room.kind === "self" ? c.self : c.about} onClose={onClose}>
      <div className="stack parts">
        {room.kind !== "self" && <Members room={room} />}
        {isGroup && leads && <AddMember room={room} />}
        {isGroup && leads && <Invites room={room} />}
        {isGroup && leads && <Rename room={room} />}
        <SaveCopy room={room} />
        {room.kind !== "self" && <Ends room={room} onClose={onClose} />}
      </div>
    </Dialog>
  );
}

function Rename({ room }: { room: Room }) {
  const { c } = useChatWords();
  const form = useForm((data) => room.rename(text(data, "name").trim()));
  return (
    <form className="joined" {...form.props}>
      <TextField
        {...{ label: c.groupName, name: "name", maxLength: 100, defaultValue: room.name ?? "" }}
        error={form.errors.name ?? form.alert ?? undefined}
        required
      />
      <Button type="submit" busy={form.busy}>
        {c.rename}
      </Button>
    </form>
  );
}

function Ends({ room, onClose }: { room: Room; onClose(): void }) {
  const { c } = useChatWords();
  const act = useAction();
  const [asked, setAsked] = useState<"leave" | "destroy" | null>(null);
  const end = async () => {
    const call = asked === "destroy" ? () => room.destroy() : () => room.leave();
    if (!(await act(call))) return;
    onClose();
    navigate("/chat");
  };
  if (asked)
    return (
      <Sure
        question={asked === "leave" ? c.leaveSure : c.destroySure}
        onYes={end}
        onNo={() => setAsked(null)}
      />
    );
  return (
    <div className="row">
      <Button small tone="ghost danger" icon="out" onClick={() => setAsked("leave")}>
        {c.leave}
      </Button>
      {room.role === "owner" && (
        <Button small tone="ghost danger" icon="trash" onClick={() => setAsked("destroy")}>
          {c.destroy}
        </Button>
      )}
    </div>
  );
}
