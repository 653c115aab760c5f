import type { Message, Room } from "@trackit/sdk";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import type { About } from "./Conversation.tsx";
import { useChatWords } from "./words.ts";

const emojis = ["👍", "❤️", "😂", "🎉", "😢"];

interface MessageActionsProps {
  message: Message;
  room: Room;
  onAbout(about: About): void;
  onDone(): void;
}

/** What one may do with a message that stands in the room. */
export function MessageActions({ message, room, onAbout, onDone }: MessageActionsProps) {
  const { c } = useChatWords();
  const act = useAction();
  const { own } = message.from;
  const choose = (kind: About["kind"]) => {
    onAbout({ kind, message });
    onDone();
  };
  const run = (call: () => Promise<void>) => {
    onDone();
    void act(call);
  };
  const mine = (emoji: string) => message.reactions.some((one) => one.emoji === emoji && one.own);
  return (
    <div className="row message-actions">
      {emojis.map((emoji) => (
        <button
          type="button"
          key={emoji}
          className="reaction"
          aria-label={c.react(emoji)}
          aria-pressed={mine(emoji)}
          onClick={() => run(() => room.react(message, emoji, { on: !mine(emoji) }))}
        >
          {emoji}
        </button>
      ))}
      <Button small tone="ghost" onClick={() => choose("reply")}>
        {c.reply}
      </Button>
      {own && message.content?.kind === "text" && (
        <Button small tone="ghost" onClick={() => choose("edit")}>
          {c.edit}
        </Button>
      )}
      {own && (
        <Button small tone="ghost danger" onClick={() => run(() => room.delete(message))}>
          {c.delete}
        </Button>
      )}
    </div>
  );
}
