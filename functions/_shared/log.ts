/** What may be said of a request: what was done, by which kind of caller, how it ended. Never who, never what. */
export interface Fields {
  requestId: string;
  function?: string;
  caller?: string;
  method?: string;
  status?: number;
  code?: string;
  ms?: number;
  error?: string;
  at?: string[];
  count?: number;
  bytes?: number;
}

export interface Log {
  info(event: string, fields: Fields): void;
  error(event: string, fields: Fields): void;
}

/** One line of JSON per event. */
export function createLog(write: Pick<Console, "info" | "error"> = console): Log {
  return {
    info: (event, fields) => write.info(JSON.stringify({ event, ...fields })),
    error: (event, fields) => write.error(JSON.stringify({ event, ...fields })),
  };
}

/** Where an error came from, without its words: they quote what people wrote. */
export function describeError(error: unknown): Pick<Fields, "error" | "at"> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? "").split("\n").filter((line) => line.trimStart().startsWith("at "));
  return { error: error.name, at: frames.slice(0, 5).map((line) => line.trim().slice(0, 200)) };
}
