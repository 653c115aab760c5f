import { isTrackItError, type Room } from "@trackit/sdk";
import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { heed } from "../../app/ended.ts";
import { useToast } from "../../app/toasts.tsx";
import { describeFailure } from "../../i18n/failure.ts";
import { Button, IconButton } from "../../ui/Button.tsx";
import { useDrop } from "../../ui/useDrop.ts";
import { AttachButton, AttachedFiles } from "./Attaching.tsx";
import type { About } from "./Conversation.tsx";
import { useAttaching } from "./useAttaching.ts";
import { authorOf, summaryOf, useChatWords } from "./words.ts";
import "./composer.css";

interface ComposerProps {
  room: Room;
  about: About | null;
  onDone(): void;
}

/** Where one writes. What is sent stands in the thread at once, so the next can be written. */
export function Composer({ room, about, onDone }: ComposerProps) {
  const { c, t } = useChatWords();
  const say = useToast();
  const id = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState("");
  const attaching = useAttaching(room);
  const takes = attaching.sending === null && about?.kind !== "edit";
  const isOver = useDrop(takes ? (dropped) => attaching.add(dropped.map(({ file }) => file)) : null);
  useEffect(() => {
    if (!about) return;
    if (about.kind === "edit") setText(about.message.text);
    field.current?.focus();
  }, [about]);
  const stop = () => {
    if (about?.kind === "edit") setText("");
    onDone();
  };
  const sendFiles = async () => {
    const replyTo = about?.kind === "reply" ? { replyTo: about.message.id } : {};
    room.typing(false);
    if (!(await attaching.send({ caption: text.trim(), ...replyTo }))) return;
    setText("");
    onDone();
  };
  const send = () => {
    if (attaching.sending) return;
    if (attaching.files.length > 0 && about?.kind !== "edit") return void sendFiles();
    const said = text.trim();
    if (said === "") return;
    setText("");
    room.typing(false);
    onDone();
    const sent =
      about?.kind === "edit"
        ? room.edit(about.message, said)
        : room.send(said, about ? { replyTo: about.message } : {});
    sent.catch((error: unknown) => {
      heed(error);
      // What is held says so itself, where it stands.
      if (!isTrackItError(error, "CONFLICT_AUDIENCE")) say(describeFailure(error, t).text, { tone: "error" });
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape" && about) stop();
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  return (
    <form className="composer" onSubmit={onSubmit}>
      {about && (
        <p className="row composer-about small">
          <span>
            <strong>{about.kind === "edit" ? c.editing : c.replying(authorOf(about.message, c))}</strong>{" "}
            {summaryOf(about.message, c)}
          </span>
          <IconButton icon="close" label={c.stop} onClick={stop} />
        </p>
      )}
      <AttachedFiles attaching={attaching} />
      <AttachButton onPick={attaching.add} disabled={!takes} />
      <textarea
        ref={field}
        className="input"
        rows={1}
        aria-label={c.write}
        aria-describedby={id}
        placeholder={c.write}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          room.typing(event.target.value !== "");
        }}
        onKeyDown={onKeyDown}
        onPaste={({ clipboardData }) => {
          if (clipboardData.files.length > 0) attaching.add([...clipboardData.files]);
        }}
      />
      <Button type="submit" tone="primary" icon="plane" busy={attaching.sending !== null}>
        {c.send}
      </Button>
      <p className="hidden" id={id}>
        {c.keys}
      </p>
      {isOver && <p className="drop-here">{c.drop}</p>}
    </form>
  );
}
