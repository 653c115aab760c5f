/** A stretch of text that is in both, was taken out, or was put in. */
export interface Stretch {
  kind: "same" | "out" | "in";
  text: string;
  /** How much text, of either side, stands before it. */
  at: number;
}

/** Cells of the table below; beyond them a text is shown without marks. */
const MAX_CELLS = 4_000_000;

/** Words, runs of space, and every other character by itself. */
const pieces = (text: string) => text.match(/[\p{L}\p{N}]+|\s+|[\s\S]/gu) ?? [];

/** What stands between two texts, by their longest common sequence of words; null where they are too long for it. */
export function diff(before: string, after: string): Stretch[] | null {
  const [left, right] = [pieces(before), pieces(after)];
  if (left.length * right.length > MAX_CELLS) return null;
  const width = right.length + 1;
  // Length of the common sequence of what is left from each pair of places.
  const common = new Uint32Array((left.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = left.length - 1; i >= 0; i--)
    for (let j = right.length - 1; j >= 0; j--)
      common[i * width + j] =
        left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const stretches: Stretch[] = [];
  for (let i = 0, j = 0; i < left.length || j < right.length; ) {
    if (i < left.length && left[i] === right[j]) {
      add(stretches, "same", left[i++] ?? "");
      j++;
    } else if (i < left.length && at(i + 1, j) >= at(i, j + 1)) add(stretches, "out", left[i++] ?? "");
    else add(stretches, "in", right[j++] ?? "");
  }
  return stretches;
}

function add(stretches: Stretch[], kind: Stretch["kind"], text: string): void {
  const last = stretches.at(-1);
  if (last?.kind === kind) last.text += text;
  else stretches.push({ kind, text, at: last ? last.at + last.text.length : 0 });
}

/** Control characters and direction overrides by their number: shown raw, they would hide or turn the page's text. */
export function visible(text: string): string {
  return text.replace(
    /(?![\t\n\r])\p{Cc}|[\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/gu,
    (character) => `⟨U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`,
  );
}
