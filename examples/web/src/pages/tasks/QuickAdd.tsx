import { useId, useState } from "react";
import { dueFrom } from "../../data/due.ts";
import { useTaskWrites } from "../../data/useTaskWrites.ts";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { text, useForm } from "../../ui/useForm.ts";
import { readQuick } from "./quick.ts";

interface QuickAddProps {
  goalId?: string | null;
  /** The day that the date field starts with, as `2026-11-20`. */
  day?: string;
}

/** A task in one line: title, #tags, !priority, and a day beside it. */
export function QuickAdd({ goalId = null, day = "" }: QuickAddProps) {
  const { t } = useWords();
  const id = useId();
  const { create } = useTaskWrites();
  const [added, setAdded] = useState(0);
  const add = async (data: FormData, element: HTMLFormElement) => {
    const quick = readQuick(text(data, "title"));
    await create({ ...quick, goalId, dueAt: dueFrom(text(data, "dueAt"), "") });
    element.reset();
    setAdded((n) => n + 1);
    const field = element.elements.namedItem("title");
    if (field instanceof HTMLElement) field.focus();
  };
  const form = useForm(add, { kept: true });
  const problem = form.alert ?? Object.values(form.errors)[0];
  return (
    <form className="quick" {...form.props}>
      <input
        className="input"
        name="title"
        aria-label={t.tasks.quickAdd}
        placeholder={t.tasks.quickAddHint}
        required
        maxLength={300}
        autoComplete="off"
        aria-invalid={problem ? true : undefined}
        aria-describedby={problem ? id : undefined}
      />
      <DayField day={day} key={`${day} ${added}`} />
      <Button type="submit" tone="primary" icon="plus" busy={form.busy}>
        {t.tasks.add}
      </Button>
      {problem && (
        <p className="error" role="alert" id={id}>
          {problem}
        </p>
      )}
    </form>
  );
}

/** A day, small until there is one. */
function DayField({ day }: { day: string }) {
  const { t } = useWords();
  const [empty, setEmpty] = useState(day === "");
  return (
    <input
      className="input quick-day"
      type="date"
      name="dueAt"
      aria-label={t.goals.dueDate}
      title={t.goals.dueDate}
      defaultValue={day}
      data-empty={empty}
      onChange={(event) => setEmpty(event.target.value === "")}
    />
  );
}
