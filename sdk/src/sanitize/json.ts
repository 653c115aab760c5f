import { SanitizeError } from "./error.ts";
import { type Bounds, Meter } from "./meter.ts";
import { describe, isPlainObject } from "./plain.ts";
import { type Change, pointerTo, Report } from "./report.ts";
import type { CleanText } from "./text.ts";

/**
 * Bounds and an end: `maxDepth` is objects and arrays within each other (64; the database's `json_is_plain` admits 6),
 * `maxBytes` the JSON in UTF-8 with an escape counted as what it stands for (1,048,576), `maxItems` values in all
 * (1,000,000).
 */
export interface SanitizeOptions extends Partial<Bounds> {
  /** Looked at between values: an AbortSignal, or a deadline `{ get aborted() { … } }`. */
  signal?: { readonly aborted: boolean };
}

export interface Sanitized {
  /** Of the same shape: the same arrays, members in the same order, numbers, booleans and nulls untouched. */
  value: unknown;
  /** The texts that changed, a thousand at most. */
  report: Change[];
  /** How many more texts changed than the report names. */
  omitted: number;
  changed: boolean;
}

/** An object or array whose members are being cleaned. */
interface Frame {
  from: readonly unknown[] | Record<string, unknown>;
  to: unknown[] | Record<string, unknown>;
  /** Null for an array. */
  keys: string[] | null;
  length: number;
  at: number;
  /** The cleaned key of the member that is being cleaned. */
  key: string;
  renamed: boolean;
}

/** Cleans every text and every key of a JSON value, without recursion. See `sanitizeJson()` in index.ts. */
export function cleanJson(value: unknown, cleanText: CleanText, options: SanitizeOptions): Sanitized {
  return new Walk(cleanText, options).run(value);
}

class Walk {
  readonly #cleanText: CleanText;
  readonly #meter: Meter;
  readonly #signal: SanitizeOptions["signal"];
  readonly #report = new Report();
  /** From the outermost to the one that is being cleaned: the path, and the stack. */
  readonly #frames: Frame[] = [];

  constructor(cleanText: CleanText, { signal, ...bounds }: SanitizeOptions) {
    this.#cleanText = cleanText;
    this.#meter = new Meter(bounds);
    this.#signal = signal;
  }

  run(value: unknown): Sanitized {
    this.#meter.addItems(1);
    const cleaned = this.#clean(value);
    for (let frame = this.#frames.at(-1); frame; frame = this.#frames.at(-1)) {
      if (frame.at === frame.length) this.#finish(frame);
      else if (frame.keys) this.#member(frame, frame.keys[frame.at++] ?? "");
      else this.#element(frame);
    }
    const { changes, omitted } = this.#report;
    return { value: cleaned, report: changes, omitted, changed: changes.length + omitted > 0 };
  }

  #element(frame: Frame): void {
    const at = frame.at++;
    frame.key = String(at);
    (frame.to as unknown[])[at] = this.#clean((frame.from as readonly unknown[])[at]);
  }

  #member(frame: Frame, given: string): void {
    this.#meter.addText(given);
    const cleaned = this.#cleanText(given);
    frame.key = cleaned.text;
    this.#refusePrototype(frame);
    if (frame.key !== given) {
      frame.renamed = true;
      this.#report.add(this.#place, "key", given, cleaned);
    }
    (frame.to as Record<string, unknown>)[frame.key] = this.#clean(
      (frame.from as Record<string, unknown>)[given],
    );
  }

  #finish(frame: Frame): void {
    this.#frames.pop();
    // Which of two members to keep is not ours to choose.
    if (frame.renamed && Object.keys(frame.to).length < frame.length)
      throw this.#invalid("two of its keys are one when cleaned", "keys that differ when cleaned");
  }

  /** @returns the cleaned value; an object or array still empty, as the next to be filled */
  #clean(value: unknown): unknown {
    if (this.#signal?.aborted)
      throw new SanitizeError("NETWORK_ABORTED", "its signal ended it", { field: "", rule: "more time" });
    if (typeof value === "string") return this.#text(value);
    if (value === null || typeof value === "boolean" || Number.isFinite(value)) {
      this.#meter.addBytes(String(value).length);
      return value;
    }
    if (Array.isArray(value)) return this.#open(value, [], null, value.length);
    if (isPlainObject(value)) {
      const keys = Object.keys(value);
      return this.#open(value, {}, keys, keys.length);
    }
    throw this.#invalid(
      `it is ${describe(value)}`,
      "text, finite numbers, booleans, null, arrays, plain objects",
    );
  }

  #text(given: string): string {
    this.#meter.addText(given);
    const cleaned = this.#cleanText(given);
    if (cleaned.text !== given) this.#report.add(this.#place, "value", given, cleaned);
    return cleaned.text;
  }

  #open(from: Frame["from"], to: Frame["to"], keys: string[] | null, length: number): Frame["to"] {
    this.#meter.checkDepth(this.#frames.length + 1);
    this.#meter.addContainer(length, keys !== null);
    this.#frames.push({ from, to, keys, length, at: 0, key: "", renamed: false });
    return to;
  }

  // Harmless as they stand; whoever copies them by assignment changes every object of the process. Looked for in
  // the cleaned key, since cleaning may bring it about.
  #refusePrototype({ key }: Frame): void {
    const outer = this.#frames.at(-2);
    const reaches = key === "prototype" && outer?.key === "constructor" && outer.keys !== null;
    if (key === "__proto__" || reaches)
      throw this.#invalid("it reaches for a prototype", "no __proto__, no constructor.prototype");
  }

  #place = (): string | null => pointerTo(this.#path());

  *#path(): Iterable<string> {
    for (const { key } of this.#frames) yield key;
  }

  #invalid(found: string, rule: string): SanitizeError {
    return new SanitizeError("USAGE_INVALID", found, { field: this.#place() ?? "(a long path)", rule });
  }
}
