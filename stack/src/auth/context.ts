import type { Sql, TransactionSql } from "postgres";
import type { Caller, Log } from "../part.ts";
import type { Limits } from "./limits.ts";
import type { MailDesk } from "./mail/desk.ts";
import type { Redirects } from "./redirects.ts";
import type { Settings } from "./settings.ts";
import type { TokenSigner } from "./tokens.ts";
import type { Turns } from "./turns.ts";

/** Postgres.js types a pool and a transaction apart; every store function takes either. */
export type Db = Sql | TransactionSql;

/** What every endpoint works with; made once. */
export interface AuthContext {
  sql: Sql;
  settings: Settings;
  tokens: TokenSigner;
  mail: MailDesk;
  limits: Limits;
  redirects: Redirects;
  /** The last step that each factor was used at: a code that somebody looked on is worth nothing afterwards. */
  usedSteps: Map<string, number>;
  /** Turns at the work of hashing passwords. */
  hashing: Turns;
  /** Told of each sign-in and refresh; removes dead rows now and then. */
  cleanup: (auth: AuthContext) => void;
  log: Log;
}

export type Json = Record<string, unknown>;

/** One request, its body read and its caller known. */
export interface Call {
  request: Request;
  url: URL;
  /** Path parameters by name. */
  params: Readonly<Record<string, string>>;
  body: Json;
  ip: string;
  caller: Caller;
  log: Log;
}

export type Handler = (auth: AuthContext, call: Call) => Promise<Response>;
