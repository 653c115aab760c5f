import type { Goal, Task } from "@trackit/sdk";
import { Link, useAddress, withQuery } from "../../app/router.tsx";
import { RowMark } from "../../app/sync/RowMark.tsx";
import { useIsNews } from "../../data/news.ts";
import { isOpen } from "../../data/taskViews.ts";
import { useTaskWrites } from "../../data/useTaskWrites.ts";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { hueOf } from "../goals/look.ts";
import type { Drag } from "./useDrag.ts";

interface TaskRowProps {
  task: Task;
  depth: number;
  goal: Goal | undefined;
  drag: Drag | null;
}

export function TaskRow({ task, depth, goal, drag }: TaskRowProps) {
  const address = useAddress();
  const current = address.searchParams.get("task") === task.id;
  const fresh = useIsNews(task.id);
  const classes = ["task", !isOpen(task) && "finished", drag?.id === task.id && "dragged"]
    .filter(Boolean)
    .join(" ");
  return (
    <li
      className={classes}
      data-row={task.id}
      data-current={current || undefined}
      data-fresh={fresh || undefined}
      style={{ "--depth": Math.min(depth, 4) }}
    >
      <Tick task={task} />
      <div className="task-text">
        <Link
          className="task-title"
          href={withQuery(address, { task: task.id })}
          aria-current={current ? "true" : undefined}
        >
          {task.title}
        </Link>
        <TaskFacts task={task} goal={goal} />
      </div>
      <RowMark id={task.id} />
      {drag && depth === 0 && <Grip task={task} drag={drag} />}
    </li>
  );
}

/** Finishes and reopens; brings a deleted task back. */
function Tick({ task }: { task: Task }) {
  const { t } = useWords();
  const { setStatus, restore } = useTaskWrites();
  const finished = !isOpen(task);
  if (task.deletedAt)
    return (
      <Button tone="ghost" small icon="restore" onClick={() => void restore(task)}>
        {t.app.restore}
      </Button>
    );
  return (
    <input
      type="checkbox"
      className="tick"
      aria-label={finished ? t.tasks.reopen(task.title) : t.tasks.finish(task.title)}
      checked={finished}
      data-priority={task.priority}
      onChange={() => void setStatus(task, finished ? "todo" : "done")}
    />
  );
}

function Grip({ task, drag }: { task: Task; drag: Drag }) {
  const { t } = useWords();
  const label = t.tasks.move(task.title);
  return (
    <button type="button" className="grip" aria-label={label} title={label} {...drag.handle(task.id)}>
      <Icon name="grip" />
    </button>
  );
}

/** The line below the title: what a glance needs, nothing where there is nothing. */
function TaskFacts({ task, goal }: { task: Task; goal: Goal | undefined }) {
  const { t, format } = useWords();
  const address = useAddress();
  // On the tasks' own page the view stays; from a goal the tag leads there.
  const onTasks = address.pathname.startsWith("/tasks");
  const tasksWith = (tag: string) =>
    withQuery(onTasks ? address : new URL("/tasks", address), { tag, task: null });
  const late = task.dueAt !== null && isOpen(task) && new Date(task.dueAt) < new Date();
  const status = task.status === "doing" || task.status === "blocked" || task.status === "cancelled";
  if (!task.dueAt && !task.priority && !status && !goal && task.tags.length === 0) return null;
  return (
    <p className="facts">
      {status && <span className={`fact status-${task.status}`}>{t.tasks.statuses[task.status]}</span>}
      {task.dueAt && (
        <time className={late ? "fact late" : "fact"} dateTime={task.dueAt}>
          <Icon name="calendar" size={14} />
          {format.due(task.dueAt)}
          {late && <span className="hidden">, {t.tasks.overdue}</span>}
        </time>
      )}
      {task.priority > 0 && (
        <span className={`fact priority-${task.priority}`}>
          <Icon name="flag" size={14} />
          {t.tasks.priorities[task.priority]}
        </span>
      )}
      {goal && (
        <Link className="fact" href={`/goals/${goal.id}`}>
          <span className="dot" style={{ "--hue": hueOf(goal) }} />
          {goal.title}
        </Link>
      )}
      {task.tags.map((tag) => (
        <Link key={tag} className="fact" href={tasksWith(tag)} aria-label={t.tasks.tagFilter(tag)}>
          #{tag}
        </Link>
      ))}
    </p>
  );
}
