/** Collects the values of a statement, which are always bound and never part of its text. */
export class Binder {
  readonly values: string[] = [];

  /** @returns the placeholder that stands for the value */
  bind(value: string): string {
    return `$${this.values.push(value)}`;
  }
}

export const quote = (identifier: string) => `"${identifier.replaceAll('"', '""')}"`;

/** A Postgres array in its text form, every element quoted. */
export function arrayText(elements: readonly string[]): string {
  return `{${elements.map((element) => `"${element.replace(/["\\]/g, "\\$&")}"`).join(",")}}`;
}
