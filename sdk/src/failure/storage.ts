import { type ErrorCode, TrackItError } from "../errors.ts";

/** What Storage says when it refuses: the status that it means may stand within the body. */
interface StorageFailure {
  statusCode?: string | number;
  error?: string;
  message?: string;
}

const BY_STATUS: Record<number, ErrorCode> = {
  401: "AUTH_REQUIRED",
  403: "ACCESS_DENIED",
  404: "ACCESS_NOT_FOUND",
  408: "NETWORK_TIMEOUT",
  409: "CONFLICT_ID",
  410: "ACCESS_NOT_FOUND",
  413: "LIMIT_SIZE",
  415: "USAGE_INVALID",
  416: "USAGE_INVALID",
  423: "CONFLICT_BUSY",
  429: "LIMIT_RATE",
};

/** Turns a refusal of Storage into the SDK's error. */
export function fromStorage(body: string, status: number, action: string): TrackItError {
  const said = read(body);
  const meant = Number(said.statusCode) || status;
  const code = BY_STATUS[meant] ?? (meant >= 500 || meant < 400 ? "NETWORK_SERVER" : "USAGE_INVALID");
  const text = said.message || said.error || `answered ${status}`;
  return new TrackItError(code, `${action}: ${text}`, { status: meant, cause: said });
}

function read(body: string): StorageFailure {
  try {
    const said: unknown = JSON.parse(body);
    return typeof said === "object" && said !== null ? said : {};
  } catch {
    return { message: body.slice(0, 200) };
  }
}
