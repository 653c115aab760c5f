import type { Goal } from "@trackit/sdk";
import { useState } from "react";
import { navigate } from "../../app/router.tsx";
import { useWords } from "../../i18n/language.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { GoalDialog } from "./GoalDialog.tsx";
import { useGoalWrites } from "./useGoalWrites.ts";

/** What may be done with a goal, by the state that it is in. */
export function GoalActions({ goal }: { goal: Goal }) {
  const { t } = useWords();
  const [editing, setEditing] = useState(false);
  const { setStatus, remove, restore } = useGoalWrites();
  if (goal.deletedAt)
    return (
      <Button small icon="restore" onClick={() => void restore(goal)}>
        {t.app.restore}
      </Button>
    );
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
      <IconButton icon="pen" label={t.app.edit} onClick={() => setEditing(true)} />
      {goal.status !== "archived" && (
        <IconButton icon="archive" label={t.goals.archive} onClick={() => void setStatus(goal, "archived")} />
      )}
      <IconButton icon="trash" label={t.app.delete} danger onClick={() => void removeAndClose()} />
      {editing && (
        <GoalDialog goal={goal} onClose={() => setEditing(false)} onSaved={() => setEditing(false)} />
      )}
    </>
  );
}
