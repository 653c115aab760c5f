import type { Activity } from "@trackit/sdk";
import { useCallback, useEffect, useState } from "react";
import { useClient } from "../../app/client.tsx";
import { Link } from "../../app/router.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Empty, Failed, Loading } from "../../ui/States.tsx";
import { groupByDay, sentence } from "./sentence.ts";
import "./activity.css";

/** What happened to one's goals and tasks, newest first, by day. */
export default function ActivityPage() {
  const { t } = useWords();
  const { rows, next, error, load } = useFeed();
  return (
    <section className="page" aria-label={t.activity.title}>
      <div className="page-head">
        <h1>{t.activity.title}</h1>
      </div>
      {error !== null && rows === null && <Failed error={error} retry={() => load(null)} />}
      {error === null && rows === null && <Loading />}
      {rows?.length === 0 && (
        <Empty icon="clock" title={t.activity.empty}>
          <p>{t.activity.emptyLead}</p>
        </Empty>
      )}
      {rows && <Days rows={rows} />}
      {next && (
        <Button tone="ghost" onClick={() => load(next)}>
          {t.app.more}
        </Button>
      )}
    </section>
  );
}

function useFeed() {
  const client = useClient();
  const [rows, setRows] = useState<Activity[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [error, setError] = useState<unknown>(null);
  const load = useCallback(
    (after: string | null) => {
      setError(null);
      client.activities
        .list()
        .page({ after, limit: 50 })
        .then((page) => {
          setRows((now) => (after && now ? [...now, ...page.rows] : page.rows));
          setNext(page.next);
        }, setError);
    },
    [client],
  );
  useEffect(() => load(null), [load]);
  return { rows, next, error, load };
}

function Days({ rows }: { rows: readonly Activity[] }) {
  const { format } = useWords();
  return groupByDay(rows).map(({ day, rows: ofDay }) => (
    <section key={day} className="day">
      <h2>{format.dayHeading(day)}</h2>
      <ol className="feed">
        {ofDay.map((row) => (
          <Line key={row.id} row={row} />
        ))}
      </ol>
    </section>
  ));
}

function Line({ row }: { row: Activity }) {
  const { t, format } = useWords();
  const { what, title, detail } = sentence(row, t);
  const href = row.entity === "goal" ? `/goals/${row.entityId}` : `/tasks?task=${row.entityId}`;
  return (
    <li className="event">
      <span className="event-icon">
        <Icon name={row.entity === "goal" ? "target" : "list"} size={16} />
      </span>
      <p className="event-text">
        <span className="quiet">{what}</span> {title && <Link href={href}>{title}</Link>}
        {detail && <span className="quiet"> · {detail}</span>}
      </p>
      <time className="small quiet" dateTime={row.createdAt}>
        {format.time(row.createdAt)}
      </time>
    </li>
  );
}
