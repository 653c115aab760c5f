import type { Task } from "@trackit/sdk";
import { type RefObject, useLayoutEffect, useRef, useState } from "react";
import { useToast } from "../../app/toasts.tsx";
import { publish } from "../../data/changes.ts";
import { useTaskWrites } from "../../data/useTaskWrites.ts";
import { differences, useVersions } from "../../data/useVersions.ts";
import { useWords } from "../../i18n/language.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { ConflictDialog } from "../../ui/ConflictDialog.tsx";
import { Meanwhile } from "../../ui/Meanwhile.tsx";
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
  const focus = useRef<string | null>(null);
  const shown = dirty ? base : task;
  const edit = () => {
    if (!dirty) setBase(task);
    setDirty(true);
  };
  return (
    <EditForm
      key={`${shown.id} ${shown.version} ${shown.updatedAt}`}
      task={shown}
      now={task}
      focus={focus}
      dirty={dirty}
      onEdit={edit}
      onDone={() => setDirty(false)}
    />
  );
}

interface EditFormProps {
  /** The row that the fields began with. */
  task: Task;
  /** The row as it is by now. */
  now: Task;
  /** The name of the field that has the focus, handed from one form to the next when the row changes under it. */
  focus: RefObject<string | null>;
  dirty: boolean;
  onEdit(): void;
  onDone(): void;
}

function EditForm({ task, now, focus, dirty, onEdit, onDone }: EditFormProps) {
  const words = useWords();
  const say = useToast();
  const { update } = useTaskWrites();
  const element = useRef<HTMLFormElement>(null);
  useKeptFocus(element, focus);
  const edited = () => taskPatch(new FormData(element.current ?? undefined), task);
  const { save, compare, conflict, ...decisions } = useVersions<Task>(
    async (based) => {
      const patch = edited();
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
      <Meanwhile show={dirty && now.version > task.version} onCompare={() => compare(edited(), task, now)} />
      <Alert text={form.alert} />
      <TaskFields task={task} errors={form.errors} />
      <SaveRow busy={form.busy} dirty={dirty} onCancel={cancel} />
      {conflict && <ConflictDialog rows={differences(conflict, taskValues(words))} {...decisions} />}
    </form>
  );
}

/** A field that is about to be typed into keeps the focus, although the form is drawn anew for a changed row. */
function useKeptFocus(form: RefObject<HTMLFormElement | null>, name: RefObject<string | null>): void {
  useLayoutEffect(() => {
    const element = form.current;
    const field = name.current === null ? null : element?.elements.namedItem(name.current);
    if (field instanceof HTMLElement) field.focus({ preventScroll: true });
    return () => {
      const focused = document.activeElement;
      name.current = focused && element?.contains(focused) ? focused.getAttribute("name") : null;
    };
  }, [form, name]);
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
