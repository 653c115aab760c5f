import type { World } from "./world.ts";

/**
 * Who asks. ada, sue and gone act on rows of their own; all others on rows of somebody else's.
 * sue is suspended, gone holds the token of a session that was signed out, root is an administrator.
 */
export const callers = ["anon", "eve", "ada", "sue", "gone", "root", "service"] as const;
export type Caller = (typeof callers)[number];

export const commands = ["select", "insert", "update", "delete"] as const;
export type Command = (typeof commands)[number];

/** `200:1` is status 200 and one row, `403/42501` status 403 and that code. */
export type Outcome = string;

export type Line = Record<Caller, Outcome>;
export type Cells = Record<Command, Line>;
export type Row = Record<string, unknown>;
/** The columns that find one row. */
export type Key = Record<string, string>;

/** What everybody may do with one table, or with one kind of its rows. */
export interface TableExpectations {
  name: string;
  /** As tests are named: the table, and which of its rows where there are several kinds. */
  title: string;
  /** Puts a row of `owner` there, past every policy, and returns what finds it. */
  seed(world: World, owner: string): Promise<Key>;
  /** A new row of `owner`, as a client sends it. */
  insert(world: World, owner: string): Promise<Row> | Row;
  /** A change that is no conflict, whoever makes it. */
  update: Row;
  cells: Cells;
  /** The same with row-level security off. */
  cellsWithoutRls: Cells;
  /** Commands that nobody may give over the API, with the reason. */
  nobody: Partial<Record<Command, string>>;
  columns: ColumnExpectations;
}

/** Each column of a table, by what its row's owner may do with it. */
export interface ColumnExpectations {
  /** May be given with a new row; every other is refused with 403 42501, a computed one with 400 428C9. */
  atInsert: string[];
  /** May be changed: the value to change it to. */
  open: Row;
  /** Refused with 403 42501, while the service may: the value to try. `eveHerself` stands for eve's id. */
  closed: Row;
  /** Refused with 400 428C9 to everybody: the database computes them. */
  generated: string[];
  /** Where the service is refused a closed column as well, with what. */
  serviceOutcomes: Record<string, Outcome>;
}

/** In place of a value: the id of eve, who is not there yet when expectations are read. */
export const eveHerself = "eve herself";

/** What everybody may do with one function of the API. */
export interface FunctionExpectations {
  name: string;
  arguments(world: World): Promise<Row> | Row;
  /** Like a table's cells; the value stands for rows: `200:true`, `200:null`, `200:object`, `200:3` for a list, `204` for nothing. */
  line: Line;
}

/** Reads a table of outcomes: a line of callers, then a line per command. */
export function readCells(text: string): Cells {
  const cells = readLines(text);
  return Object.fromEntries(commands.map((command) => [command, lineOf(cells, command)])) as Cells;
}

/** Reads a table of what differs from `cells`; a dot means that nothing does. */
export function readChanges(cells: Cells, text: string): Cells {
  const changes = readLines(text);
  return Object.fromEntries(
    commands.map((command) => {
      const given = changes.get(command);
      if (!given) return [command, cells[command]];
      const changed = callers.map((caller) => [
        caller,
        given[caller] === "." ? cells[command][caller] : given[caller],
      ]);
      return [command, Object.fromEntries(changed)];
    }),
  ) as Cells;
}

/** Reads a table whose lines begin with names of one's own. */
export function readLines(text: string): Map<string, Line> {
  const [head = [], ...lines] = text
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter((words) => words.join("") !== "");
  if (head.join() !== callers.join()) {
    throw new Error(
      `reading a table of outcomes: its head is ${head.join(" ")}; wanted ${callers.join(" ")}`,
    );
  }
  return new Map(
    lines.map(([name = "", ...outcomes]) => {
      if (outcomes.length !== callers.length) {
        throw new Error(`reading outcomes of ${name}: ${outcomes.length} of them; wanted ${callers.length}`);
      }
      return [name, Object.fromEntries(callers.map((caller, at) => [caller, outcomes[at]])) as Line];
    }),
  );
}

function lineOf(lines: Map<string, Line>, name: string): Line {
  const line = lines.get(name);
  if (!line) throw new Error(`reading a table of outcomes: there is no line for ${name}; wanted one`);
  return line;
}
