import { type Goal, isTrackItError } from "@trackit/sdk";
import { useClient } from "../../app/client.tsx";
import { Link, useAddress } from "../../app/router.tsx";
import { RowNotice } from "../../app/sync/RowMark.tsx";
import { goalSource } from "../../data/taskViews.ts";
import { useList } from "../../data/useList.ts";
import { useRow } from "../../data/useRow.ts";
import { useWords } from "../../i18n/language.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Empty, Failed, Loading, Progress } from "../../ui/States.tsx";
import { QuickAdd } from "../tasks/QuickAdd.tsx";
import { TaskList } from "../tasks/TaskList.tsx";
import { GoalActions } from "./GoalActions.tsx";
import { GoalMark } from "./GoalList.tsx";
import { hueOf } from "./look.ts";

/** One goal: how far it is, what may be done with it, and its tasks. */
export function GoalDetail({ id }: { id: string }) {
  const { t } = useWords();
  const { row: goal, error, reload } = useRow("goals", id);
  const missing = isTrackItError(error, "ACCESS_NOT_FOUND") || isTrackItError(error, "USAGE_INVALID");
  if (!goal && missing)
    return (
      <Empty icon="search" title={t.errors.ACCESS_NOT_FOUND}>
        <BackLink />
      </Empty>
    );
  if (!goal && error) return <Failed error={error} retry={() => reload()} />;
  if (!goal) return <Loading rows={3} />;
  return (
    <div className="stack" style={{ "--hue": hueOf(goal) }}>
      <div className="row detail-head">
        <BackLink />
        <GoalActions goal={goal} />
      </div>
      <RowNotice id={goal.id} />
      <GoalHead goal={goal} />
      {!goal.deletedAt && <QuickAdd goalId={goal.id} />}
      {!goal.deletedAt && <GoalTasks goalId={goal.id} />}
    </div>
  );
}

function BackLink() {
  const { t } = useWords();
  const { search } = useAddress();
  return (
    <Link className="button ghost small detail-back" href={`/goals${search}`}>
      <Icon name="back" size={18} />
      {t.app.back}
    </Link>
  );
}

function GoalHead({ goal }: { goal: Goal }) {
  const { t, format } = useWords();
  const share = format.percent(goal.progress);
  return (
    <header className="stack goal-header">
      <div className="row">
        <GoalMark goal={goal} />
        <h2>{goal.title}</h2>
      </div>
      {goal.description && <p className="goal-description">{goal.description}</p>}
      <p className="row spread small quiet">
        <span>{t.goals.progress(share)}</span>
        {goal.dueAt && <time dateTime={goal.dueAt}>{`${t.goals.due}: ${format.due(goal.dueAt)}`}</time>}
      </p>
      <Progress share={goal.progress} label={t.goals.progress(share)} />
    </header>
  );
}

function GoalTasks({ goalId }: { goalId: string }) {
  const { t } = useWords();
  const client = useClient();
  const list = useList(goalSource(client, goalId));
  if (list.status === "loading") return <Loading />;
  if (list.status === "failed" && list.rows.length === 0)
    return <Failed error={list.error} retry={list.reload} />;
  if (list.rows.length === 0) return <Empty icon="list" title={t.tasks.emptyGoal} />;
  return <TaskList list={list} sortable foldFinished />;
}
