import type { Activity } from "@trackit/sdk";
import { Link } from "../../app/router.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Empty, Failed, Loading, Stale } from "../../ui/States.tsx";
import { groupByDay, sentence } from "./sentence.ts";
import { useFeed } from "./useFeed.ts";
import "./activity.css";

/** What happened to one's goals and tasks, newest first, by day. */
export default function ActivityPage() {
  const { t } = useWords();
  const { feed, error, load, more } = useFeed();
  const rows = feed?.rows ?? null;
  return (
    <section className="page" aria-label={t.activity.title}>
      <div className="page-head">
        <h1>{t.activity.title}</h1>
      </div>
      {error !== null && rows === null && <Failed error={error} retry={load} />}
      {error === null && rows === null && <Loading />}
      {rows?.length === 0 && (
        <Empty icon="clock" title={t.activity.empty}>
          <p>{t.activity.emptyLead}</p>
        </Empty>
      )}
      {rows && <Days rows={rows} />}
      {rows && <Stale list={{ error, reload: load }} />}
      {feed?.next && (
        <Button tone="ghost" onClick={more}>
          {t.app.more}
        </Button>
      )}
    </section>
  );
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
