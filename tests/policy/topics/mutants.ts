import { type Mutant, mutantsOf } from "../mutants.ts";
import type { World } from "../world.ts";

/** Ways to weaken what the policies on topics call: the function, what it says, and what it says instead. */
const spoiled: [name: string, signature: string, from: string, to: string][] = [
  ["may_hear: anybody's", "private.may_hear(text)", "and t.user_id = asked.id", ""],
  ["may_hear: anybody, anybody's", "private.may_hear(text)", "t.user_id = auth.uid() and", ""],
  ["may_hear: any revision", "private.may_hear(text)", "and t.rev = asked.rev", ""],
  ["may_hear: earlier revisions", "private.may_hear(text)", "t.rev = asked.rev", "t.rev >= asked.rev"],
  ["may_hear: later revisions", "private.may_hear(text)", "t.rev = asked.rev", "t.rev <= asked.rev"],
  ["may_hear: user topics alone", "private.may_hear(text)", "('user', 'live')", "('user')"],
  ["may_hear: live topics alone", "private.may_hear(text)", "('user', 'live')", "('live')"],
  ["may_hear: rooms of others", "private.may_hear(text)", "and m.user_id = auth.uid()", ""],
  ["may_hear: rooms that one has left", "private.may_hear(text)", "and m.left_at is null", ""],
  ["may_hear: any revision of a room", "private.may_hear(text)", "and r.topic_rev = asked.rev", ""],
  ["may_hear: room topics alone", "private.may_hear(text)", "('room', 'live')", "('room')"],
  ["may_hear: live topics of rooms alone", "private.may_hear(text)", "('room', 'live')", "('live')"],
  [
    "may_speak: wherever one hears",
    "private.may_speak(text)",
    "(private.parse_topic(topic)).kind = 'live' and",
    "",
  ],
  ["may_speak: on anybody's live topic", "private.may_speak(text)", "and private.may_hear(topic)", ""],
  ["may_speak: on user topics", "private.may_speak(text)", "= 'live'", "= 'user'"],
  ["parse_topic: what begins otherwise", "private.parse_topic(text)", "'^(user", "'(user"],
  ["parse_topic: what ends otherwise", "private.parse_topic(text)", "{0,8})$'", "{0,8})'"],
  ["parse_topic: zeros in front", "private.parse_topic(text)", "([1-9][0-9]{0,8})", "([0-9]{1,9})"],
  ["parse_topic: capitals", "private.parse_topic(text)", "'^(user", "'(?i)^(user"],
];

/** The policies of `realtime.messages` and the functions behind them, each spoiled in every way we know. */
export async function topicMutants(world: World): Promise<Mutant[]> {
  return [...(await mutantsOf(world.stack, "realtime")), ...(await spoiledFunctions(world))];
}

async function spoiledFunctions({ stack: { db } }: World): Promise<Mutant[]> {
  const mutants: Mutant[] = [];
  for (const [name, signature, from, to] of spoiled) {
    const { rows } = await db.query<{ sql: string }>("select pg_get_functiondef($1::regprocedure) as sql", [
      signature,
    ]);
    const [row] = rows;
    if (!row?.sql.includes(from)) throw new Error(`spoiling ${signature}: ${from} is not in it; wanted that`);
    mutants.push({ name, table: "messages", sql: row.sql.replace(from, to) });
  }
  return mutants;
}
