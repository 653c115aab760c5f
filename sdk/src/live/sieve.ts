import { dueWindow } from "../due/window.ts";
import { contains } from "./contains.ts";
import { ahead, compareInstants, isDue, isTimed, type Moment } from "./due.ts";
import type { LiveRow, View } from "./view.ts";

/** What is asked of the list in place of a filter's own parts. */
export interface Instead {
  due?: { from?: string; to: string };
  status?: string[];
}

/** Judges rows on the device, as the database would. Words it cannot judge: see Search. */
export class Sieve<Row extends LiveRow> {
  readonly #view: View<Row>;

  constructor(view: View<Row>) {
    this.#view = view;
  }

  /** Everything but time and words. */
  mayPass(row: Row): boolean {
    const { filter, own } = this.#view;
    return (
      (row.deletedAt !== null) === (filter.deleted ?? false) &&
      (filter.status?.includes(row.status) ?? true) &&
      (filter.priority?.includes(row.priority) ?? true) &&
      (filter.custom === undefined || contains(row.custom, filter.custom)) &&
      own(row)
    );
  }

  passes(row: Row, at: Moment): boolean {
    const { filter, finished } = this.#view;
    return this.mayPass(row) && (filter.due === undefined || isDue(row, filter.due, at, finished));
  }

  /** For filters in which time counts: also the rows whose time will come, and up to which due time. */
  wide(at: Moment): { instead: Instead; until: string | null } {
    const { filter, statuses, finished } = this.#view;
    if (!isTimed(filter.due)) return { instead: {}, until: null };
    const due = ahead(filter.due, at);
    if (filter.due === "today") return { instead: { due }, until: due.to };
    const status = (filter.status ?? statuses).filter((one) => !finished.includes(one));
    // Of finished rows alone none is ever overdue: reading as asked finds that out.
    return { instead: status.length === 0 ? {} : { due, status }, until: due.to };
  }

  /** Whether rows that were read up to a due time are all that can be in the filter now. */
  suffices(until: string, { now, timeZone }: Moment): boolean {
    const { due } = this.#view.filter;
    return !isTimed(due) || compareInstants(dueWindow(due, now, timeZone).to ?? "", until) <= 0;
  }
}
