import {
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from "kysely";
import type { ClientBase } from "pg";
import { execute } from "./statement.ts";

const nothing = async () => {};

/** A kysely instance whose every statement runs on one connection, in whatever transaction that is in. */
export function bindTo<DB>(client: ClientBase): Kysely<DB> {
  const connection: DatabaseConnection = {
    executeQuery: (query) => execute(client, query),
    streamQuery() {
      throw new Error("Streaming a statement failed: lite never asks for it");
    },
  };
  const driver: Driver = {
    init: nothing,
    acquireConnection: async () => connection,
    beginTransaction: nothing,
    commitTransaction: nothing,
    rollbackTransaction: nothing,
    releaseConnection: nothing,
    destroy: nothing,
  };
  return new Kysely<DB>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}
