import type { StackKeys } from "../keys/keys.ts";
import type { Log } from "../part.ts";
import type { EdgeRuntimeConfig, FunctionConfig } from "./types.ts";

export interface FunctionsOptions {
  project: string;
  functions: Record<string, FunctionConfig>;
  runtime: EdgeRuntimeConfig;
  keys: StackKeys;
  /** Where the gateway answers, without a path. */
  apiUrl: string;
  /** As `postgres`. */
  databaseUrl: string;
  /** Besides gateway and database, addresses of the stack that functions may reach (`host:port`). */
  stackHosts?: string[];
  /** Told to every function besides the platform's own names. */
  env?: Record<string, string>;
  /** The data directory. */
  dataDir: string;
  log: Log;
  /** Whether a change of its files renews a function; default true. */
  watch?: boolean;
  /** Bytes of a request body; default that of the gateway. */
  bodyLimit?: number;
}
