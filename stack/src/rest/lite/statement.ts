import type { CompiledQuery, QueryResult } from "kysely";
import type { ClientBase, Connection, Submittable } from "pg";
import { markNumbers } from "./exact.ts";
import { parameterText } from "./parameters.ts";

/**
 * Runs a statement of lite. What gives rows gives them as JSON that Postgres has written, as PostgREST does, so
 * that every type comes out as it should; only its numbers are read with care.
 */
export async function execute<R>(client: ClientBase, query: CompiledQuery): Promise<QueryResult<R>> {
  const rowless = givesNoRows(query.query);
  const text = rowless ? query.sql : `with t as (${query.sql}) select row_to_json(t.*) from t`;
  const { rows, command } = await run(client, text, query.parameters);
  if (rowless) return { rows: [], numAffectedRows: BigInt(/\d+$/.exec(command)?.[0] ?? 0) };
  return { rows: rows.map((row) => JSON.parse(markNumbers(row)) as R) };
}

/** A write without RETURNING. */
function givesNoRows(node: CompiledQuery["query"]): boolean {
  const writes = ["InsertQueryNode", "UpdateQueryNode", "DeleteQueryNode", "MergeQueryNode"];
  return writes.includes(node.kind) && !("returning" in node && node.returning);
}

interface Outcome {
  rows: string[];
  command: string;
}

function run(client: ClientBase, text: string, values: readonly unknown[]): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    client.query(new Described(text, values, resolve, reject));
  });
}

/** A statement whose parameters are written once Postgres has said of which types they are. */
class Described implements Submittable {
  readonly #text: string;
  readonly #values: readonly unknown[];
  readonly #resolve: (outcome: Outcome) => void;
  readonly #reject: (error: Error) => void;
  readonly #outcome: Outcome = { rows: [], command: "" };
  #connection: Connection | null = null;
  #isBound = false;

  constructor(
    text: string,
    values: readonly unknown[],
    resolve: (outcome: Outcome) => void,
    reject: (error: Error) => void,
  ) {
    this.#text = text;
    this.#values = values;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: Connection): void {
    this.#connection = connection;
    connection.once("parameterDescription", this.#bind);
    connection.stream.cork();
    connection.parse({ name: "", text: this.#text, types: [] }, false);
    connection.describe({ type: "S", name: "" }, false);
    connection.flush();
    connection.stream.uncork();
  }

  readonly #bind = ({ dataTypeIDs }: { dataTypeIDs: number[] }): void => {
    const connection = this.#connection;
    if (!connection) return;
    this.#isBound = true;
    const values = this.#values.map((value, place) => parameterText(value, dataTypeIDs[place] ?? 0));
    connection.stream.cork();
    connection.bind({ statement: "", values, valueMapper: (value) => value }, false);
    connection.execute({}, false);
    connection.sync();
    connection.stream.uncork();
  };

  handleRowDescription(): void {}

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    this.#outcome.rows.push(fields[0] ?? "null");
  }

  handleCommandComplete({ text }: { text: string }): void {
    this.#outcome.command = text;
  }

  handleReadyForQuery(): void {
    this.#resolve(this.#outcome);
  }

  handleError(error: Error): void {
    this.#connection?.off("parameterDescription", this.#bind);
    // Postgres waits for the end of a message group that has failed.
    if (!this.#isBound) this.#connection?.sync();
    this.#reject(error);
  }
}
