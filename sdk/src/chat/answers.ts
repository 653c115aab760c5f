import { TrackItError } from "../errors.ts";
import { isUuid } from "../ids/uuid7.ts";

/** Whether a value may be taken apart as what it is said to be. */
type Form = (value: unknown) => boolean;

const text: Form = (value) => typeof value === "string";
const uuid: Form = isUuid;
const count: Form = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const bytes: Form = (value) => typeof value === "string" && /^[\w-]*$/.test(value);
const time: Form = (value) => typeof value === "string" && !Number.isNaN(Date.parse(value));
const maybe =
  (form: Form): Form =>
  (value) =>
    value === null || value === undefined || form(value);
const list =
  (form: Form): Form =>
  (value) =>
    Array.isArray(value) && value.every(form);
const each =
  (form: Form): Form =>
  (value) =>
    typeof value === "object" && value !== null && Object.values(value).every(form);
const object =
  (fields: Record<string, Form>): Form =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(fields).every(([name, form]) => form(Reflect.get(value, name)));

const member = object({ user_id: uuid, root: bytes, log_rows: maybe(count) });
const standing = object({ last_seq: count, log_rows: count, epoch: count, transcript: bytes });
const head = object({ id: uuid, topic_rev: count, members: maybe(list(member)) });
const row = object({ seq: count, kind: text, bytes, by: uuid, at: time });

/**
 * The forms of answers, as far as they are taken apart before anything in them is verified: a server can answer with
 * anything, and is told from an honest one by what verifies, not by where it breaks.
 */
const FORMS: Record<string, Form> = {
  heads: list((one) => {
    const isOut = object({ id: uuid })(one) && Reflect.get(one as object, "topic_rev") === undefined;
    return isOut || (head(one) && standing(one));
  }),
  invited_log: object({ entries: list(object({ room_seq: count, bytes })) }),
  join_requests_of: list(object({ user_id: uuid, request: bytes })),
  lookup_profile: maybe(object({ id: uuid })),
  my_approvals: list(object({ id: uuid, created_at: time, request: bytes, answer: maybe(bytes) })),
  my_backup: list(object({ root: bytes, number: count, backup: bytes, at: time })),
  my_grants: list(object({ id: uuid, room: uuid, sealed: bytes })),
  my_rooms: list(
    object({ id: uuid, kind: text, last_seq: count, transcript: bytes, active_at: time, unread: count }),
  ),
  read_device_logs: list(
    object({ user_id: uuid, root: bytes, rows: count, entries: list(bytes), openings: each(bytes) }),
  ),
  room_rows: list(row),
  room_wraps: list(object({ epoch: count, wrap: bytes })),
  send_messages: (answer) => {
    const sent = object({ messages: list(object({ id: uuid, seq: count, at: time })) });
    return sent(answer) || object({ stale: (one) => head(one) && standing(one) })(answer);
  },
  vault_items_since: list(object({ at: time, sealed: bytes })),
};

/** @throws NETWORK_SERVER for an answer that is none to this question. */
export function checkAnswer(name: string, answer: unknown, action: string): void {
  const form = FORMS[name];
  if (!form || form(answer)) return;
  throw new TrackItError("NETWORK_SERVER", `${action}: the server's answer to ${name} is of another form`);
}
