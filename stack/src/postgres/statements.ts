/** One statement of a file. */
export interface Statement {
  sql: string;
  /** Line of its first character, from 1. */
  line: number;
}

// What may hold a semicolon that ends nothing, in the order in which it is tried.
const opaque = [
  /--[^\n]*/y,
  /\$([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$[\s\S]*?\$\1\$/y,
  /[eE]'[^'\\]*(?:(?:\\[\s\S]|'')[^'\\]*)*'/y,
  /'[^']*(?:''[^']*)*'/y,
  /"[^"]*(?:""[^"]*)*"/y,
  // A word, so that the dollar in a$b$ and the e in name'…' begin nothing.
  /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y,
];

/**
 * Divides a file into its statements, well enough to find the one that failed. A body in `begin atomic` is
 * divided too.
 */
export function statementsOf(file: string): Statement[] {
  const found: Statement[] = [];
  let from = 0;
  for (let at = 0; at < file.length; ) {
    if (file[at] === ";") {
      add(found, file, from, at + 1);
      from = at + 1;
    }
    at = skip(file, at);
  }
  add(found, file, from, file.length);
  return found;
}

function skip(file: string, at: number): number {
  if (file.startsWith("/*", at)) return endOfComment(file, at);
  for (const pattern of opaque) {
    pattern.lastIndex = at;
    if (pattern.test(file)) return pattern.lastIndex;
  }
  return at + 1;
}

/** Comments in a comment count, as Postgres counts them. */
function endOfComment(file: string, from: number): number {
  let depth = 0;
  for (let at = from; at < file.length; at++) {
    if (file.startsWith("/*", at)) depth++;
    else if (file.startsWith("*/", at)) depth--;
    else continue;
    at++;
    if (depth === 0) return at + 1;
  }
  return file.length;
}

function add(found: Statement[], file: string, from: number, to: number): void {
  const start = Math.min(skipBlank(file, from), to);
  const sql = file.slice(start, to).trim();
  if (sql !== "" && sql !== ";") found.push({ sql, line: file.slice(0, start).split("\n").length });
}

/** Where what is neither space nor comment begins. */
function skipBlank(file: string, from: number): number {
  let at = from;
  while (/\s/.test(file[at] ?? "") || file.startsWith("--", at) || file.startsWith("/*", at))
    at = skip(file, at);
  return at;
}
