import type { Goal } from "@trackit/sdk";
import { useRef, useState } from "react";
import { publish } from "../../data/changes.ts";
import { differences, useVersions } from "../../data/useVersions.ts";
import { useWords } from "../../i18n/language.tsx";
import { Alert } from "../../ui/Alert.tsx";
import { Button } from "../../ui/Button.tsx";
import { ConflictDialog } from "../../ui/ConflictDialog.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { Meanwhile } from "../../ui/Meanwhile.tsx";
import { useForm } from "../../ui/useForm.ts";
import { GoalFields } from "./GoalFields.tsx";
import { goalPatch, goalValues, newGoal } from "./goalPatch.ts";
import { useGoalWrites } from "./useGoalWrites.ts";

interface GoalDialogProps {
  /** The goal to edit; a new one when left out. */
  goal?: Goal;
  onClose(): void;
  onSaved(goal: Goal): void;
}

/** Creates a goal, or edits one. */
export function GoalDialog({ goal, onClose, onSaved }: GoalDialogProps) {
  const words = useWords();
  const { t } = words;
  const { create, update } = useGoalWrites();
  // The row as it was when the dialog opened: a change from elsewhere must not slip under the fields.
  const [base] = useState(goal);
  const element = useRef<HTMLFormElement>(null);
  const edited = (of: Goal) => goalPatch(new FormData(element.current ?? undefined), of);
  const { save, compare, conflict, ...decisions } = useVersions<Goal>(
    async (based) => {
      const patch = edited(base ?? based);
      return Object.keys(patch).length > 0 ? update(based, patch) : based;
    },
    (row) => {
      publish("goals", row);
      onSaved(row);
    },
  );
  const form = useForm(async (data) => (base ? save(base) : onSaved(await create(newGoal(data)))), {
    kept: true,
  });
  return (
    <Dialog title={base ? t.goals.editTitle : t.goals.newTitle} onClose={onClose}>
      <form ref={element} className="stack" {...form.props}>
        {goal && base && (
          <Meanwhile show={goal.version > base.version} onCompare={() => compare(edited(base), base, goal)} />
        )}
        <Alert text={form.alert} />
        <GoalFields goal={base} errors={form.errors} />
        <div className="row">
          <Button type="submit" tone="primary" busy={form.busy}>
            {base ? t.app.save : t.goals.create}
          </Button>
          <Button tone="ghost" onClick={onClose}>
            {t.app.cancel}
          </Button>
        </div>
      </form>
      {conflict && <ConflictDialog rows={differences(conflict, goalValues(words))} {...decisions} />}
    </Dialog>
  );
}
