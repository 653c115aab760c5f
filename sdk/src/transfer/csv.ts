/** Cells that a spreadsheet would take for a formula (OWASP: CSV injection), behind any number of our own guards. */
const FORMULA = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const GUARDED = /^'+[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

/** One record of RFC 4180, with CRLF; cells that look like formulas get a leading apostrophe. */
export function csvRecord(cells: readonly string[]): string {
  return `${cells.map(encodeCell).join(",")}\r\n`;
}

function encodeCell(cell: string): string {
  const guarded = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",;\r\n]|^\s|\s$/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

export interface CsvRecord {
  /** The line on which the record begins, counted from 1. */
  line: number;
  cells: string[];
  /** What is wrong with its form, if anything. */
  fault: string | null;
}

/**
 * Reads RFC 4180, and what spreadsheets make of it: any line end, a byte order mark, semicolons or tabs instead of
 * commas (told from the header). Empty lines are skipped.
 */
export function parseCsv(text: string): CsvRecord[] {
  const source = text.startsWith("\ufeff") ? text.slice(1) : text;
  const separator = separatorOf(source);
  const records: CsvRecord[] = [];
  let line = 1;
  let at = 0;
  while (at < source.length) {
    const record: CsvRecord = { line, cells: [], fault: null };
    let more = true;
    while (more) {
      const cell = readCell(source, at, separator);
      record.cells.push(GUARDED.test(cell.text) ? cell.text.slice(1) : cell.text);
      record.fault ??= cell.fault;
      line += lineEnds(source, at, cell.end);
      at = cell.end;
      more = source[at] === separator;
      if (more) at += 1;
    }
    if (source[at] === "\r" && source[at + 1] === "\n") at += 1;
    at += 1;
    line += 1;
    if (record.cells.length > 1 || record.cells[0] !== "") records.push(record);
  }
  return records;
}

interface Cell {
  text: string;
  end: number;
  fault: string | null;
}

function readCell(source: string, start: number, separator: string): Cell {
  const outside = new RegExp(`[${separator}\r\n]`, "g");
  if (source[start] !== '"') {
    const end = nextMatch(outside, source, start);
    return { text: source.slice(start, end), end, fault: null };
  }
  let text = "";
  let at = start + 1;
  for (;;) {
    const quote = source.indexOf('"', at);
    if (quote === -1) return { text: text + source.slice(at), end: source.length, fault: "a closing quote" };
    text += source.slice(at, quote);
    if (source[quote + 1] !== '"') {
      at = quote + 1;
      break;
    }
    text += '"';
    at = quote + 2;
  }
  const end = nextMatch(outside, source, at);
  const rest = source.slice(at, end);
  return {
    text: text + rest,
    end,
    fault: rest.trim() === "" ? null : "nothing between a closing quote and the separator",
  };
}

function nextMatch(pattern: RegExp, source: string, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(source)?.index ?? source.length;
}

function lineEnds(source: string, from: number, to: number): number {
  return source.slice(from, to).match(/\r\n|\r|\n/g)?.length ?? 0;
}

function separatorOf(source: string): string {
  const header = source.slice(0, nextMatch(/[\r\n]/g, source, 0)).replace(/"[^"]*"/g, "");
  const count = (mark: string): number => header.split(mark).length;
  return [";", "\t"].reduce((best, mark) => (count(mark) > count(best) ? mark : best), ",");
}
