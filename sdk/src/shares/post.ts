import type { Connection } from "../connect.ts";
import { ERROR_CODES, TrackItError } from "../errors.ts";
import { doorOf } from "../files/door.ts";
import { clocks } from "../live/clocks.ts";
import { within } from "../retry/within.ts";

/** What the function says of a link: docs/files.md. */
export type Told =
  | { outcome: "door"; password: boolean }
  | {
      outcome: "open";
      /** Renews the address below without counting again; missing where it was used for that. */
      grant?: string;
      expires_at: string;
      body?: string;
      /** Of the project, good for a minute; null where Storage was away: the grant asks again. */
      url: string | null;
      size: number;
      encrypted: boolean;
      number: number;
      file_id: string;
    };

/** Asks the function for links, as whoever is signed in, or nobody. */
export function ask(
  connection: Connection,
  body: Record<string, string>,
  action: string,
  signal?: AbortSignal,
): Promise<Told> {
  return within(clocks.answer, action, (given) => post(connection, body, action, given), signal);
}

async function post(
  connection: Connection,
  body: Record<string, string>,
  action: string,
  signal: AbortSignal,
): Promise<Told> {
  const door = doorOf(connection, refusalOf);
  const headers = { "content-type": "application/json" };
  const bytes = new TextEncoder().encode(JSON.stringify(body));
  const { text } = await door.send(
    door.url("/functions/v1/share"),
    { method: "POST", headers, body: bytes, signal },
    action,
  );
  const told = read(text) as Partial<Told>;
  if (told.outcome === "door" || told.outcome === "open") return told as Told;
  throw new TrackItError("NETWORK_SERVER", `${action}: the answer is none of the function's`);
}

/** A function's refusal has a code of the SDK's own list. */
function refusalOf(text: string, status: number, action: string, retryAfter: string | null): TrackItError {
  const said = read(text);
  const code =
    ERROR_CODES.find((known) => known === said.code) ?? (status === 429 ? "LIMIT_RATE" : "NETWORK_SERVER");
  return new TrackItError(code, `${action}: ${said.message ?? `answered ${status}`}`, {
    status,
    cause: said,
    retryAfter: retryAfter === null ? undefined : Number(retryAfter),
  });
}

function read(text: string): { code?: string; message?: string; outcome?: unknown } {
  try {
    const said: unknown = JSON.parse(text);
    return typeof said === "object" && said !== null ? said : {};
  } catch {
    return {};
  }
}
