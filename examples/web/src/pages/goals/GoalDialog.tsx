import { type Goal, type GoalPatch, isVersionConflict, type VersionConflict } from "@trackit/sdk";
import { useRef, useState } from "react";
import { publish } from "../../data/changes.ts";
import { useWords } from "../../i18n/language.tsx";
import { Button } from "../../ui/Button.tsx";
import { ConflictDialog } from "../../ui/ConflictDialog.tsx";
import { Dialog } from "../../ui/Dialog.tsx";
import { useForm } from "../../ui/useForm.ts";
import { GoalFields } from "./GoalFields.tsx";
import { type GoalField, goalPatch, goalValues, newGoal } from "./goalPatch.ts";
import { useGoalWrites } from "./useGoalWrites.ts";

interface GoalDialogProps {
  /** The goal to edit; a new one when left out. */
  goal?: Goal;
  onClose(): void;
  onSaved(goal: Goal): void;
}

/** Creates a goal, or edits one. */
export function GoalDialog({ goal, onClose, onSaved }: GoalDialogProps) {
  const { t } = useWords();
  const { create, update } = useGoalWrites();
  // The row as it was when the dialog opened: a change from elsewhere must not slip under the fields.
  const [base] = useState(goal);
  const [conflict, setConflict] = useState<VersionConflict<Goal> | null>(null);
  const element = useRef<HTMLFormElement>(null);
  const save = async (patch: GoalPatch, on: Goal) => {
    try {
      onSaved(Object.keys(patch).length > 0 ? await update(on, patch) : on);
    } catch (error) {
      if (!isVersionConflict<Goal>(error)) throw error;
      setConflict(error.details);
    }
  };
  const form = useForm(async (data) => {
    if (base) await save(goalPatch(data, base), base);
    else onSaved(await create(newGoal(data)));
  });
  return (
    <Dialog title={base ? t.goals.editTitle : t.goals.newTitle} onClose={onClose}>
      <form ref={element} className="stack" {...form.props}>
        {form.alert && (
          <p className="alert" role="alert">
            {form.alert}
          </p>
        )}
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
      {conflict && base && (
        <GoalConflict
          conflict={conflict}
          onMine={() => {
            setConflict(null);
            if (element.current) void save(goalPatch(new FormData(element.current), base), conflict.theirs);
          }}
          onTheirs={() => {
            publish("goals", conflict.theirs);
            onSaved(conflict.theirs);
          }}
          onClose={() => setConflict(null)}
        />
      )}
    </Dialog>
  );
}

interface GoalConflictProps {
  conflict: VersionConflict<Goal>;
  onMine(): void;
  onTheirs(): void;
  onClose(): void;
}

function GoalConflict({ conflict: { mine, theirs }, ...actions }: GoalConflictProps) {
  const show = goalValues(useWords());
  const fields = Object.keys(show) as GoalField[];
  const rows = fields
    .filter((field) => field in mine && mine[field] !== theirs[field])
    .map((field) => ({
      name: show[field].name,
      mine: show[field].text(mine),
      theirs: show[field].text(theirs),
    }));
  return <ConflictDialog rows={rows} {...actions} />;
}
