import type { Goal, GoalPatch, NewGoal } from "@trackit/sdk";
import { dueFrom } from "../../data/due.ts";
import type { useWords } from "../../i18n/language.tsx";
import { text } from "../../ui/useForm.ts";
import { readPriority } from "../tasks/taskPatch.ts";
import { colours, goalIcons } from "./look.ts";

/** The goal that the form describes. */
export function newGoal(data: FormData): NewGoal {
  return {
    title: text(data, "title").trim(),
    description: text(data, "description"),
    priority: readPriority(text(data, "priority")),
    colour: text(data, "colour") || null,
    icon: text(data, "icon") || null,
    dueAt: dueFrom(text(data, "dueAt"), "")?.toISOString() ?? null,
  };
}

/** The fields of the form that differ from the row: what was not touched is not sent. */
export function goalPatch(data: FormData, base: Goal): GoalPatch {
  const given = newGoal(data);
  const patch: GoalPatch = {};
  if (given.title !== base.title) patch.title = given.title;
  if (given.description !== base.description) patch.description = given.description;
  if (given.priority !== base.priority) patch.priority = given.priority;
  if (given.colour !== base.colour) patch.colour = given.colour;
  if (given.icon !== base.icon) patch.icon = given.icon;
  // The form knows days only: an hour that another program has set stays while the day does.
  if (dayOf(given.dueAt) !== dayOf(base.dueAt)) patch.dueAt = given.dueAt;
  return patch;
}

function dayOf(at: unknown): string {
  return typeof at === "string" ? new Date(at).toDateString() : "";
}

type GoalField = "title" | "description" | "priority" | "colour" | "icon" | "dueAt" | "deletedAt";

interface Shown {
  name: string;
  text(goal: Partial<Goal>): string;
}

/** How the fields of a goal are named and written where two versions stand side by side. */
export function goalValues({ t, format }: ReturnType<typeof useWords>): Record<GoalField, Shown> {
  const named = <Name extends string>(
    names: Record<Name, string>,
    known: readonly Name[],
    value?: string | null,
  ) => {
    const name = known.find((one) => one === value);
    return name ? names[name] : (value ?? "");
  };
  return {
    title: { name: t.goals.name, text: (goal) => goal.title ?? "" },
    description: { name: t.goals.description, text: (goal) => goal.description ?? "" },
    priority: { name: t.goals.priority, text: ({ priority }) => t.tasks.priorities[priority ?? 0] },
    colour: { name: t.goals.colour, text: ({ colour }) => named(t.goals.colours, colours, colour) },
    icon: { name: t.goals.icon, text: ({ icon }) => named(t.goals.icons, goalIcons, icon) },
    dueAt: { name: t.goals.due, text: ({ dueAt }) => (dueAt ? format.dateTime(dueAt) : "") },
    deletedAt: {
      name: t.conflict.deleted,
      text: ({ deletedAt }) => (deletedAt ? t.conflict.yes : t.conflict.no),
    },
  };
}
