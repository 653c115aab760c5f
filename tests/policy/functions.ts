import { type FunctionExpectations, type Row, readLines } from "./expectations.ts";
import { insertRow, nextTitle } from "./tables/seed.ts";
import type { World } from "./world.ts";

const lines = readLines(`
                        anon       eve         ada         sue        gone       root        service
  check_username        204        204         204         204        204        204         204
  find_goals            401/42501  200:0       200:1       400/TK002  400/TK003  200:0       403/42501
  find_tasks            401/42501  200:0       200:1       400/TK002  400/TK003  200:0       403/42501
  feed_since            401/42501  200:object  200:object  400/TK002  400/TK003  200:object  403/42501
  goal_create           401/42501  200:object  200:object  400/TK002  400/TK003  200:object  403/42501
  lookup_profile        401/42501  200:object  200:object  400/TK002  400/TK003  200:object  403/42501
  my_limits             401/42501  200:5       200:5       400/TK002  400/TK003  200:5       403/42501
  my_topic              401/42501  200:object  200:object  400/TK002  400/TK003  200:object  403/42501
  my_sessions           401/42501  200:1       200:1       400/TK002  400/TK003  200:1       403/42501
  revoke_session        401/42501  200:false   200:true    400/TK002  400/TK003  200:false   403/42501
  function_admit        401/42501  403/42501   403/42501   403/42501   403/42501  403/42501   200:object
  worker_claim          401/42501  403/42501   403/42501   403/42501   403/42501  403/42501   200:0
  worker_perform        401/42501  403/42501   403/42501   403/42501   403/42501  403/42501   200:1
  worker_finish         401/42501  403/42501   403/42501   403/42501   403/42501  403/42501   200:0
  worker_fail           401/42501  403/42501   403/42501   403/42501   403/42501  403/42501   200:null
  worker_mail_begin     401/42501  403/42501   403/42501   403/42501   403/42501  403/42501   200:null
  worker_mail_sent      401/42501  403/42501   403/42501   403/42501   403/42501  403/42501   200:false
  mail_unsubscribe      400/TK001  400/TK001   400/TK001   400/TK001   400/TK001  400/TK001   400/TK001
  my_mail_preferences   401/42501  200:1       200:1       400/TK002  400/TK003  200:1       403/42501
  set_mail_preference   401/42501  200:true    200:true    400/TK002  400/TK003  200:true    403/42501
  append_device_entry   401/42501  400/TK001   400/TK001   400/TK002  400/TK003  400/TK001  403/42501
  read_device_logs      401/42501  200:0       200:0       400/TK002  400/TK003  200:0      403/42501
  create_room           401/42501  400/TK001   400/TK001   400/TK002  400/TK003  400/TK001  403/42501
  change_room           401/42501  400/TK600   400/TK600   400/TK002  400/TK003  400/TK600  403/42501
  send_messages         401/42501  400/TK600   400/TK600   400/TK002  400/TK003  400/TK600  403/42501
  withdraw_messages     401/42501  400/TK600   400/TK600   400/TK002  400/TK003  400/TK600  403/42501
  room_rows             401/42501  200:0       200:0       200:0      200:0      200:0      403/42501
  messages_page         401/42501  200:0       200:0       200:0      200:0      200:0      403/42501
  room_wraps            401/42501  200:0       200:0       200:0      200:0      200:0      403/42501
  heads                 401/42501  200:0       200:0       400/TK002  400/TK003  200:0      403/42501
  my_rooms              401/42501  200:0       200:0       200:0      200:0      200:0      403/42501
  mark_read             401/42501  400/TK600   400/TK600   400/TK002  400/TK003  400/TK600  403/42501
  invited_log           401/42501  400/TK600   400/TK600   400/TK002  400/TK003  400/TK600  403/42501
  request_join          401/42501  400/TK001   400/TK001   400/TK002  400/TK003  400/TK001  403/42501
  join_requests_of      401/42501  200:0       200:0       200:0      200:0      200:0      403/42501
  drop_join_requests    401/42501  200:0       200:0       400/TK002  400/TK003  200:0      403/42501
  post_grant            401/42501  400/TK001   400/TK001   400/TK002  400/TK003  400/TK001  403/42501
  my_grants             401/42501  200:0       200:0       200:0      200:0      200:0      403/42501
  drop_grants           401/42501  200:0       200:0       400/TK002  400/TK003  200:0      403/42501
  request_approval      401/42501  400/TK001   400/TK001   400/TK002  400/TK003  400/TK001  403/42501
  answer_approval       401/42501  400/TK001   400/TK001   400/TK002  400/TK003  400/TK001  403/42501
  my_approvals          401/42501  200:0       200:0       200:0      200:0      200:0      403/42501
  put_backup            401/42501  400/TK001   400/TK001   400/TK002  400/TK003  400/TK001  403/42501
  my_backup             401/42501  200:0       200:0       200:0      200:0      200:0      403/42501
  put_vault_items       401/42501  200:0       200:0       400/TK002  400/TK003  200:0      403/42501
  vault_items_since     401/42501  200:0       200:0       200:0      200:0      200:0      403/42501
  set_blocked           401/42501  200:true    200:true    400/TK002  400/TK003  200:true   403/42501
  report_user           401/42501  200:true    200:true    400/TK002  400/TK003  200:true   403/42501
  reserve_file          401/42501  200:object  200:object  400/TK002  400/TK003  200:object  403/42501
  reserve_version       401/42501  400/TK700   400/TK700   400/TK002  400/TK003  400/TK700   403/42501
  complete_upload       401/42501  400/TK700   400/TK700   400/TK002  400/TK003  400/TK700   403/42501
  cancel_upload         401/42501  200:false   200:false   400/TK002  400/TK003  200:false   403/42501
  my_uploads            401/42501  200:0       200:0       200:0      200:0      200:0       403/42501
  change_file           401/42501  400/TK700   400/TK700   400/TK002  400/TK003  400/TK700   403/42501
  reseal_versions       401/42501  400/TK700   400/TK700   400/TK002  400/TK003  400/TK700   403/42501
  purge_files           401/42501  200:0       200:0       400/TK002  400/TK003  200:0       403/42501
  restore_version       401/42501  400/TK700   400/TK700   400/TK002  400/TK003  400/TK700   403/42501
  attach_file           401/42501  400/TK700   400/TK700   400/TK002  400/TK003  400/TK700   403/42501
  detach_file           401/42501  400/TK700   400/TK700   400/TK002  400/TK003  400/TK700   403/42501
  files_page            401/42501  200:0       200:0       200:0      200:0      200:0       403/42501
  read_files            401/42501  200:0       200:0       200:0      200:0      200:0       403/42501
  file_versions_of      401/42501  200:0       200:0       200:0      200:0      200:0       403/42501
  create_folder         401/42501  200:object  200:object  400/TK002  400/TK003  200:object  403/42501
  change_folder         401/42501  400/TK700   400/TK700   400/TK002  400/TK003  400/TK700   403/42501
  purge_folder          401/42501  400/TK700   400/TK700   400/TK002  400/TK003  400/TK700   403/42501
  folders_page          401/42501  200:0       200:0       200:0      200:0      200:0       403/42501
  create_share          401/42501  400/TK700   400/TK700   400/TK002  400/TK003  400/TK700   403/42501
  change_share          401/42501  400/TK700   400/TK700   400/TK002  400/TK003  400/TK700   403/42501
  revoke_share          401/42501  400/TK700   400/TK700   400/TK002  400/TK003  400/TK700   403/42501
  shares_page           401/42501  200:0       200:0       200:0      200:0      200:0       403/42501
  share_events_page     401/42501  200:0       200:0       200:0      200:0      200:0       403/42501
  share_file            401/42501  400/TK700   400/TK700   400/TK002  400/TK003  400/TK700   403/42501
  unshare_file          401/42501  200:false   200:false   400/TK002  400/TK003  200:false   403/42501
  shared_with_me        401/42501  200:0       200:0       200:0      200:0      200:0       403/42501
  file_people           401/42501  200:0       200:0       200:0      200:0      200:0       403/42501
  share_redeem          401/42501  403/42501   403/42501   403/42501  403/42501  403/42501   200:object
  share_renew           401/42501  403/42501   403/42501   403/42501  403/42501  403/42501   200:object
  worker_removals       401/42501  403/42501   403/42501   403/42501  403/42501  403/42501   200:0
  worker_removed        401/42501  403/42501   403/42501   403/42501  403/42501  403/42501   200:0
  username_available    200:true   200:true    200:true    200:true   200:true   200:true    200:true
  is_free_of_controls   200:true   200:true    200:true    200:true   200:true   200:true    200:true
  is_free_of_markup     200:true   200:true    200:true    200:true   200:true   200:true    200:true
  is_one_line           200:true   200:true    200:true    200:true   200:true   200:true    200:true
  is_plain_line         200:true   200:true    200:true    200:true   200:true   200:true    200:true
  is_plain_text         200:true   200:true    200:true    200:true   200:true   200:true    200:true
  json_is_plain         200:true   200:true    200:true    200:true   200:true   200:true    200:true
  tags_are_plain        200:true   200:true    200:true    200:true   200:true   200:true    200:true
`);

const given: Record<string, FunctionExpectations["arguments"]> = {
  check_username: () => ({ username: "still-free" }),
  find_goals: (world) => markedRow(world, "goals"),
  find_tasks: (world) => markedRow(world, "tasks"),
  goal_create: () => ({ goal: { title: nextTitle("goal") }, tasks: [{ title: "First" }] }),
  lookup_profile: ({ cast }) => ({ username: cast.ben.username }),
  feed_since: () => ({ n: 0, limit: 10 }),
  my_limits: () => ({}),
  my_topic: () => ({}),
  my_sessions: () => ({}),
  revoke_session: async (world) => ({ session_id: await spareSession(world) }),
  function_admit: () => ({ bucket: "policy", caller: "somebody", most: 1000, seconds: 60 }),
  worker_claim: () => ({ queue: "jobs", quantity: 1, seconds: 1 }),
  worker_perform: () => ({ jobs: [{ id: crypto.randomUUID(), kind: "nothing_of_the_kind", data: {} }] }),
  worker_finish: () => ({ queue: "jobs", messages: [0] }),
  worker_fail: () => ({
    queue: "jobs",
    message: 0,
    job: crypto.randomUUID(),
    kind: "nothing",
    data: {},
    reason: "test",
    final: true,
  }),
  worker_mail_begin: () => ({ mail: crypto.randomUUID() }),
  worker_mail_sent: () => ({ mail: crypto.randomUUID(), provider_id: "test" }),
  mail_unsubscribe: () => ({ token: `${"0".repeat(32)}.reminders.${"0".repeat(64)}` }),
  my_mail_preferences: () => ({}),
  set_mail_preference: () => ({ kind: "reminders", wanted: true }),
  append_device_entry: () => ({ entry: "AA" }),
  read_device_logs: () => ({ asked: [{ user_id: crypto.randomUUID() }] }),
  create_room: () => ({ entry: "AA", change: {} }),
  change_room: () => ({ room: crypto.randomUUID(), change: { entries: ["AA"] } }),
  send_messages: () => ({ room: crypto.randomUUID(), messages: ["AA"] }),
  withdraw_messages: () => ({ room: crypto.randomUUID(), ids: [] }),
  room_rows: () => ({ room: crypto.randomUUID(), after: 0 }),
  messages_page: () => ({ room: crypto.randomUUID() }),
  room_wraps: () => ({ room: crypto.randomUUID(), device: crypto.randomUUID() }),
  heads: () => ({ rooms: [crypto.randomUUID()] }),
  my_rooms: () => ({ before: "1970-01-01T00:00:00Z" }),
  mark_read: () => ({ room: crypto.randomUUID(), seq: 1 }),
  invited_log: () => ({ room: crypto.randomUUID(), invite: crypto.randomUUID() }),
  request_join: () => ({ request: "AA" }),
  join_requests_of: () => ({ room: crypto.randomUUID() }),
  drop_join_requests: ({ cast }) => ({ room: crypto.randomUUID(), users: [cast.ada.id] }),
  post_grant: () => ({ grant: "AA" }),
  my_grants: () => ({ device: crypto.randomUUID() }),
  drop_grants: () => ({ ids: [] }),
  request_approval: () => ({ request: "AA" }),
  answer_approval: () => ({ id: crypto.randomUUID(), answer: "AA" }),
  my_approvals: () => ({ wanted: crypto.randomUUID() }),
  put_backup: () => ({ backup: "AA" }),
  my_backup: noBackups,
  put_vault_items: () => ({ items: [] }),
  vault_items_since: () => ({ after: "9999-01-01T00:00:00Z" }),
  set_blocked: ({ cast }) => ({ user: cast.ben.id, blocked: true }),
  report_user: ({ cast }) => ({ user: cast.ben.id, reason: "Spam" }),
  reserve_file: () => ({ id: crypto.randomUUID(), size: 1 }),
  reserve_version: () => ({ file: crypto.randomUUID(), upload: crypto.randomUUID(), size: 1 }),
  complete_upload: () => ({ upload: crypto.randomUUID() }),
  cancel_upload: () => ({ upload: crypto.randomUUID() }),
  my_uploads: noUploads,
  change_file: () => ({ id: crypto.randomUUID(), changes: {} }),
  reseal_versions: () => ({ file: crypto.randomUUID(), items: [], version: 1 }),
  purge_files: () => ({ ids: [] }),
  restore_version: () => ({ file: crypto.randomUUID(), number: 1 }),
  attach_file: () => ({ file: crypto.randomUUID(), room: crypto.randomUUID() }),
  detach_file: () => ({ file: crypto.randomUUID() }),
  files_page: () => ({ scope: "all", before: "1970-01-01T00:00:00Z" }),
  read_files: () => ({ ids: [crypto.randomUUID()] }),
  file_versions_of: () => ({ file: crypto.randomUUID() }),
  create_folder: () => ({ id: crypto.randomUUID(), name: "Photos" }),
  change_folder: () => ({ id: crypto.randomUUID(), changes: {} }),
  purge_folder: () => ({ id: crypto.randomUUID() }),
  folders_page: () => ({ after: "ffffffff-ffff-4fff-bfff-ffffffffffff" }),
  create_share: () => ({
    ...{ id: crypto.randomUUID(), file: crypto.randomUUID(), content_version: 1 },
    ...{ access_hash: "A".repeat(43), door_hash: "A".repeat(43), body: "AA" },
  }),
  change_share: () => ({ id: crypto.randomUUID(), changes: {} }),
  revoke_share: () => ({ id: crypto.randomUUID() }),
  shares_page: () => ({ before: "1970-01-01T00:00:00Z" }),
  share_events_page: () => ({ before: "1970-01-01T00:00:00Z" }),
  share_file: ({ cast }) => ({ file: crypto.randomUUID(), user: cast.ben.id }),
  unshare_file: ({ cast }) => ({ file: crypto.randomUUID(), user: cast.ben.id }),
  shared_with_me: () => ({ before: "1970-01-01T00:00:00Z" }),
  file_people: () => ({ file: crypto.randomUUID() }),
  share_redeem: () => ({ link: crypto.randomUUID(), door: "A".repeat(43) }),
  share_renew: () => ({ link: crypto.randomUUID(), grant: "A".repeat(43) }),
  worker_removals: () => ({ ids: [] }),
  worker_removed: () => ({ ids: [] }),
  username_available: () => ({ username: "still-free" }),
  json_is_plain: () => ({ value: { a: "plain" } }),
  tags_are_plain: () => ({ value: ["home"] }),
};

/** What finds a row of ada's and no other. */
async function markedRow({ stack, cast }: World, table: string): Promise<Row> {
  const custom = { marker: crypto.randomUUID() };
  await insertRow(stack, table, { owner_id: cast.ada.id, title: nextTitle("find"), custom }, ["id"]);
  return { custom };
}

/** The backups that the matrix has put there are gone; then there is nothing to say. */
async function noBackups({ stack }: World): Promise<Row> {
  await stack.db.query("delete from public.backups");
  return {};
}

/** The reservations of earlier cells are gone. */
async function noUploads({ stack }: World): Promise<Row> {
  await stack.db.query("delete from public.files where state = 'reserved'");
  return {};
}

/** A session of ada's that she could do without. */
async function spareSession({ stack, cast }: World): Promise<string> {
  const { rows } = await stack.db.query<{ id: string }>(
    "insert into auth.sessions (id, user_id, created_at) values (gen_random_uuid(), $1, now()) returning id",
    [cast.ada.id],
  );
  return rows[0]?.id ?? "";
}

/** Every function that the API can reach. Checks of domains are executed by whoever writes, so by everybody. */
export const functions: readonly FunctionExpectations[] = [...lines].map(([name, line]) => ({
  name,
  line,
  arguments: given[name] ?? (() => ({ value: "plain" })),
}));
