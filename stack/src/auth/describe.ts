/**
 * What a log may say of an error: its kind, codes and place, never its message, since Postgres and mail servers quote
 * the caller's values and addresses in theirs.
 */
export function describe(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const own = (key: string): unknown => Reflect.get(error, key) ?? undefined;
  const frames = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  return {
    error: error.name,
    code: own("code"),
    // Postgres: which rule; mail: the server's number.
    constraint: own("constraint_name"),
    response: own("responseCode"),
    frames: frames.slice(0, 4).map((line) => line.trim()),
  };
}
