import type { Connection, Submittable } from "pg";

/** A statement that is prepared once per connection under its name, and its text parameters. */
export interface Statement {
  name: string;
  text: string;
  values: readonly (string | null)[];
}

/** The only row of the last statement, null where it gave none, and what it did (`INSERT 0 1`). */
export interface Outcome {
  row: (string | null)[] | null;
  command: string;
}

/** Statements that each connection keeps prepared at most; a plan takes tens of kilobytes in its backend. */
const keptStatements = 100;

/** The names of what a connection holds prepared, oldest first. */
const preparedOn = new WeakMap<Connection, Set<string>>();

/**
 * Several prepared statements in one round trip and, since only one Sync follows them, in one implicit
 * transaction: Postgres commits when all have run and undoes all of them when one fails. That is what BEGIN and
 * COMMIT would do, without their messages.
 * @see https://www.postgresql.org/docs/17/protocol-flow.html#PROTOCOL-FLOW-PIPELINING
 */
export class Exchange implements Submittable {
  readonly #statements: readonly Statement[];
  readonly #settle: (error: Error | null, outcome: Outcome) => void;
  readonly #outcome: Outcome = { row: null, command: "" };
  #sent: Set<string> | null = null;

  constructor(statements: readonly Statement[], settle: (error: Error | null, outcome: Outcome) => void) {
    this.#statements = statements;
    this.#settle = settle;
  }

  submit(connection: Connection): void {
    const prepared = preparedOn.get(connection) ?? new Set();
    preparedOn.set(connection, prepared);
    this.#sent = prepared;
    connection.stream.cork();
    for (const statement of this.#statements) send(connection, statement, prepared);
    connection.sync();
    connection.stream.uncork();
  }

  handleDataRow(message: { fields: (string | null)[] }): void {
    this.#outcome.row = message.fields;
  }

  handleCommandComplete(message: { text: string }): void {
    this.#outcome.command = message.text;
    // The row belongs to the statement that has just ended; only the last one's is wanted.
    if (++this.#completed < this.#statements.length) this.#outcome.row = null;
  }
  #completed = 0;

  handleReadyForQuery(): void {
    this.#settle(null, this.#outcome);
  }

  handleError(error: Error): void {
    // Which of them got prepared before the failure is unknown: they are closed and prepared anew next time.
    for (const { name } of this.#statements) this.#sent?.delete(name);
    this.#settle(error, this.#outcome);
  }
}

function send(connection: Connection, statement: Statement, prepared: Set<string>): void {
  const { name, text } = statement;
  if (!prepared.has(name)) {
    // Closing a name that does not exist is no error.
    connection.close({ type: "S", name }, false);
    connection.parse({ name, text, types: [] }, false);
    prepared.add(name);
    dropOldest(connection, prepared);
  }
  connection.bind({ statement: name, values: [...statement.values], valueMapper: (value) => value }, false);
  connection.execute({}, false);
}

function dropOldest(connection: Connection, prepared: Set<string>): void {
  if (prepared.size <= keptStatements) return;
  // The first is the settings statement, which every request needs.
  const [, oldest] = prepared;
  if (oldest === undefined) return;
  connection.close({ type: "S", name: oldest }, false);
  prepared.delete(oldest);
}
