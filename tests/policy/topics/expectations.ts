import { type Line, readLines } from "../expectations.ts";

/**
 * What can be done on a private topic, and what comes of it.
 *
 * - `listen`: join, and `heard` is what the database says there
 * - `look`: join, and `seen` is who is there
 * - `speak`: broadcast on the socket, joined or not; `heard` by others, or `silent`, which is how a denied write ends
 * - `appear`: say on the socket that one is there; `seen` by others, or `denied`
 * - `post`, `post many`: broadcast over HTTP, in both forms, with the status; `dropped` is accepted and not sent on
 * - `insert`: a row of `realtime.messages` over REST, where that schema is not to be found
 *
 * Where the join is refused, `refused` is the policies' answer and `ended` what a token hears whose session has ended.
 */
export const acts = ["listen", "look", "speak", "appear", "post", "post many", "insert"] as const;
export type Act = (typeof acts)[number];

/**
 * Topics of one kind and what everybody may do there. ada, sue and gone come to their own, all others to ada's; to the
 * room all come: ada, sue and gone are its members, root was removed from it, eve is not known there.
 */
export interface TopicExpectations {
  title: string;
  /** Their names, from the present topic of whoever owns it: `user:<id>:<rev>`. */
  names(present: Present): string[];
  cells: Record<Act, Line>;
}

/** Where somebody's devices listen now. */
export interface Present {
  id: string;
  rev: number;
  room: { id: string; rev: number };
}

const nobody = `
             anon     eve      ada      sue    gone   root     service
  listen     refused  refused  refused  ended  ended  refused  heard
  look       refused  refused  refused  ended  ended  refused  seen
  speak      refused  refused  refused  ended  ended  refused  heard
  appear     refused  refused  refused  ended  ended  refused  seen
  post       403      403      403      403    403    403      202
  post-many  dropped  dropped  dropped  dropped dropped dropped 202
  insert     406      406      406      406    406    406      406
`;

const databaseSpeaks = `
             anon     eve      ada      sue    gone   root     service
  listen     refused  refused  heard    ended  ended  refused  heard
  look       refused  refused  seen     ended  ended  refused  seen
  speak      refused  refused  silent   ended  ended  refused  heard
  appear     refused  refused  denied   ended  ended  refused  seen
  post       403      403      403      403    403    403      202
  post-many  dropped  dropped  dropped  dropped dropped dropped 202
  insert     406      406      406      406    406    406      406
`;

const devicesSpeak = `
             anon     eve      ada      sue    gone   root     service
  listen     refused  refused  heard    ended  ended  refused  heard
  look       refused  refused  seen     ended  ended  refused  seen
  speak      refused  refused  heard    ended  ended  refused  heard
  appear     refused  refused  seen     ended  ended  refused  seen
  post       403      403      202      403    403    403      202
  post-many  dropped  dropped  202      dropped dropped dropped 202
  insert     406      406      406      406    406    406      406
`;

export const topics: readonly TopicExpectations[] = [
  {
    title: "user:<id>:<rev>, where the database speaks",
    names: ({ id, rev }) => [`user:${id}:${rev}`],
    cells: readTopic(databaseSpeaks),
  },
  {
    title: "live:<id>:<rev>, where devices speak to each other",
    names: ({ id, rev }) => [`live:${id}:${rev}`],
    cells: readTopic(devicesSpeak),
  },
  {
    title: "room:<id>:<rev>, where the database tells members of rows",
    names: ({ room: { id, rev } }) => [`room:${id}:${rev}`],
    cells: readTopic(databaseSpeaks),
  },
  {
    title: "live:<id>:<rev> of a room, where its members' devices speak to each other",
    names: ({ room: { id, rev } }) => [`live:${id}:${rev}`],
    cells: readTopic(devicesSpeak),
  },
  {
    title: "a revision that is over",
    names: (present) => revisions(present, -1),
    cells: readTopic(nobody),
  },
  {
    title: "a revision that is yet to come",
    names: (present) => revisions(present, 1),
    cells: readTopic(nobody),
  },
  { title: "a name that is nearly one", names: nearly, cells: readTopic(nobody) },
];

/** The same topics, in an earlier or later revision. */
function revisions({ id, rev, room }: Present, by: number): string[] {
  const user = [`user:${id}:${rev + by}`, `live:${id}:${rev + by}`];
  return [...user, `room:${room.id}:${room.rev + by}`, `live:${room.id}:${room.rev + by}`];
}

/** What is no topic and could be taken for one: by a reader of patterns, a trimmer, a folder of letters, a caster. */
function nearly({ id, rev }: Present): string[] {
  const wide = (text: string) => text.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
  return [
    `user:${id}`,
    `user:${id}:`,
    `user:${id}:0${rev}`,
    `user:${id}:+${rev}`,
    `user:${id}:${rev}.0`,
    `user:${id}:${rev}e0`,
    `user:${id}:${rev}:1`,
    `user:${id}:${rev + 2 ** 32}`,
    `user:${id}:99999999999999999999`,
    `user:${id}:${rev} `,
    `user:${id}:${rev}\n`,
    `\nuser:${id}:${rev}`,
    ` user:${id}:${rev}`,
    `user:${id}:${rev}\nlive:${id}:${rev}`,
    `user:{${id}}:${rev}`,
    `user:${id.replaceAll("-", "")}:${rev}`,
    `user:${id.toUpperCase()}:${rev}`,
    `USER:${id}:${rev}`,
    `Live:${id}:${rev}`,
    `live:user:${id}:${rev}`,
    `room:${id}:${rev}`,
    `live:%:${rev}`,
    "user:%",
    ".*",
    `live:${id}:${rev}' or true --`,
    // Twins: the same to the eye, or after folding.
    `u\u0455er:${id}:${rev}`,
    `l\u0456ve:${id}:${rev}`,
    `live\uff1a${id}:${rev}`,
    `live:${id}:${wide(String(rev))}`,
    `live:${wide(id)}:${rev}`,
    `live:${id}:${rev}\u200d`,
    `\ufefflive:${id}:${rev}`,
    `live:${id}:${rev}\u0301`,
    `\u202elive:${id}:${rev}`,
    `live:${id}:${rev}\u0085`,
    `live:${id}:${rev}${"0".repeat(5_000)}`,
  ];
}

function readTopic(text: string): Record<Act, Line> {
  const lines = readLines(text);
  return Object.fromEntries(
    acts.map((act) => [act, lines.get(act.replace(" ", "-"))]),
  ) as TopicExpectations["cells"];
}
