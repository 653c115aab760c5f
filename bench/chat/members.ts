import type pg from "pg";
import { queryAs } from "../../tests/sql/support/people.ts";
import { message, text } from "../../tests/sql/support/rooms.ts";
import { type Figure, median, round } from "../lib/result.ts";
import { call, connect, makeRoom, type Person, type World } from "./world.ts";

const SIZES = [2, 100, 1000];
const ROUNDS = 300;
/** Of a room whose log has one row, and none of whose members has a new device. */
const STAMP = "1.0";

interface Room {
  size: number;
  id: string;
  /** What a device takes the room for: members by their stamp, and once it knows it the last row. */
  seen: { stamp: string; seq?: number; transcript?: string };
  /** Milliseconds. */
  sql: number[];
  http: number[];
  heads: number[];
}

interface Answer {
  room?: { last_seq: number; transcript: string };
  stale?: object;
}

/**
 * A send in rooms of several sizes, which take turns: by SQL as REST runs it, and over HTTP, each with what the SDK has
 * compared by it; and the heads that it asks for now and then. Nobody listens.
 */
export async function members(world: World): Promise<Figure[]> {
  const { stack, db } = world;
  const [sender] = world.people as [Person];
  const client = await connect(stack.authenticatorUrl);
  const rooms: Room[] = [];
  for (const size of SIZES) {
    const id = await makeRoom(stack, db, [sender], size - 1);
    rooms.push({ size, id, seen: { stamp: STAMP }, sql: [], http: [], heads: [] });
  }
  for (let turn = 0; turn < ROUNDS; turn++) {
    for (const room of rooms) {
      room.sql.push(await time(() => bySql(client, sender, room, 2 * turn)));
      room.http.push(await time(() => overHttp(world, sender, room, 2 * turn + 1)));
      room.heads.push(await time(() => headsOf(client, sender, room.id)));
    }
  }
  await client.end();
  // The first runs make plans.
  const of = (times: number[]) => median(times.slice(ROUNDS / 10));
  const [least, , most] = rooms as [Room, Room, Room];
  const ratio = (name: string, pick: (room: Room) => number[]): Figure => ({
    name: `${name}: 1000 members / 2`,
    value: round(of(pick(most)) / of(pick(least)), 2),
    unit: "ratio",
    goal: "<= 1.1",
  });
  return [
    ...rooms.flatMap(({ size, sql, http, heads }) => [
      { name: `send, ${size} members: SQL`, value: round(of(sql), 2), unit: "ms" },
      { name: `send, ${size} members: HTTP`, value: round(of(http), 2), unit: "ms" },
      { name: `heads, ${size} members: SQL`, value: round(of(heads), 2), unit: "ms" },
    ]),
    ratio("send, SQL", ({ sql }) => sql),
    ratio("send, HTTP", ({ http }) => http),
    ratio("heads, SQL", ({ heads }) => heads),
  ];
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

const batchOf = (room: string, sender: Person, seq: number) => [
  text(message(room, sender, { epoch: 1, seq: seq + 1 })),
];

async function bySql(client: pg.Client, sender: Person, room: Room, seq: number): Promise<void> {
  const batch = JSON.stringify(batchOf(room.id, sender, seq));
  const sql = "select public.send_messages($1, $2, null, $3) as answer";
  const [row] = await queryAs<{ answer: Answer }>(client, sender, sql, [room.id, batch, room.seen]);
  taken(room, row?.answer);
}

async function overHttp({ stack }: World, sender: Person, room: Room, seq: number): Promise<void> {
  const args = { room: room.id, messages: batchOf(room.id, sender, seq), seen: room.seen };
  taken(room, await call<Answer>(stack, sender, "send_messages", args));
}

function taken({ id, seen }: Room, answer: Answer | undefined): void {
  if (!answer?.room) throw new Error(`room ${id} took no message: ${JSON.stringify(answer)}`);
  Object.assign(seen, { seq: answer.room.last_seq, transcript: answer.room.transcript });
}

/** As a device asks that knows the members: their list came a moment ago. */
const headsOf = (client: pg.Client, sender: Person, room: string) =>
  queryAs(client, sender, "select public.heads($1, $2)", [[room], { [room]: STAMP }]);
