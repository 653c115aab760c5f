import type { Priority, Task } from "@trackit/sdk";
import { useClient } from "../../app/client.tsx";
import { dayField, timeField } from "../../data/due.ts";
import { goalSource } from "../../data/goalViews.ts";
import { useList } from "../../data/useList.ts";
import { isWholeDay } from "../../i18n/format.ts";
import { useWords } from "../../i18n/language.tsx";
import { Field, TextField } from "../../ui/Field.tsx";
import { priorities, statuses } from "./taskPatch.ts";

interface WithError {
  error: string | undefined;
}

/** Every field of a task's form. */
export function TaskFields({ task, errors }: { task: Task; errors: Record<string, string> }) {
  const { t } = useWords();
  return (
    <>
      <TextField
        label={t.tasks.name}
        name="title"
        required
        maxLength={200}
        defaultValue={task.title}
        error={errors.title}
      />
      <Field label={t.tasks.notes} name="description" error={errors.description} optional>
        {(control) => <textarea className="input" rows={4} defaultValue={task.description} {...control} />}
      </Field>
      <div className="pair">
        <StatusField task={task} error={errors.status} />
        <PriorityField value={task.priority} error={errors.priority} />
      </div>
      <DueFields value={task.dueAt} error={errors.dueAt} />
      <GoalField task={task} error={errors.goalId} />
      <TextField
        label={t.tasks.tags}
        name="tags"
        optional
        hint={t.tasks.tagsHint}
        defaultValue={task.tags.join(", ")}
        error={errors.tags}
      />
    </>
  );
}

function StatusField({ task, error }: WithError & { task: Task }) {
  const { t } = useWords();
  return (
    <Field label={t.tasks.status} name="status" error={error}>
      {(control) => (
        <select className="input" defaultValue={task.status} {...control}>
          {statuses.map((status) => (
            <option key={status} value={status}>
              {t.tasks.statuses[status]}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function PriorityField({ value, error }: WithError & { value: Priority }) {
  const { t } = useWords();
  return (
    <Field label={t.tasks.priority} name="priority" error={error}>
      {(control) => (
        <select className="input" defaultValue={value} {...control}>
          {priorities.map((priority) => (
            <option key={priority} value={priority}>
              {t.tasks.priorities[priority]}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** The day and, if one likes, the hour. */
function DueFields({ value, error }: WithError & { value: string | null }) {
  const { t } = useWords();
  const at = value === null ? null : new Date(value);
  return (
    <div className="pair">
      <TextField
        label={t.goals.dueDate}
        name="dueAt"
        type="date"
        defaultValue={at ? dayField(at) : ""}
        error={error}
      />
      <TextField
        label={t.goals.dueTime}
        name="dueTime"
        type="time"
        optional
        defaultValue={at && !isWholeDay(at) ? timeField(at) : ""}
      />
    </div>
  );
}

/** The goal of a task: the open ones, and the one that it has. */
function GoalField({ task, error }: WithError & { task: Task }) {
  const { t } = useWords();
  const client = useClient();
  const goals = useList(goalSource(client, "open"));
  const known = goals.rows.some((goal) => goal.id === task.goalId);
  return (
    <Field label={t.tasks.goal} name="goalId" error={error}>
      {(control) => (
        <select
          className="input"
          defaultValue={task.goalId ?? ""}
          key={`${goals.status} ${known}`}
          {...control}
        >
          <option value="">{t.tasks.noGoal}</option>
          {task.goalId && !known && <option value={task.goalId}>…</option>}
          {goals.rows.map((goal) => (
            <option key={goal.id} value={goal.id}>
              {goal.title}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
