import type { ShareEvent } from "@trackit/sdk";
import { useCallback, useState } from "react";
import { useClient, useSession } from "../../app/client.tsx";
import { useAnswer } from "../../data/useAnswer.ts";
import { Told } from "../../ui/States.tsx";
import { useFilesWords } from "./words.ts";

/** So many of the newest are shown. */
const MOST = 50;

/** What happened to the links of a file, and to those with whom it is shared; read when it is looked at. */
export function Events({ fileId }: { fileId: string }) {
  const { f } = useFilesWords();
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{f.events}</summary>
      {open && <EventList fileId={fileId} />}
    </details>
  );
}

function EventList({ fileId }: { fileId: string }) {
  const { f } = useFilesWords();
  const { shares } = useClient();
  const events = useAnswer(
    useCallback(
      (signal: AbortSignal) => shares.events({ fileId }, { signal }).toArray({ max: MOST }),
      [shares, fileId],
    ),
  );
  return (
    <>
      <Told asked={events} />
      {events.answer?.length === 0 && <p className="small quiet">{f.noEvents}</p>}
      <ul className="events">
        {events.answer?.map((event) => (
          <EventLine key={event.id} event={event} />
        ))}
      </ul>
    </>
  );
}

function EventLine({ event: { at, kind, userId } }: { event: ShareEvent }) {
  const { f, format } = useFilesWords();
  const me = useSession()?.user.id;
  const who = userId === me ? f.who.you : userId ? f.who.account : f.who.stranger;
  return (
    <li className="small">
      <p>
        {f.eventKinds[kind]} · {who}
      </p>
      <p className="quiet">{format.dateTime(at)}</p>
    </li>
  );
}
