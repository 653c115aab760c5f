import type { Task } from "@trackit/sdk";
import { useClient } from "../../app/client.tsx";
import { subtaskSource } from "../../data/taskViews.ts";
import { useList } from "../../data/useList.ts";
import { useTaskWrites } from "../../data/useTaskWrites.ts";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { readQuick } from "./quick.ts";
import { TaskList } from "./TaskList.tsx";

/** The steps of one task. */
export function Subtasks({ parent }: { parent: Task }) {
  const { t } = useWords();
  const client = useClient();
  const { create } = useTaskWrites();
  const list = useList(subtaskSource(client, parent.id));
  const add = async (data: FormData, element: HTMLFormElement) => {
    await create({ ...readQuick(text(data, "title")), parentId: parent.id, goalId: parent.goalId });
    element.reset();
  };
  const form = useForm(add, { kept: true });
  const problem = form.alert ?? Object.values(form.errors)[0];
  return (
    <section className="stack subtasks" aria-label={t.tasks.subtasks}>
      <h3>{t.tasks.subtasks}</h3>
      {list.rows.length > 0 && <TaskList list={{ ...list, rows: [...list.rows] }} sortable />}
      <form className="quick" {...form.props}>
        <input
          className="input"
          name="title"
          aria-label={t.tasks.addSubtask}
          placeholder={t.tasks.addSubtask}
          required
          autoComplete="off"
        />
        <Button type="submit" icon="plus" busy={form.busy}>
          {t.tasks.add}
        </Button>
        {problem && (
          <p className="error" role="alert">
            {problem}
          </p>
        )}
      </form>
    </section>
  );
}
