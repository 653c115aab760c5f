import type { Connection } from "../connect.ts";
import { invalid } from "../failure/invalid.ts";
import { listGoals } from "../goals/list.ts";
import { listTasks } from "../tasks/list.ts";
import { csvRecord } from "./csv.ts";
import { CSV_COLUMNS, FIELDS, type Kind, toCell } from "./fields.ts";
import type { ExportOptions } from "./types.ts";

/** Goals first, then tasks, oldest first: parents come before their subtasks wherever that was how they were made. */
export async function* exportChunks(
  connection: Connection,
  { format, signal }: ExportOptions,
): AsyncGenerator<string, void, undefined> {
  const sort = { sort: "createdAt", direction: "asc" } as const;
  const reading = { signal, pageSize: 500 };
  const goals = listGoals(connection, sort, reading);
  const tasks = listTasks(connection, sort, reading);
  if (format === "json") yield* toJson(goals, tasks);
  else if (format === "csv") yield* toCsv(goals, tasks);
  else throw invalid("export", "format", format, "json or csv");
}

async function* toJson(goals: AsyncIterable<object>, tasks: AsyncIterable<object>): AsyncGenerator<string> {
  yield `{"trackit":1,"exportedAt":${JSON.stringify(new Date().toISOString())},\n"goals":[`;
  yield* joined(goals);
  yield '],\n"tasks":[';
  yield* joined(tasks);
  yield "]}\n";
}

async function* joined(rows: AsyncIterable<object>): AsyncGenerator<string> {
  let separator = "\n";
  for await (const row of rows) {
    yield separator + JSON.stringify(row);
    separator = ",\n";
  }
}

async function* toCsv(goals: AsyncIterable<object>, tasks: AsyncIterable<object>): AsyncGenerator<string> {
  // Without a byte order mark, spreadsheets read UTF-8 as something else.
  yield `\ufeff${csvRecord(CSV_COLUMNS)}`;
  for await (const goal of goals) yield csvRecord(toCells("goal", goal));
  for await (const task of tasks) yield csvRecord(toCells("task", task));
}

function toCells(kind: Kind, row: object): string[] {
  const known: readonly string[] = FIELDS[kind];
  return CSV_COLUMNS.map((field) =>
    field === "kind" ? kind : known.includes(field) ? toCell(field, Reflect.get(row, field)) : "",
  );
}
