/** The database roles that an API request can run as. */
export type DbRole = "anon" | "authenticated" | "service_role";

/** Who is calling, as the gateway has verified it. `claims` is the JWT payload, or `{ role }` for a bare key. */
export interface Caller {
  role: DbRole;
  claims: Record<string, unknown>;
  /** The user's bearer token, already verified; null when only a key was sent. */
  token: string | null;
}

/** One line of JSON per event; never personal data. */
export interface Log {
  debug(event: string, fields?: Record<string, unknown>): void;
  info(event: string, fields?: Record<string, unknown>): void;
  warn(event: string, fields?: Record<string, unknown>): void;
  error(event: string, fields?: Record<string, unknown>): void;
}

export interface RequestContext {
  requestId: string;
  ip: string;
  caller: Caller;
  log: Log;
}

/** A part of the stack: one folder, one entry, answers the requests below its prefix. */
export interface Part {
  fetch(request: Request, context: RequestContext): Promise<Response>;
  close(): Promise<void>;
}
