import type { Activity } from "@trackit/sdk";
import type { Dictionary } from "../../i18n/en.ts";

/** The parts of one line of the feed. */
export interface Sentence {
  what: string;
  title: string;
  detail: string;
}

/** Says an activity in words; a kind that a later version writes shows by its name. */
export function sentence({ kind, entity, data }: Activity, t: Dictionary): Sentence {
  const status = typeof data.status === "string" ? data.status : typeof data.to === "string" ? data.to : "";
  const taskStatuses: Record<string, string> = t.tasks.statuses;
  const goalStatuses: Record<string, string> = { ...t.goals.views, dropped: t.tasks.statuses.cancelled };
  return {
    what: t.activity.kinds[kind] ?? t.activity.other(kind),
    title: typeof data.title === "string" ? data.title : "",
    detail: (entity === "task" ? taskStatuses : goalStatuses)[status] ?? "",
  };
}

export interface Day {
  /** A point in time within the day. */
  day: string;
  rows: Activity[];
}

/** Groups by the device's calendar day; the order stays. */
export function groupByDay(rows: readonly Activity[]): Day[] {
  const days: Day[] = [];
  for (const row of rows) {
    const last = days.at(-1);
    const sameDay = last && new Date(last.day).toDateString() === new Date(row.createdAt).toDateString();
    if (sameDay) last.rows.push(row);
    else days.push({ day: row.createdAt, rows: [row] });
  }
  return days;
}
