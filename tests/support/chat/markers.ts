import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import type pg from "pg";

/** Something that must not be found: its name for whoever reads of it, and the bytes or the text that it is. */
export interface Marker {
  name: string;
  value: Uint8Array | string;
}

/** Letters of base64 on either end depend on what stands beside the bytes. */
const EDGE = 3;

/** The forms in which a value may stand somewhere: as it is, in UTF-16, and each of these in hex and base64. */
function formsOf({ value }: Marker): Buffer[] {
  const text = typeof value === "string" ? value : null;
  const bytes = Buffer.from(value as string);
  const wide = text === null ? [] : [Buffer.from(text, "utf16le"), Buffer.from(text, "utf16le").swap16()];
  return [bytes, ...wide].flatMap((one) => {
    const hex = one.toString("hex");
    const base64 = [0, 1, 2].flatMap((at) => {
      const whole = Buffer.concat([Buffer.alloc(at), one]).toString("base64");
      const inner = whole.replace(/=+$/, "").slice(at === 0 ? 0 : EDGE + 1, -EDGE);
      return [inner, inner.replaceAll("+", "-").replaceAll("/", "_")];
    });
    return [one, ...[hex, hex.toUpperCase(), ...base64].map((form) => Buffer.from(form))];
  });
}

export interface Found {
  marker: string;
  /** A table, or a file below the data directory. */
  where: string;
}

/** Looks for all forms of all markers at once, in one pass over the bytes. */
export class Search {
  readonly #forms = new Map<number, { marker: string; form: Buffer }[]>();
  /** Whether some form begins with these two bytes. */
  readonly #begins = new Uint8Array(65_536);
  readonly found: Found[] = [];
  /** Bytes that were looked through. */
  read = 0;

  constructor(markers: readonly Marker[]) {
    for (const marker of markers)
      for (const form of formsOf(marker)) {
        if (form.length < 8) throw new Error(`${marker.name} is too short to be looked for`);
        const key = form.readUInt16BE(0);
        this.#begins[key] = 1;
        this.#forms.set(key, [...(this.#forms.get(key) ?? []), { marker: marker.name, form }]);
      }
  }

  in(where: string, bytes: Buffer): void {
    this.read += bytes.length;
    for (let at = 0, key = bytes[0] ?? 0; at + 1 < bytes.length; at++) {
      key = ((key & 0xff) << 8) | (bytes[at + 1] as number);
      if (this.#begins[key] !== 1) continue;
      for (const { marker, form } of this.#forms.get(key) ?? [])
        if (bytes.compare(form, 0, form.length, at, Math.min(at + form.length, bytes.length)) === 0)
          this.#note({ marker, where });
    }
  }

  #note(found: Found): void {
    const isKnown = this.found.some(({ marker, where }) => marker === found.marker && where === found.where);
    if (!isKnown) this.found.push(found);
  }

  /** Where a marker was found, in order. */
  of(name: string): string[] {
    return this.found.flatMap(({ marker, where }) => (marker === name ? [where] : [])).sort();
  }
}

/** Every file below a folder: those of the cluster with its write-ahead log, logs, state, mail. */
export async function searchFiles(search: Search, folder: string): Promise<string[]> {
  const read: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    // What went away meanwhile held nothing for long.
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    const name = path.relative(folder, file);
    if (bytes) search.in(name, bytes);
    if (bytes) read.push(name);
  }
  return read;
}

/** Every row of every table, view of statistics and queue, in every schema. @param admin as the superuser */
export async function searchTables(search: Search, admin: pg.Client): Promise<string[]> {
  const { rows: tables } = await admin.query<{ name: string; sql: string }>(
    `select n.nspname || '.' || c.relname as name, format('select t::text as row from %I.%I t', n.nspname, c.relname) as sql
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where (c.relkind in ('r', 'm') and n.nspname <> 'information_schema')
        or c.relname in ('pg_stat_activity', 'pg_stat_statements', 'pg_replication_slots')`,
  );
  for (const { name, sql } of tables) {
    const { rows } = await admin.query<{ row: string }>(sql);
    search.in(name, Buffer.from(rows.map(({ row }) => row).join("\n")));
  }
  return tables.map(({ name }) => name);
}
