import {
  type Caller,
  callers,
  eveHerself,
  type Line,
  type Outcome,
  type Row,
  type TableExpectations,
} from "../expectations.ts";

/** Who sees one row; everybody else sees none of it. */
type Readers = readonly Exclude<Caller, "anon">[];

interface Kept {
  name: string;
  title?: string;
  seed: TableExpectations["seed"];
  /** Every column, with a value to try. */
  columns: Row;
  /** Columns that the database computes. */
  generated?: string[];
  readers?: Readers;
}

const refused: Line = {
  anon: "401/42501",
  eve: "403/42501",
  ada: "403/42501",
  sue: "403/42501",
  gone: "403/42501",
  root: "403/42501",
  service: "403/42501",
};

const seenBy = (readers: Readers): Line =>
  Object.fromEntries(
    callers.map((caller): [Caller, Outcome] => [
      caller,
      caller === "anon" ? "401/42501" : readers.includes(caller) ? "200:1" : "200:0",
    ]),
  ) as Line;

const everybody: Readers = ["eve", "ada", "sue", "gone", "root", "service"];

/** A table that calls alone write: no API role does, the service neither. Its owner reads, or who is named. */
export function kept({
  name,
  title = name,
  seed,
  columns,
  generated = [],
  readers = ["ada", "service"],
}: Kept): TableExpectations {
  const cells = { select: seenBy(readers), insert: refused, update: refused, delete: refused };
  return {
    name,
    title,
    seed,
    insert: ({ cast }) =>
      Object.fromEntries(
        Object.entries(columns).map(([name, value]) => [name, value === eveHerself ? cast.eve.id : value]),
      ),
    update: Object.fromEntries(Object.entries(columns).slice(-1)),
    cells,
    cellsWithoutRls: { ...cells, select: seenBy(everybody) },
    nobody: {
      insert: "written by calls alone",
      update: "written by calls alone",
      delete: "deleted by calls alone",
    },
    columns: {
      atInsert: [],
      open: {},
      closed: title === name ? columns : {},
      generated: title === name ? generated : [],
      serviceOutcomes: Object.fromEntries(Object.keys(columns).map((column) => [column, "403/42501"])),
    },
  };
}

/** `length` random bytes as Postgres reads them. */
export const bytes = (length: number): string =>
  `\\x${Buffer.from(crypto.getRandomValues(new Uint8Array(length))).toString("hex")}`;

/** A time to try in a column of one. */
export const longAgo = "2020-01-01T00:00:00+00:00";
