import { isVersionConflict, type Task, type TaskPatch, type VersionConflict } from "@trackit/sdk";
import { useEffect, useRef, useState } from "react";
import { useToast } from "../../app/toasts.tsx";
import { publish } from "../../data/changes.ts";
import { useTaskWrites } from "../../data/useTaskWrites.ts";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { ConflictDialog } from "../../ui/ConflictDialog.tsx";
import { Field, TextField } from "../../ui/Field.tsx";
import { useForm } from "../../ui/useForm.ts";
import { DueFields, GoalField, PriorityField, StatusField } from "./TaskFields.tsx";
import { type TaskPatchField, taskPatch, taskValues } from "./taskPatch.ts";

/**
 * Edits one task. While nothing is typed the fields follow the row; once something is, the row they began with
 * stays their base, and a change from elsewhere in the meantime is shown beside them instead of being lost.
 */
export function TaskForm({ task }: { task: Task }) {
  const [base, setBase] = useState(task);
  const [dirty, setDirty] = useState(false);
  const shown = dirty ? base : task;
  const edit = () => {
    if (!dirty) setBase(task);
    setDirty(true);
  };
  return (
    <Fields
      key={`${shown.id} ${shown.version}`}
      task={shown}
      dirty={dirty}
      onEdit={edit}
      onSaved={() => setDirty(false)}
    />
  );
}

interface FieldsProps {
  task: Task;
  dirty: boolean;
  onEdit(): void;
  onSaved(): void;
}

function Fields({ task, dirty, onEdit, onSaved }: FieldsProps) {
  const { t } = useWords();
  const say = useToast();
  const { update } = useTaskWrites();
  const [conflict, setConflict] = useState<VersionConflict<Task> | null>(null);
  const element = useRef<HTMLFormElement>(null);
  const save = async (patch: TaskPatch, based: Task) => {
    try {
      if (Object.keys(patch).length > 0) await update(based, patch);
      onSaved();
      say(t.app.saved);
    } catch (error) {
      if (!isVersionConflict<Task>(error)) throw error;
      setConflict(error.details);
    }
  };
  const form = useForm((data) => save(taskPatch(data, task), task));
  useEffect(() => () => setConflict(null), []);
  return (
    <form ref={element} className="stack" {...form.props} onChange={onEdit}>
      {form.alert && (
        <p className="alert" role="alert">
          {form.alert}
        </p>
      )}
      <TextField
        label={t.tasks.name}
        name="title"
        required
        maxLength={200}
        defaultValue={task.title}
        error={form.errors.title}
      />
      <Field label={t.tasks.notes} name="description" error={form.errors.description} optional>
        {(control) => <textarea className="input" rows={4} defaultValue={task.description} {...control} />}
      </Field>
      <div className="pair">
        <StatusField task={task} error={form.errors.status} />
        <PriorityField value={task.priority} error={form.errors.priority} />
      </div>
      <DueFields value={task.dueAt} error={form.errors.dueAt} />
      <GoalField task={task} error={form.errors.goalId} />
      <TextField
        label={t.tasks.tags}
        name="tags"
        optional
        hint={t.tasks.tagsHint}
        defaultValue={task.tags.join(", ")}
        error={form.errors.tags}
      />
      <div className="row">
        <Button type="submit" tone="primary" busy={form.busy} disabled={!dirty}>
          {t.app.save}
        </Button>
        {dirty && (
          <Button
            tone="ghost"
            onClick={() => {
              element.current?.reset();
              onSaved();
            }}
          >
            {t.app.cancel}
          </Button>
        )}
      </div>
      {conflict && (
        <TaskConflict
          conflict={conflict}
          onMine={() => {
            setConflict(null);
            if (element.current) void save(taskPatch(new FormData(element.current), task), conflict.theirs);
          }}
          onTheirs={() => {
            setConflict(null);
            publish("tasks", conflict.theirs);
            onSaved();
          }}
          onClose={() => setConflict(null)}
        />
      )}
    </form>
  );
}

interface TaskConflictProps {
  conflict: VersionConflict<Task>;
  onMine(): void;
  onTheirs(): void;
  onClose(): void;
}

function TaskConflict({ conflict: { mine, theirs }, ...actions }: TaskConflictProps) {
  const words = useWords();
  const show = taskValues(words);
  const fields = Object.keys(show) as TaskPatchField[];
  const rows = fields
    .filter((field) => field in mine && JSON.stringify(mine[field]) !== JSON.stringify(theirs[field]))
    .map((field) => ({
      name: show[field].name,
      mine: show[field].text(mine),
      theirs: show[field].text(theirs),
    }));
  return <ConflictDialog rows={rows} {...actions} />;
}
