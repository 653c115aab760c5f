import { readFileSync } from "node:fs";

/**
 * The layouts as docs/protocol.md prints them: this reading of the specification takes field names and widths from
 * its tables, so that a table that is wrong fails a test.
 */
export interface Cell {
  name: string;
  /** `u8`, `u64`, `text16`, `bytes16`, `bytes32`, or a number of bytes. */
  type: string | number;
  /** The value that the table states. */
  fixed?: number;
}

export type Values = Record<string, Buffer | number | string>;

const page = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8");
const TYPE = /\b(u8|u16|u32|u64|text16|bytes16|b\[(\d+)\]|(?<=\s)(\d+))(?=$|[\s,(:;])/;

/** The rows of a table under a heading, cells trimmed. */
export function table(section: string, nth = 0): string[][] {
  const start = page.search(new RegExp(`^##+ ${section.replace(".", "\\.")} `, "m"));
  if (start < 0) throw new Error(`docs/protocol.md has no section ${section}`);
  const [, ...lines] = page.slice(start).split("\n");
  const end = lines.findIndex((line) => /^##+ /.test(line));
  const tables: string[][][] = [];
  let open = false;
  for (const line of lines.slice(0, end < 0 ? undefined : end)) {
    if (!line.startsWith("|")) open = false;
    else if (/^\|[-|]+\|$/.test(line)) tables.push([]);
    else if (open || tables.length > 0) tables.at(-1)?.push(cells(line));
    if (/^\|[-|]+\|$/.test(line)) open = true;
    else if (line.startsWith("|") && !open) header(tables);
  }
  const found = tables[nth];
  if (!found) throw new Error(`section ${section} has no table ${nth}`);
  return found;
}

/** A header row of the next table was taken for a row of the one before. */
function header(tables: string[][][]): void {
  tables.at(-1)?.pop();
}

const cells = (line: string) =>
  line
    .slice(1, -1)
    .split("|")
    .map((cell) => cell.trim());

/** The fields of a table of `| field | bytes |`, as far as they have a width of their own. */
export function layout(section: string, nth = 0): Cell[] {
  return table(section, nth).flatMap(([names = "", types = ""]) => {
    const each = names.split(", ");
    const kinds = types.split(", ").slice(0, each.length);
    return each.flatMap((name, at) => cell(`${name} ${kinds[at] ?? ""}`));
  });
}

/** The fields of `name type ‖ type name ‖ …`. */
export function line(text: string): Cell[] {
  return text.split("‖").flatMap((part) => cell(part.trim()));
}

function cell(text: string): Cell[] {
  const found = TYPE.exec(text);
  if (!found) return [];
  const type = found[2] ?? found[3];
  const before = text.slice(0, found.index).trim();
  const after = text.slice(found.index + found[0].length).trim();
  const fixed = /^= (\d+)/.exec(after)?.[1];
  return [
    {
      name: before === "" ? after : before,
      type: type === undefined ? (found[1] as string) : Number(type),
      ...(fixed === undefined ? {} : { fixed: Number(fixed) }),
    },
  ];
}

/** What a row that begins with `| 1 add |` says in its last cell. */
export function row(section: string, name: string, nth = 0): { number: number; text: string } {
  const found = table(section, nth).find(([first = ""]) => first.replace(/^\d+ /, "") === name);
  if (!found) throw new Error(`section ${section} has no row ${name}`);
  return { number: Number.parseInt(found[0] as string, 10), text: found.at(-1) as string };
}

const WIDTH: Record<string, number> = { u8: 1, u16: 2, u32: 4, u64: 8 };

/** Lays values out; the version byte and other stated values write themselves. */
export function lay(fields: readonly Cell[], values: Values): Buffer {
  return Buffer.concat(
    fields.map(({ name, type, fixed }) => {
      const value = values[name] ?? fixed ?? (name === "version" || name === "suite" ? 1 : undefined);
      if (value === undefined) throw new Error(`no value for "${name}" of ${Object.keys(values)}`);
      return one(name, type, value);
    }),
  );
}

function one(name: string, type: string | number, value: Buffer | number | string): Buffer {
  if (typeof type === "number") {
    if (!Buffer.isBuffer(value) || value.length !== type) throw new Error(`${name} wants ${type} bytes`);
    return value;
  }
  if (type === "text16" || type === "bytes16") {
    const inner = typeof value === "string" ? Buffer.from(value) : (value as Buffer);
    return Buffer.concat([number(2, inner.length), inner]);
  }
  return number(WIDTH[type] ?? 0, value as number);
}

export function number(width: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes.subarray(8 - width);
}

/** Offset of each field, as far as widths are fixed. */
export function offsets(fields: readonly Cell[]): Record<string, number> {
  let at = 0;
  return Object.fromEntries(
    fields.map(({ name, type }) => {
      const here = at;
      at += typeof type === "number" ? type : (WIDTH[type] ?? Number.NaN);
      return [name, here];
    }),
  );
}
