import type { Message, Room } from "@trackit/sdk";
import { useEffect, useRef, useState } from "react";
import { Alert } from "../../ui/Alert.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { authorOf, summaryOf, useChatWords } from "./words.ts";
import "./search.css";

interface SearchProps {
  room: Room;
  onFound(message: Message): void;
  onClose(): void;
}

/** Looks through the whole conversation on this device; what is found leads to where it was said. */
export function Search({ room, onFound, onClose }: SearchProps) {
  const { c, format } = useChatWords();
  const [found, setFound] = useState<readonly Message[] | null>(null);
  const box = useRef<HTMLElement>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => {
    const before = document.activeElement;
    box.current?.querySelector("input")?.focus();
    return () => {
      stop.current?.abort();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  const form = useForm(
    async (data) => {
      const words = text(data, "words").trim();
      stop.current = new AbortController();
      setFound(null);
      setFound(words === "" ? [] : await room.search(words, { signal: stop.current.signal }));
    },
    { kept: true },
  );
  const said = found && (found.length > 0 ? c.found(found.length) : c.notFound);
  return (
    <search
      className="finder"
      ref={box}
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
      }}
    >
      <form className="row" {...form.props}>
        <input className="input grow" type="search" name="words" aria-label={c.search} required />
        <Button type="submit" icon="search" busy={form.busy}>
          {c.searchDo}
        </Button>
        <IconButton icon="close" label={c.close} onClick={onClose} />
      </form>
      <Alert text={form.alert ?? form.errors.words ?? null} />
      <p className="hint" role="status">
        {form.busy ? c.searching : said}
      </p>
      {found && found.length > 0 && (
        <ul className="found">
          {found.map((message) => (
            <li key={message.id}>
              <button type="button" onClick={() => onFound(message)}>
                <span className="row spread">
                  <strong>{authorOf(message, c)}</strong>
                  <time className="foot" dateTime={message.at}>
                    {format.dateTime(message.at)}
                  </time>
                </span>
                <span className="found-text">{summaryOf(message, c)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </search>
  );
}
