import type { Json } from "../context.ts";

/**
 * The part of Go's template language that mail templates use: `{{ .A.B }}`, `{{ if }}`, `{{ else if }}`, `{{ else }}`,
 * `{{ end }}`, `eq`, `ne`, and `{{-`/`-}}`. Hosted Supabase takes one template per mail, so that the language is chosen
 * inside it; the same files work there.
 */
export type Node = { text: string } | { path: readonly string[] } | { branches: readonly Branch[] };
interface Branch {
  /** Null for `else`. */
  when: Condition | null;
  body: Node[];
}
type Operand = { path: readonly string[] } | { literal: string };
interface Condition {
  test: "truth" | "eq" | "ne";
  operands: readonly Operand[];
}

const ACTION = /\{\{(- )?\s*((?:"(?:[^"\\]|\\.)*"|[^{}"])*?)\s*( -)?\}\}/g;
const WORD = /"((?:[^"\\]|\\.)*)"|(\S+)/g;

function parseOperand(word: string, quoted: string | undefined, source: string): Operand {
  if (quoted !== undefined) return { literal: quoted.replace(/\\(.)/g, "$1") };
  if (/^\.[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(word)) return { path: word.slice(1).split(".") };
  throw new Error(`reading a mail template: {{ ${source} }} holds "${word}", want .Name or "text"`);
}

function parseCondition(source: string): Condition {
  const words = [...source.matchAll(WORD)];
  const first = words[0]?.[2];
  const test = first === "eq" || first === "ne" ? first : "truth";
  const operands = (test === "truth" ? words : words.slice(1)).map((word) =>
    parseOperand(word[0], word[1], source),
  );
  const enough =
    test === "truth" ? operands.length === 1 : test === "ne" ? operands.length === 2 : operands.length >= 2;
  if (!enough) throw new Error(`reading a mail template: {{ if ${source} }} has ${operands.length} operands`);
  return { test, operands };
}

interface Piece {
  text?: string;
  action?: string;
}

/** Cuts text into literal pieces and actions; `{{-` and `-}}` eat the white space beside them. */
function cut(template: string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let trimmed = false;
  const addText = (to: number, trimEnd: boolean): void => {
    let text = template.slice(from, to);
    if (trimmed) text = text.trimStart();
    pieces.push({ text: trimEnd ? text.trimEnd() : text });
  };
  for (const match of template.matchAll(ACTION)) {
    addText(match.index, match[1] !== undefined);
    pieces.push({ action: match[2] ?? "" });
    from = match.index + match[0].length;
    trimmed = match[3] !== undefined;
  }
  addText(template.length, false);
  return pieces;
}

/**
 * Parses a template.
 *
 * @throws for an action outside the subset, quoting it, and for `if` and `end` that do not pair
 */
export function parseTemplate(template: string): Node[] {
  const root: Node[] = [];
  const open: { branches: Branch[] }[] = [];
  const into: Node[][] = [root];
  const push = (node: Node): void => void into.at(-1)?.push(node);
  for (const { text, action } of cut(template)) {
    if (text !== undefined) {
      const stray = text.indexOf("{{");
      if (stray >= 0) {
        throw new Error(
          `reading a mail template: "${text.slice(stray, stray + 40)}" is no action of its kind`,
        );
      }
      if (text !== "") push({ text });
      continue;
    }
    const source = action ?? "";
    if (source.startsWith("/*")) continue;
    const [, word = "", rest = ""] = /^(if|else if|else|end)\b\s*([\s\S]*)$/.exec(source) ?? [];
    const block = open.at(-1);
    if (word === "if") {
      const branch: Branch = { when: parseCondition(rest), body: [] };
      const opened = { branches: [branch] };
      push(opened);
      open.push(opened);
      into.push(branch.body);
    } else if (word === "") {
      const operand = parseOperand(source, undefined, source);
      if ("path" in operand) push(operand);
    } else if (block === undefined) {
      throw new Error(`reading a mail template: {{ ${source} }} belongs to no {{ if }}`);
    } else if (word === "end") {
      open.pop();
      into.pop();
    } else {
      const branch: Branch = { when: word === "else" ? null : parseCondition(rest), body: [] };
      block.branches.push(branch);
      into[into.length - 1] = branch.body;
    }
  }
  if (open.length > 0) throw new Error(`reading a mail template: ${open.length} {{ if }} without {{ end }}`);
  return root;
}

function lookUp(values: Json, path: readonly string[]): unknown {
  let value: unknown = values;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Json)[key];
  }
  return value;
}

function truth(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

function holds(condition: Condition, values: Json): boolean {
  const [first, ...others] = condition.operands.map((operand) =>
    "literal" in operand ? operand.literal : lookUp(values, operand.path),
  );
  if (condition.test === "truth") return truth(first);
  const equal = others.some((other) => other === first);
  return condition.test === "eq" ? equal : !equal;
}

function printed(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return "";
}

/** Fills a template. `encode` is applied to every value, never to the template's own text. */
export function render(nodes: readonly Node[], values: Json, encode: (text: string) => string): string {
  return nodes
    .map((node) => {
      if ("text" in node) return node.text;
      if ("path" in node) return encode(printed(lookUp(values, node.path)));
      const branch = node.branches.find(({ when }) => when === null || holds(when, values));
      return branch === undefined ? "" : render(branch.body, values, encode);
    })
    .join("");
}

const ENTITIES: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&#34;",
  "'": "&#39;",
};

/** Escapes for HTML text and quoted attributes. */
export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
