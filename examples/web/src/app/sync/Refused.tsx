import { type FailedWrite, type Goal, isVersionConflict, type Task } from "@trackit/sdk";
import { useState } from "react";
import { publish } from "../../data/changes.ts";
import { useWaiting } from "../../data/outbox.tsx";
import { useAction } from "../../data/useAction.ts";
import { type Difference, differences } from "../../data/useVersions.ts";
import { isTask } from "../../data/waiting.ts";
import { describeFailure, proposedTitle } from "../../i18n/failure.ts";
import { useWords } from "../../i18n/language.tsx";
import { goalValues } from "../../pages/goals/goalPatch.ts";
import { taskValues } from "../../pages/tasks/taskPatch.ts";
import { Button } from "../../ui/Button.tsx";
import { ConflictDialog } from "../../ui/ConflictDialog.tsx";
import { Icon } from "../../ui/Icon.tsx";
import { useClient } from "../client.tsx";
import { useToast } from "../toasts.tsx";

/** A change that the server did not take: why, and the two ways out of it. */
export function Refused({ write }: { write: FailedWrite }) {
  const words = useWords();
  const { t } = words;
  const [comparing, setComparing] = useState(false);
  const { retry, giveUp } = useWaysOut(write);
  const rename = useFreeTitle(write);
  const versions = versionsOf(write, words);
  return (
    <li className="change">
      <Icon name="warning" size={18} />
      <div className="stack">
        <div>
          <p className="change-title">{write.rows[0]?.title}</p>
          <p className="hint">{t.sync.actions[write.action] ?? write.action}</p>
          <p className="change-reason">{describeFailure(write.reason, t).text}</p>
        </div>
        <div className="row">
          <Button
            small
            tone={rename ? "plain" : "primary"}
            onClick={versions ? () => setComparing(true) : retry}
          >
            {versions ? t.conflict.compare : t.app.retry}
          </Button>
          {rename && (
            <Button small tone="primary" onClick={rename.run}>
              {t.sync.createAs(rename.title)}
            </Button>
          )}
          <Button small tone="ghost danger" onClick={giveUp}>
            {t.sync.giveUp}
          </Button>
        </div>
      </div>
      {comparing && versions && (
        <ConflictDialog
          rows={versions}
          keepMine={retry}
          takeTheirs={giveUp}
          decideLater={() => setComparing(false)}
        />
      )}
    </li>
  );
}

/** The fields in which both versions of a row differ; null where the refusal is about something else. */
function versionsOf({ table, reason }: FailedWrite, words: ReturnType<typeof useWords>): Difference[] | null {
  if (table === "tasks" && isVersionConflict<Task>(reason))
    return differences(reason.details, taskValues(words));
  return isVersionConflict<Goal>(reason) ? differences(reason.details, goalValues(words)) : null;
}

/** Sends it once more, on top of what is there by now; or forgets it, and shows what is there. */
function useWaysOut({ id, table, reason }: FailedWrite): { retry(): void; giveUp(): void } {
  const client = useClient();
  const act = useAction();
  const say = useToast();
  const { t } = useWords();
  const giveUp = async () => {
    const forgotten = await client.outbox.cancel(id);
    if (table === "tasks" && isVersionConflict<Task>(reason)) publish("tasks", reason.details.theirs);
    if (table === "goals" && isVersionConflict<Goal>(reason)) publish("goals", reason.details.theirs);
    say(t.sync.givenUp(forgotten.length));
  };
  return {
    retry: () => void act(() => client.outbox.retry(id)),
    giveUp: () => void act(giveUp),
  };
}

/** For a new goal whose title was taken meanwhile: the same goal by a title that is free. */
function useFreeTitle(write: FailedWrite): { title: string; run(): void } | null {
  const client = useClient();
  const act = useAction();
  const { pending, failed } = useWaiting();
  const title = proposedTitle(write.reason);
  const [goal] = write.rows;
  if (write.action !== "goals.create" || title === null || !goal || isTask(goal)) return null;
  // What was built on the goal would fall with it.
  const others = [...pending, ...failed].filter(({ id }) => id !== write.id);
  if (
    others.some(({ rows }) =>
      rows.some((row) => row.id === goal.id || (isTask(row) && row.goalId === goal.id)),
    )
  )
    return null;
  const { description, priority, colour, icon, startsOn, dueAt, position, custom } = goal;
  const same = { description, priority, colour, icon, startsOn, dueAt, position, custom };
  const run = async () => {
    await client.outbox.cancel(write.id);
    publish("goals", await client.goals.create({ ...same, title }));
  };
  return { title, run: () => void act(run) };
}
