import type { Goal } from "@trackit/sdk";
import { Link } from "../../app/router.tsx";
import { RowMark } from "../../app/sync/RowMark.tsx";
import type { GoalView } from "../../data/goalViews.ts";
import { useIsNews } from "../../data/news.ts";
import type { ListState } from "../../data/useList.ts";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Progress, Stale } from "../../ui/States.tsx";
import { hueOf, iconOf } from "./look.ts";
import { useGoalWrites } from "./useGoalWrites.ts";

interface GoalListProps {
  list: ListState<Goal>;
  current: string | null;
  view: GoalView;
}

/** Goals as cards, each with its progress. */
export function GoalList({ list, current, view }: GoalListProps) {
  const { t } = useWords();
  return (
    <>
      <ul className="goals">
        {list.rows.map((goal) => (
          <GoalCard key={goal.id} goal={goal} current={goal.id === current} view={view} />
        ))}
      </ul>
      <Stale list={list} />
      {list.more && (
        <Button tone="ghost" onClick={list.more}>
          {t.app.more}
        </Button>
      )}
    </>
  );
}

function GoalCard({ goal, current, view }: { goal: Goal; current: boolean; view: GoalView }) {
  const { t, format } = useWords();
  const { restore } = useGoalWrites();
  const fresh = useIsNews(goal.id);
  const share = format.percent(goal.progress);
  const late = goal.dueAt !== null && goal.status === "open" && new Date(goal.dueAt) < new Date();
  const query = view === "open" ? "" : `?view=${view}`;
  return (
    <li
      className="goal"
      style={{ "--hue": hueOf(goal) }}
      data-current={current || undefined}
      data-fresh={fresh || undefined}
    >
      <GoalMark goal={goal} />
      <div className="goal-text">
        <div className="goal-head">
          <Link
            className="goal-title"
            href={`/goals/${goal.id}${query}`}
            aria-current={current ? "true" : undefined}
          >
            {goal.title}
          </Link>
          <RowMark id={goal.id} />
          <span className="small quiet">{share}</span>
        </div>
        <Progress share={goal.progress} label={t.goals.progress(share)} />
        {goal.dueAt && (
          <time className={late ? "fact late" : "fact"} dateTime={goal.dueAt}>
            <Icon name="calendar" size={14} />
            {format.due(goal.dueAt)}
          </time>
        )}
      </div>
      {goal.deletedAt && (
        <Button small icon="restore" onClick={() => void restore(goal)}>
          {t.app.restore}
        </Button>
      )}
    </li>
  );
}

/** A goal's icon in its colour. */
export function GoalMark({ goal }: { goal: Pick<Goal, "icon" | "colour"> }) {
  return (
    <span className="mark" style={{ "--hue": hueOf(goal) }}>
      <Icon name={iconOf(goal)} size={20} />
    </span>
  );
}
