/** The port that the gateway was asked to listen on is held by another process. */
export class PortBusyError extends Error {
  override readonly name = "PortBusyError";
  readonly code = "PORT_BUSY";
  readonly host: string;
  readonly port: number;

  constructor(host: string, port: number, cause: unknown) {
    super(`Listening on ${host}:${port} failed: the port is taken; wanted a free port (0 picks one)`, {
      cause,
    });
    this.host = host;
    this.port = port;
  }
}

/** A request body that is longer than its route allows. */
export class BodyTooLargeError extends Error {
  override readonly name = "BodyTooLargeError";
  readonly code = "BODY_TOO_LARGE";
  readonly limit: number;

  constructor(limit: number) {
    super(`Reading the request body failed: it is longer than ${limit} bytes; wanted a shorter one`);
    this.limit = limit;
  }
}

/**
 * Where an error came from, without its message: messages of Postgres quote the caller's values, and logs
 * carry no personal data.
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  const code = "code" in error ? error.code : undefined;
  return { error: error.name, code, frames: frames.slice(0, 6).map((line) => line.trim()) };
}
