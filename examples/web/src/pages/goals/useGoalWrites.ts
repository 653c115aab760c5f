import type { Goal, GoalPatch, GoalStatus, NewGoal } from "@trackit/sdk";
import { useMemo } from "react";
import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { publish, refresh, seenRow } from "../../data/changes.ts";
import { publishTasks } from "../../data/family.ts";
import { useAction } from "../../data/useAction.ts";
import { proposedTitle } from "../../i18n/failure.ts";
import { useWords } from "../../i18n/language.tsx";

export interface GoalWrites {
  /** These two throw, for forms that show the error at its field. */
  create(goal: NewGoal): Promise<Goal>;
  update(goal: Goal, patch: GoalPatch): Promise<Goal>;
  /** These tell what goes wrong in a toast. */
  setStatus(goal: Goal, status: GoalStatus): Promise<boolean>;
  remove(goal: Goal): Promise<boolean>;
  restore(goal: Goal): Promise<boolean>;
}

/** Every write of goals: the lists on the page follow at once. */
export function useGoalWrites(): GoalWrites {
  const client = useClient();
  const act = useAction();
  const say = useToast();
  const { t } = useWords();
  return useMemo(() => {
    const settled = (goal: Goal): Goal => {
      publish("goals", goal);
      return goal;
    };
    /** The database deletes and restores a goal's tasks with it: they are read anew once it has. */
    const withTasks = (goal: Goal, was: Goal): void => {
      publishTasks(seenRow("goals", goal.id), goal);
      settled(goal);
      if (goal.version !== was.version) refresh("tasks");
    };
    const restore = (goal: Goal, title?: string): Promise<boolean> =>
      act(async () => {
        try {
          withTasks(await client.goals.restore(goal.id, { title }), goal);
          say(t.goals.restored(title ?? goal.title));
        } catch (error) {
          // The title went to another goal meanwhile: the database names one that is free.
          const free = proposedTitle(error);
          if (!free) throw error;
          const action = { label: t.goals.restoreAs(free), run: () => void restore(goal, free) };
          say(t.errors.CONFLICT_TITLE_TAKEN, { tone: "error", action });
        }
      });
    const setStatus = (goal: Goal, status: GoalStatus) =>
      act(async () => {
        settled(await client.goals.setStatus(goal.id, status));
        if (status === "archived")
          say(t.goals.archived(goal.title), {
            action: { label: t.app.undo, run: () => void setStatus(goal, goal.status) },
          });
      });
    return {
      create: async (goal) => settled(await client.goals.create(goal)),
      update: async (goal, patch) =>
        settled(await client.goals.update(goal.id, patch, { version: goal.version })),
      setStatus,
      remove: (goal) =>
        act(async () => {
          withTasks(await client.goals.remove(goal.id), goal);
          say(t.goals.deleted(goal.title), { action: { label: t.app.undo, run: () => void restore(goal) } });
        }),
      restore,
    };
  }, [client, act, say, t]);
}
