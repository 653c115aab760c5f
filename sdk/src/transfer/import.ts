import type { Connection } from "../connect.ts";
import { isTrackItError, TrackItError } from "../errors.ts";
import { invalid } from "../failure/invalid.ts";
import { throwIfAborted } from "../failure/network.ts";
import { checked } from "../failure/usage.ts";
import { goalEntity } from "../goals/index.ts";
import { uuid7 } from "../ids/uuid7.ts";
import { type Prepared, prepare, storeRows } from "../rows/create.ts";
import type { Entity, ThingTable } from "../rows/entity.ts";
import { newGoal } from "../schema/goal.ts";
import { newTask } from "../schema/task.ts";
import { taskEntity } from "../tasks/index.ts";
import type { Kind } from "./fields.ts";
import { type Candidate, readCandidates } from "./read.ts";
import type { ImportFailure, ImportOptions, ImportReport } from "./types.ts";

const ACTION = "import";
const BATCH = 100;

interface Ready {
  candidate: Candidate;
  row: Prepared;
  parentId: string | null;
}

/**
 * Stores what can be stored and reports the rest, row by row. Batches that are refused are halved until the row at
 * fault stands alone, so that one bad row costs no other.
 *
 * @throws NETWORK_ or AUTH_ codes when the work cannot go on; `details.report` says how far it came, and repeating
 * the call goes on from there.
 */
export async function importData(
  connection: Connection,
  data: string | AsyncIterable<string>,
  options: ImportOptions,
): Promise<ImportReport> {
  const candidates = readCandidates(await textOf(data), options.format);
  if (options.ids === "new") giveNewIds(candidates);
  const run = new Run(candidates.length, options);
  const ready = candidates.map((candidate) => run.check(candidate)).filter((one) => one !== null);
  const of = (kind: Kind): Ready[] => ready.filter(({ candidate }) => candidate.kind === kind);
  await run.storeAll(goalEntity(connection), of("goal"));
  await run.storeAll(taskEntity(connection), parentsFirst(of("task")));
  run.report.failed.sort((a, b) => (a.kind ?? "").localeCompare(b.kind ?? "") || a.line - b.line);
  return run.report;
}

async function textOf(data: string | AsyncIterable<string>): Promise<string> {
  if (typeof data === "string") return data;
  if (typeof data !== "object" || data === null || !(Symbol.asyncIterator in data)) {
    throw invalid(ACTION, "data", data, "text, or an async iterable of text");
  }
  const parts: string[] = [];
  for await (const part of data) parts.push(part);
  return parts.join("");
}

class Run {
  readonly report: ImportReport = { created: 0, unchanged: 0, failed: [] };
  readonly #total: number;
  readonly #options: ImportOptions;
  /** Kinds of which the account holds as many as it may. */
  readonly #full = new Map<ThingTable, TrackItError>();

  constructor(total: number, options: ImportOptions) {
    this.#total = total;
    this.#options = options;
  }

  check(candidate: Candidate): Ready | null {
    try {
      const { kind, fields, fault } = candidate;
      if (fault) throw invalid(ACTION, fault.field ?? "", candidate.raw, fault.rule);
      if (kind === "goal")
        return { candidate, row: prepare(checked(newGoal, fields, ACTION)), parentId: null };
      const task = checked(newTask, fields, ACTION);
      return { candidate, row: prepare(task), parentId: task.parentId ?? null };
    } catch (error) {
      this.#fail(candidate, error);
      return null;
    }
  }

  async storeAll<Table extends ThingTable, Out>(
    entity: Entity<Table, Out>,
    rows: readonly Ready[],
  ): Promise<void> {
    for (let at = 0; at < rows.length; at += BATCH) {
      await this.#store(entity, rows.slice(at, at + BATCH));
      this.#tell();
    }
  }

  async #store<Table extends ThingTable, Out>(
    entity: Entity<Table, Out>,
    rows: readonly Ready[],
  ): Promise<void> {
    const { signal } = this.#options;
    const full = this.#full.get(entity.table);
    if (full) {
      for (const { candidate } of rows) this.#fail(candidate, full);
      return;
    }
    try {
      throwIfAborted(signal, ACTION);
      const stored = await storeRows(
        entity,
        rows.map(({ row }) => row),
        ACTION,
        signal,
      );
      for (const { existed } of stored) this.report[existed ? "unchanged" : "created"] += 1;
    } catch (error) {
      if (!isRefusal(error)) throw this.#interrupted(error);
      const [first] = rows;
      if (rows.length > 1) {
        const half = Math.ceil(rows.length / 2);
        await this.#store(entity, rows.slice(0, half));
        await this.#store(entity, rows.slice(half));
      } else if (first) {
        if (error.code === "LIMIT_GOALS" || error.code === "LIMIT_TASKS") this.#full.set(entity.table, error);
        this.#fail(first.candidate, error);
      }
    }
  }

  #fail({ line, kind, raw, fields }: Candidate, error: unknown): void {
    if (!isTrackItError(error)) throw error;
    const id = typeof fields.id === "string" ? fields.id : null;
    const { code, message, field } = error;
    const failure: ImportFailure = { line, kind, id, code, message, field, row: raw };
    this.report.failed.push(failure);
  }

  #tell(): void {
    const { created, unchanged, failed } = this.report;
    const progress = { done: created + unchanged + failed.length, total: this.#total, failed: failed.length };
    this.#options.onProgress?.(progress);
  }

  #interrupted(error: unknown): unknown {
    if (!isTrackItError(error)) return error;
    const { code, message, hint, status } = error;
    return new TrackItError(code, message, { hint, status, cause: error, details: { report: this.report } });
  }
}

/** A refusal concerns a row; anything else concerns the whole undertaking. */
function isRefusal(error: unknown): error is TrackItError {
  return isTrackItError(error) && !/^(NETWORK|AUTH)_|^LIMIT_RATE$/.test(error.code);
}

/** More than the database allows; keeps a circle from being followed for ever. */
const MOST_LEVELS = 20;

/** Subtasks after the tasks below which they stand; a circle is left for the database to refuse. */
function parentsFirst(rows: readonly Ready[]): Ready[] {
  const byId = new Map(rows.map((row) => [row.row.id, row]));
  const depth = (row: Ready | undefined, level = 0): number =>
    row?.parentId && level < MOST_LEVELS ? depth(byId.get(row.parentId), level + 1) : level;
  return [...rows].sort((a, b) => depth(a) - depth(b));
}

function giveNewIds(candidates: readonly Candidate[]): void {
  const fresh = new Map<unknown, string>();
  for (const { fields } of candidates) if (fields.id) fresh.set(fields.id, uuid7());
  for (const { fields } of candidates) {
    for (const field of ["id", "goalId", "parentId"]) {
      if (fresh.has(fields[field])) fields[field] = fresh.get(fields[field]);
    }
  }
}
