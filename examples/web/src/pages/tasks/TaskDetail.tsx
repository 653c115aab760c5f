import { isTrackItError, type Task } from "@trackit/sdk";
import { Link, navigate, useAddress, withQuery } from "../../app/router.tsx";
import { RowNotice } from "../../app/sync/RowMark.tsx";
import { useRow } from "../../data/useRow.ts";
import { useTaskWrites } from "../../data/useTaskWrites.ts";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { Empty, Failed, Loading } from "../../ui/States.tsx";
import { Subtasks } from "./Subtasks.tsx";
import { TaskForm } from "./TaskForm.tsx";
import "./tasks.css";

/** One task whole: its fields, its subtasks, and the way to delete it. */
export function TaskDetail({ id }: { id: string }) {
  const { t } = useWords();
  const { row: task, error, reload } = useRow("tasks", id);
  const missing = isTrackItError(error, "ACCESS_NOT_FOUND") || isTrackItError(error, "USAGE_INVALID");
  if (!task && missing)
    return (
      <Empty icon="search" title={t.tasks.gone}>
        <BackLink />
      </Empty>
    );
  if (!task && error) return <Failed error={error} retry={() => reload()} />;
  if (!task) return <Loading rows={3} />;
  return (
    <div className="stack task-detail">
      <div className="row detail-head">
        <BackLink />
        <TaskActions task={task} />
      </div>
      <RowNotice id={task.id} />
      {task.deletedAt && (
        <p className="row-notice" role="status">
          <Icon name="trash" size={16} />
          <span>{t.tasks.isDeleted}</span>
        </p>
      )}
      <TaskForm task={task} />
      {!task.deletedAt && <Subtasks parent={task} />}
      <TaskDates task={task} />
    </div>
  );
}

function BackLink() {
  const { t } = useWords();
  const address = useAddress();
  return (
    <Link className="button ghost small detail-back" href={withQuery(address, { task: null })}>
      <Icon name="back" size={18} />
      {t.app.back}
    </Link>
  );
}

function TaskActions({ task }: { task: Task }) {
  const { t } = useWords();
  const address = useAddress();
  const { remove, restore } = useTaskWrites();
  if (task.deletedAt)
    return (
      <Button small icon="restore" onClick={() => void restore(task)}>
        {t.app.restore}
      </Button>
    );
  const removeAndClose = async () => {
    if (await remove(task)) navigate(withQuery(address, { task: task.parentId }));
  };
  return (
    <Button tone="ghost danger" small icon="trash" onClick={() => void removeAndClose()}>
      {t.app.delete}
    </Button>
  );
}

function TaskDates({ task }: { task: Task }) {
  const { t, format } = useWords();
  return (
    <p className="hint">
      {t.tasks.created(format.dateTime(task.createdAt))} · {t.tasks.changed(format.dateTime(task.updatedAt))}
    </p>
  );
}
