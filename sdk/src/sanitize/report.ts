import type { ChangeKind, CleanedText } from "./text.ts";

/** What was done to one text. Lengths and kinds alone: a report may be logged, the text may be private. */
export interface Change {
  /** JSON pointer (RFC 6901) into the cleaned value: "" is the value itself. */
  path: string;
  /** Whether the text at `path` changed, or the last key of `path`. */
  in: "value" | "key";
  kinds: readonly ChangeKind[];
  /** Names of the dangerous elements that went. */
  elements: readonly string[];
  /** Length before and after, in UTF-16 units. */
  before: number;
  after: number;
}

/** A report is for people and logs: a thousand entries of a thousand characters say what is to be said. */
const MAX_CHANGES = 1000;
const MAX_PATH = 1000;

/**
 * JSON pointer to a place.
 * @returns null where it is longer than a thousand characters: long keys times many changes would outgrow the value
 */
export function pointerTo(keys: Iterable<string>): string | null {
  let path = "";
  for (const key of keys) {
    path += `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    if (path.length > MAX_PATH) return null;
  }
  return path;
}

/** Gathers changes up to its bounds and counts the rest. */
export class Report {
  readonly changes: Change[] = [];
  omitted = 0;

  /** @param place asked for the path only where there is room for it */
  add(place: () => string | null, kind: Change["in"], before: string, cleaned: CleanedText): void {
    const path = this.changes.length < MAX_CHANGES ? place() : null;
    if (path === null) {
      this.omitted++;
      return;
    }
    const { text, kinds, elements } = cleaned;
    this.changes.push({ path, in: kind, kinds, elements, before: before.length, after: text.length });
  }
}
