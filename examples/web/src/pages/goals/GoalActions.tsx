import type { Goal } from "@trackit/sdk";
import { useState } from "react";
import { navigate } from "../../app/router.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { GoalDialog } from "./GoalDialog.tsx";
import { useGoalWrites } from "./useGoalWrites.ts";

/** What may be done with a goal, by the state that it is in. A dialog that is open outlives a change of that. */
export function GoalActions({ goal }: { goal: Goal }) {
  const [editing, setEditing] = useState(false);
  const close = () => setEditing(false);
  return (
    <>
      {goal.deletedAt ? <Restore goal={goal} /> : <Buttons goal={goal} onEdit={() => setEditing(true)} />}
      {editing && <GoalDialog goal={goal} onClose={close} onSaved={close} />}
    </>
  );
}

function Restore({ goal }: { goal: Goal }) {
  const { t } = useWords();
  const { restore } = useGoalWrites();
  return (
    <Button small icon="restore" onClick={() => void restore(goal)}>
      {t.app.restore}
    </Button>
  );
}

function Buttons({ goal, onEdit }: { goal: Goal; onEdit(): void }) {
  const { t } = useWords();
  const { setStatus, remove } = useGoalWrites();
  const open = goal.status === "open";
  const removeAndClose = async () => {
    if (await remove(goal)) navigate("/goals");
  };
  return (
    <>
      <Button
        tone="ghost"
        small
        icon={open ? "check" : "restore"}
        onClick={() => void setStatus(goal, open ? "done" : "open")}
      >
        {open ? t.goals.complete : t.goals.reopen}
      </Button>
      <IconButton icon="pen" label={t.app.edit} onClick={onEdit} />
      {goal.status !== "archived" && (
        <IconButton icon="archive" label={t.goals.archive} onClick={() => void setStatus(goal, "archived")} />
      )}
      <IconButton icon="trash" label={t.app.delete} danger onClick={() => void removeAndClose()} />
    </>
  );
}
