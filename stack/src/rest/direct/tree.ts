/** A branch of `or=(…)`: a condition on a column, or a tree of its own (`and(…)`, `not.or(…)`). */
export type Branch =
  | { column: string; condition: string }
  | { negated: boolean; junction: "and" | "or"; branches: string };

/**
 * Reads the list of a logic tree, `(a.eq.1,and(b.gt.2,c.is.null))`, into its branches.
 * @returns null where the text is not of the simple form
 */
export function parseTree(text: string): Branch[] | null {
  const pieces = splitTop(text);
  if (!pieces || pieces.length === 0) return null;
  const branches: Branch[] = [];
  for (const piece of pieces) {
    const nested = /^(not\.)?(and|or)(\(.*\))$/s.exec(piece);
    if (nested) {
      const [, not, junction, list = ""] = nested;
      branches.push({ negated: not !== undefined, junction: junction as "and" | "or", branches: list });
      continue;
    }
    const simple = /^([A-Za-z_][A-Za-z0-9_]*)\.(.+)$/s.exec(piece);
    const condition = simple?.[2] === undefined ? null : unquoteCondition(simple[2]);
    if (!simple?.[1] || condition === null) return null;
    branches.push({ column: simple[1], condition });
  }
  return branches;
}

/**
 * Within a tree a value may be quoted, `title.eq."a,b"`, and then means what is inside the quotes.
 * Bare quotes anywhere else have meanings that differ by operator: not simple.
 */
function unquoteCondition(condition: string): string | null {
  if (!condition.includes('"')) return condition;
  const quoted = /^((?:not\.)?[a-z]+(?:\([a-z_]+\))?\.)"((?:[^"\\]|\\.)*)"$/s.exec(condition);
  if (quoted) return `${quoted[1]}${unquote(quoted[2] ?? "")}`;
  return /^(?:not\.)?in\./.test(condition) ? condition : null;
}

/** Splits `(a,b,c)` at its own commas; parentheses, braces and quotes keep theirs. */
export function splitTop(text: string): string[] | null {
  if (!text.startsWith("(") || !text.endsWith(")")) return null;
  const pieces: string[] = [];
  let depth = 0;
  let start = 1;
  let quoted = false;
  for (let at = 1; at < text.length - 1; at++) {
    const char = text[at];
    if (quoted) {
      if (char === "\\") at++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === "(" || char === "{") depth++;
    else if (char === ")" || char === "}") {
      if (--depth < 0) return null;
    } else if (char === "," && depth === 0) {
      pieces.push(text.slice(start, at));
      start = at + 1;
    }
  }
  if (depth !== 0 || quoted) return null;
  pieces.push(text.slice(start, -1));
  return pieces.every((piece) => piece !== "" && piece.trim() === piece) ? pieces : null;
}

/** Reads the list of `in.(a,"b,c")`. */
export function splitList(text: string): string[] | null {
  if (text === "()") return [];
  if (!text.startsWith("(") || !text.endsWith(")")) return null;
  const elements: string[] = [];
  const element = /(?:"((?:[^"\\]|\\.)*)"|([^",()\\\s](?:[^",()\\]*[^",()\\\s])?))(,|\))/sy;
  element.lastIndex = 1;
  for (;;) {
    const match = element.exec(text);
    if (!match) return null;
    elements.push(match[1] === undefined ? (match[2] ?? "") : unquote(match[1]));
    if (match[3] === ")") return element.lastIndex === text.length ? elements : null;
  }
}

const unquote = (text: string) => text.replace(/\\(.)/gs, "$1");
