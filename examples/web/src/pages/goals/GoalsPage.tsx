import { useState } from "react";
import { useClient } from "../../app/client.tsx";
import { Panes } from "../../app/Panes.tsx";
import { navigate, pathParts, useAddress, withQuery } from "../../app/router.tsx";
import { Views } from "../../app/Views.tsx";
import { type GoalView, goalSource, goalViews } from "../../data/goalViews.ts";
import { useList } from "../../data/useList.ts";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { Aside, Empty, Failed, Loading } from "../../ui/States.tsx";
import { TaskDetail } from "../tasks/TaskDetail.tsx";
import { GoalDetail } from "./GoalDetail.tsx";
import { GoalDialog } from "./GoalDialog.tsx";
import { GoalList } from "./GoalList.tsx";
import "./goals.css";

/** The goals, by view; the chosen one, or one of its tasks, beside them. */
export default function GoalsPage() {
  const { t } = useWords();
  const address = useAddress();
  const [creating, setCreating] = useState(false);
  const goalId = pathParts(address)[1] ?? null;
  const taskId = address.searchParams.get("task");
  const view = goalViews.find((one) => one === address.searchParams.get("view")) ?? "open";
  const detail = taskId ? (
    <TaskDetail id={taskId} key={taskId} />
  ) : goalId ? (
    <GoalDetail id={goalId} key={goalId} />
  ) : (
    <Aside icon="target">{t.goals.choose}</Aside>
  );
  return (
    <Panes label={t.goals.title} detailLabel={t.tasks.details} open={taskId ?? goalId} detail={detail}>
      <div className="page-head">
        <h1>{t.goals.title}</h1>
        <Button tone="primary" icon="plus" onClick={() => setCreating(true)}>
          {t.goals.new}
        </Button>
      </div>
      <ViewStrip view={view} />
      <Goals view={view} current={goalId} onNew={() => setCreating(true)} />
      {creating && (
        <GoalDialog
          onClose={() => setCreating(false)}
          onSaved={(goal) => {
            setCreating(false);
            navigate(`/goals/${goal.id}`);
          }}
        />
      )}
    </Panes>
  );
}

function Goals({ view, current, onNew }: { view: GoalView; current: string | null; onNew(): void }) {
  const { t } = useWords();
  const client = useClient();
  const list = useList(goalSource(client, view));
  if (list.status === "loading") return <Loading />;
  if (list.status === "failed" && list.rows.length === 0)
    return <Failed error={list.error} retry={list.reload} />;
  if (list.rows.length > 0) return <GoalList list={list} current={current} view={view} />;
  if (view !== "open") return <Empty icon="target" title={t.goals.emptyOther} />;
  return (
    <Empty icon="target" title={t.goals.emptyOpen}>
      <p>{t.goals.emptyOpenLead}</p>
      <Button tone="primary" icon="plus" onClick={onNew}>
        {t.goals.create}
      </Button>
    </Empty>
  );
}

function ViewStrip({ view }: { view: GoalView }) {
  const { t } = useWords();
  const address = useAddress();
  const views = goalViews.map((one) => ({
    href: withQuery(address, { view: one === "open" ? null : one, task: null }),
    label: t.goals.views[one],
    current: one === view,
  }));
  return <Views label={t.goals.view} views={views} />;
}
