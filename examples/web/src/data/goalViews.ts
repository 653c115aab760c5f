import type { Goal, GoalFilter, TrackIt } from "@trackit/sdk";
import type { ListSource } from "./loaded.ts";
import { byPosition } from "./taskViews.ts";

export const goalViews = ["open", "done", "archived", "deleted"] as const;
export type GoalView = (typeof goalViews)[number];

const filters: Record<GoalView, GoalFilter> = {
  open: { status: "open", sort: "position" },
  done: { status: ["done", "dropped"], sort: "updatedAt", direction: "desc" },
  archived: { status: "archived", sort: "updatedAt", direction: "desc" },
  deleted: { deleted: true, sort: "updatedAt", direction: "desc" },
};

function viewOf(goal: Goal): GoalView {
  if (goal.deletedAt) return "deleted";
  return goal.status === "dropped" ? "done" : goal.status;
}

export function goalSource(client: TrackIt, view: GoalView): ListSource<"goals"> {
  const recentFirst = (a: Goal, b: Goal) => (a.updatedAt < b.updatedAt ? 1 : -1);
  return {
    table: "goals",
    key: view,
    open: () => client.goals.list(filters[view]),
    accepts: (goal) => viewOf(goal) === view,
    deleted: view === "deleted",
    compare: view === "open" ? byPosition : recentFirst,
  };
}
