import { SanitizeError } from "./error.ts";

/** The bounds of one value. */
export interface Bounds {
  maxDepth: number;
  maxBytes: number;
  maxItems: number;
}

/** As the `sanitize` function has them. */
const defaults: Bounds = { maxDepth: 64, maxBytes: 1_048_576, maxItems: 1_000_000 };

/** Counts what a value amounts to, and ends the walk where that is not within bounds; NaN bounds everything. */
export class Meter {
  readonly #bounds: Bounds;
  #bytes = 0;
  #items = 0;

  constructor(bounds: Partial<Bounds>) {
    const { maxDepth, maxBytes, maxItems } = bounds;
    this.#bounds = {
      maxDepth: maxDepth ?? defaults.maxDepth,
      maxBytes: maxBytes ?? defaults.maxBytes,
      maxItems: maxItems ?? defaults.maxItems,
    };
  }

  /** Told before members are read: a sparse array of four billion costs nothing to make. */
  addItems(count: number): void {
    const { maxItems } = this.#bounds;
    this.#items += count;
    if (!(this.#items <= maxItems))
      throw tooMuch(`it has ${this.#items} values or more`, `at most ${maxItems} values`);
  }

  /** Brackets, commas, and colons where the members have keys. */
  addContainer(length: number, hasKeys: boolean): void {
    this.addItems(length);
    this.addBytes(2 + Math.max(0, length - 1) + (hasKeys ? length : 0));
  }

  addText(text: string): void {
    this.addBytes(text.length + 2);
    this.addBytes(bytesBeyondUnits(text));
  }

  addBytes(bytes: number): void {
    const { maxBytes } = this.#bounds;
    this.#bytes += bytes;
    if (!(this.#bytes <= maxBytes))
      throw tooMuch(`it is ${this.#bytes} bytes long or longer`, `at most ${maxBytes} bytes`);
  }

  checkDepth(depth: number): void {
    const { maxDepth } = this.#bounds;
    if (depth <= maxDepth) return;
    const rule = `at most ${maxDepth} levels`;
    throw new SanitizeError("USAGE_DEPTH", `it is ${depth} levels deep or deeper`, { field: "", rule });
  }
}

const tooMuch = (found: string, rule: string) => new SanitizeError("LIMIT_SIZE", found, { field: "", rule });

const NOT_ASCII = /[^\0-\x7f]/;

/** How many bytes a text has in UTF-8 beyond one for each UTF-16 unit. */
function bytesBeyondUnits(text: string): number {
  if (!NOT_ASCII.test(text)) return 0;
  let more = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    // Two halves of a character are four bytes together.
    if (unit > 0x7f) more += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return more;
}
