import type { ExportStream, ReadProgress, Room } from "@trackit/sdk";
import { useEffect, useRef, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { Progress } from "../../ui/States.tsx";
import { saveAs } from "../../ui/saveAs.ts";
import { nameOf, useChatWords } from "./words.ts";

/** What this device can read of a conversation, as a file. */
export function SaveCopy({ room }: { room: Room }) {
  const { c } = useChatWords();
  const { run, share } = useSaving();
  const name = fileName(nameOf(room, c));
  const save = (format: "text" | "json") =>
    run(`${name}.${format === "text" ? "txt" : "json"}`, (onProgress, signal) =>
      room.export({ format, onProgress, signal }),
    );
  return (
    <section className="stack" aria-label={c.copyTitle}>
      <h3>{c.copyTitle}</h3>
      <p className="quiet small">{c.copyLead}</p>
      <div className="row">
        <Button small icon="download" busy={share !== null} onClick={() => void save("text")}>
          {c.copyText}
        </Button>
        <Button small icon="download" busy={share !== null} onClick={() => void save("json")}>
          {c.copyJson}
        </Button>
      </div>
      {share !== null && <Progress share={share} label={c.copying} />}
    </section>
  );
}

/** What proves to somebody else what the server has shown; also of a conversation that does not open. */
export function SaveEvidence({ roomId }: { roomId: string }) {
  const { c } = useChatWords();
  const { rooms } = useClient();
  const { run, share } = useSaving();
  const save = () =>
    run(`evidence-${roomId.slice(0, 8)}.json`, (onProgress, signal) =>
      rooms.exportEvidence(roomId, { onProgress, signal }),
    );
  return (
    <>
      <Button small icon="download" busy={share !== null} onClick={() => void save()}>
        {c.evidence}
      </Button>
      {share !== null && <Progress share={share} label={c.copying} />}
    </>
  );
}

type Make = (onProgress: (progress: ReadProgress) => void, signal: AbortSignal) => ExportStream;

function useSaving() {
  const act = useAction();
  const [share, setShare] = useState<number | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const run = async (name: string, make: Make) => {
    const over = new AbortController();
    stop.current = over;
    setShare(0);
    const onProgress = ({ done, total }: ReadProgress) => setShare(total === 0 ? 1 : done / total);
    await act(async () => {
      const pieces: string[] = [];
      for await (const piece of make(onProgress, over.signal)) pieces.push(piece);
      const type = name.endsWith(".json") ? "application/json" : "text/plain";
      saveAs(new Blob(pieces, { type }), name);
    });
    setShare(null);
  };
  return { run, share };
}

/** A name that every system takes. */
const fileName = (name: string): string =>
  name
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .trim()
    .slice(0, 60) || "chat";
