import type { Goal, GoalPatch, GoalStatus, NewGoal } from "@trackit/sdk";
import { useMemo } from "react";
import { useClient } from "../../app/client.tsx";
import { useToast } from "../../app/toasts.tsx";
import { publish, refresh } from "../../data/changes.ts";
import { useAction } from "../../data/useAction.ts";
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
    const restore = (goal: Goal) =>
      act(async () => {
        settled(await client.goals.restore(goal.id));
        refresh("tasks");
        say(t.goals.restored(goal.title));
      });
    const setStatus = (goal: Goal, status: GoalStatus) =>
      act(async () => {
        settled(await client.goals.setStatus(goal.id, status));
        if (status === "archived")
          say(t.goals.archived(goal.title), { undo: () => void setStatus(goal, goal.status) });
      });
    return {
      create: async (goal) => settled(await client.goals.create(goal)),
      update: async (goal, patch) =>
        settled(await client.goals.update(goal.id, patch, { version: goal.version })),
      setStatus,
      remove: (goal) =>
        act(async () => {
          settled(await client.goals.remove(goal.id));
          refresh("tasks");
          say(t.goals.deleted(goal.title), { undo: () => void restore(goal) });
        }),
      restore,
    };
  }, [client, act, say, t]);
}
