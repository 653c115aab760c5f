import type { Connection } from "../connect.ts";
import { TrackItError } from "../errors.ts";
import { camelRow } from "../rows/camel.ts";
import { call } from "../transport/rest.ts";
import type { CallOptions } from "../types.ts";
import type { SessionInfo, Sessions } from "./types.ts";

export function createSessions({ client }: Connection): Sessions {
  return {
    async list({ signal }: CallOptions = {}): Promise<SessionInfo[]> {
      const rows = await call(client, "my_sessions", {}, "auth.sessions.list", signal);
      return rows.map((row) => camelRow(row));
    },
    async revoke(sessionId: string, { signal }: CallOptions = {}): Promise<void> {
      const args = { session_id: sessionId };
      const found = await call(client, "revoke_session", args, "auth.sessions.revoke", signal);
      if (!found) throw noSuchSession(sessionId);
    },
  };
}

function noSuchSession(sessionId: string): TrackItError {
  return new TrackItError("ACCESS_NOT_FOUND", `auth.sessions.revoke: there is no open session ${sessionId}`, {
    field: "sessionId",
    value: sessionId,
  });
}
