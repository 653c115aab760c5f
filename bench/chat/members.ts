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
  /** Milliseconds. */
  sql: number[];
  http: number[];
  heads: number[];
}

/**
 * A send in rooms of several sizes, which take turns: by SQL as REST runs it, and over HTTP; and the heads that the SDK
 * compares before it. Nobody listens.
 */
export async function members(world: World): Promise<Figure[]> {
  const { stack, db } = world;
  const [sender] = world.people as [Person];
  const client = await connect(stack.authenticatorUrl);
  const rooms: Room[] = [];
  for (const size of SIZES) {
    const id = await makeRoom(stack, db, [sender], size - 1);
    rooms.push({ size, id, sql: [], http: [], heads: [] });
  }
  for (let turn = 0; turn < ROUNDS; turn++) {
    for (const room of rooms) {
      room.sql.push(await time(() => bySql(client, sender, room.id, 2 * turn)));
      room.http.push(await time(() => overHttp(world, sender, room.id, 2 * turn + 1)));
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
      { name: `heads before it, ${size} members: SQL`, value: round(of(heads), 2), unit: "ms" },
    ]),
    ratio("send, SQL", ({ sql }) => sql),
    ratio("send, HTTP", ({ http }) => http),
    ratio("heads before it, SQL", ({ heads }) => heads),
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

const bySql = (client: pg.Client, sender: Person, room: string, seq: number) =>
  queryAs(client, sender, "select public.send_messages($1, $2)", [
    room,
    JSON.stringify(batchOf(room, sender, seq)),
  ]);

/** As a device asks that knows the members: their list came a moment ago. */
const headsOf = (client: pg.Client, sender: Person, room: string) =>
  queryAs(client, sender, "select public.heads($1, $2)", [[room], { [room]: STAMP }]);

const overHttp = ({ stack }: World, sender: Person, room: string, seq: number) =>
  call(stack, sender, "send_messages", { room, messages: batchOf(room, sender, seq) });
