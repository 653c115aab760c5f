import type { BlockedPerson } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { useAction } from "../../data/useAction.ts";
import { Button } from "../../ui/Button.tsx";
import { Failed, Loading } from "../../ui/States.tsx";
import { useChatWords } from "./words.ts";

/** Whom one has blocked, and the end of that. */
export function Blocked() {
  const { c } = useChatWords();
  const { rooms } = useClient();
  const [all, setAll] = useState<BlockedPerson[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(() => {
    setError(null);
    rooms.blocked().toArray().then(setAll, setError);
  }, [rooms]);
  useEffect(load, [load]);
  return (
    <section className="stack" aria-label={c.blockedPeople}>
      <h3>{c.blockedPeople}</h3>
      <p className="quiet small">{all?.length === 0 ? c.blockedNobody : c.blockedLead}</p>
      {error !== null && <Failed error={error} retry={load} />}
      {error === null && !all && <Loading rows={1} />}
      <ul className="lines">
        {all?.map((person) => (
          <BlockedLine key={person.userId} person={person} onGone={load} />
        ))}
      </ul>
    </section>
  );
}

function BlockedLine({ person, onGone }: { person: BlockedPerson; onGone(): void }) {
  const { c, format } = useChatWords();
  const { rooms } = useClient();
  const act = useAction();
  const say = useToast();
  const [busy, setBusy] = useState(false);
  const { blockedAt, userId, username } = person;
  const who = username ?? c.someone;
  const unblock = async () => {
    setBusy(true);
    const isDone = await act(() => rooms.unblock(userId));
    setBusy(false);
    if (!isDone) return;
    say(c.unblocked(who));
    onGone();
  };
  return (
    <li>
      <div className="row">
        <div className="grow">
          <p>{who}</p>
          <p className="hint">{format.date(blockedAt)}</p>
        </div>
        <Button small busy={busy} aria-label={`${c.unblock}: ${who}`} onClick={() => void unblock()}>
          {c.unblock}
        </Button>
      </div>
    </li>
  );
}
