/** `[functions.NAME]` of config.toml; paths are relative to `supabase/`, as the CLI reads them. */
export interface FunctionConfig {
  enabled?: boolean;
  verify_jwt?: boolean;
  import_map?: string;
  entrypoint?: string;
  static_files?: string[];
}

/** `[edge_runtime]` of config.toml. */
export interface EdgeRuntimeConfig {
  enabled: boolean;
  /** Environment of every function, besides `supabase/functions/.env`. */
  secrets?: Record<string, string>;
}

/** Bounds of one function, in the stated units. The defaults are those of the hosted platform. */
export interface FunctionLimits {
  /** From the request to the head of the answer. */
  requestSeconds: number;
  /** From the request to the end of the answer, and how long background tasks keep a process. */
  wallClockSeconds: number;
  /** Heap and buffers. */
  memoryMb: number;
  /** How long a process without work stays. */
  idleSeconds: number;
}

/** What this stack asks beside the CLI's keys; see `declared.ts`. */
export interface Declared {
  /** Hosts (`name` or `name:port`) that the function may open connections to. */
  net: string[];
  /** Started with the stack, and never idle. */
  warm: boolean;
  limits: FunctionLimits;
}

/** A function as it is found on disk; all paths absolute. */
export interface FunctionSpec {
  name: string;
  enabled: boolean;
  verifyJwt: boolean;
  entrypoint: string;
  /** A deno.json or an import map; null where there is none. */
  importMap: string | null;
  /** Files and folders that it may read besides its modules. */
  staticFiles: string[];
}

/** How a function's process came to its end. */
export type Ending = "stopped" | "crashed" | "memory";
