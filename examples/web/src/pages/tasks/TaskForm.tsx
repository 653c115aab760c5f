import type { Task } from "@trackit/sdk";
import { useRef, useState } from "react";
import { useToast } from "../../app/toasts.tsx";
import { publish } from "../../data/changes.ts";
import { useTaskWrites } from "../../data/useTaskWrites.ts";
import { differences, useVersions } from "../../data/useVersions.ts";
import { useWords } from "../../i18n/language.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { ConflictDialog } from "../../ui/ConflictDialog.tsx";
import { useForm } from "../../ui/useForm.ts";
import { TaskFields } from "./TaskFields.tsx";
import { taskPatch, taskValues } from "./taskPatch.ts";

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
    <EditForm
      key={`${shown.id} ${shown.version}`}
      task={shown}
      dirty={dirty}
      onEdit={edit}
      onDone={() => setDirty(false)}
    />
  );
}

interface EditFormProps {
  task: Task;
  dirty: boolean;
  onEdit(): void;
  onDone(): void;
}

function EditForm({ task, dirty, onEdit, onDone }: EditFormProps) {
  const words = useWords();
  const say = useToast();
  const { update } = useTaskWrites();
  const element = useRef<HTMLFormElement>(null);
  const { save, conflict, ...decisions } = useVersions<Task>(
    async (based) => {
      const patch = taskPatch(new FormData(element.current ?? undefined), task);
      return Object.keys(patch).length > 0 ? update(based, patch) : based;
    },
    (row, outcome) => {
      publish("tasks", row);
      onDone();
      if (outcome === "written") say(words.t.app.saved);
    },
  );
  const form = useForm(() => save(task), { kept: true });
  const cancel = () => {
    element.current?.reset();
    onDone();
  };
  return (
    <form ref={element} className="stack" {...form.props} onChange={onEdit}>
      <Alert text={form.alert} />
      <TaskFields task={task} errors={form.errors} />
      <SaveRow busy={form.busy} dirty={dirty} onCancel={cancel} />
      {conflict && <ConflictDialog rows={differences(conflict, taskValues(words))} {...decisions} />}
    </form>
  );
}

function SaveRow({ busy, dirty, onCancel }: { busy: boolean; dirty: boolean; onCancel(): void }) {
  const { t } = useWords();
  return (
    <div className="row">
      <Button type="submit" tone="primary" busy={busy} disabled={!dirty}>
        {t.app.save}
      </Button>
      {dirty && (
        <Button tone="ghost" onClick={onCancel}>
          {t.app.cancel}
        </Button>
      )}
    </div>
  );
}
