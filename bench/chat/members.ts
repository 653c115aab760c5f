import type pg from "pg";
import { queryAs } from "../../tests/sql/support/people.ts";
import { message, text } from "../../tests/sql/support/rooms.ts";
import { type Figure, median, round } from "../lib/result.ts";
import { call, connect, makeRoom, type Person, type World } from "./world.ts";

const SIZES = [2, 100, 1000];
const ROUNDS = 300;

/** A send in rooms of several sizes, which take turns: by SQL as REST runs it, and over HTTP. Nobody listens. */
export async function members(world: World): Promise<Figure[]> {
  const { stack, db } = world;
  const [sender] = world.people as [Person];
  const client = await connect(stack.authenticatorUrl);
  const rooms: { size: number; id: string; sql: number[]; http: number[] }[] = [];
  for (const size of SIZES)
    rooms.push({ size, id: await makeRoom(stack, db, [sender], size - 1), sql: [], http: [] });
  for (let turn = 0; turn < ROUNDS; turn++) {
    for (const room of rooms) {
      room.sql.push(await time(() => bySql(client, sender, room.id, 2 * turn)));
      room.http.push(await time(() => overHttp(world, sender, room.id, 2 * turn + 1)));
    }
  }
  await client.end();
  // The first runs make plans.
  const of = (times: number[]) => median(times.slice(ROUNDS / 10));
  const [least, , most] = rooms as [(typeof rooms)[0], unknown, (typeof rooms)[0]];
  return [
    ...rooms.flatMap(({ size, sql, http }) => [
      { name: `send, ${size} members: SQL`, value: round(of(sql), 2), unit: "ms" },
      { name: `send, ${size} members: HTTP`, value: round(of(http), 2), unit: "ms" },
    ]),
    {
      name: "send: 1000 members / 2, SQL",
      value: round(of(most.sql) / of(least.sql), 2),
      unit: "ratio",
      goal: "<= 1.1",
    },
    {
      name: "send: 1000 members / 2, HTTP",
      value: round(of(most.http) / of(least.http), 2),
      unit: "ratio",
      goal: "<= 1.1",
    },
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

const overHttp = ({ stack }: World, sender: Person, room: string, seq: number) =>
  call(stack, sender, "send_messages", { room, messages: batchOf(room, sender, seq) });
