import { message, text } from "../../tests/sql/support/rooms.ts";
import { type Figure, median, round } from "../lib/result.ts";
import { call, makeRoom, type Person, type World } from "./world.ts";

interface Case {
  name: string;
  rooms: number;
  senders: number;
  batch: number;
  messages: number;
}

/** Each sender has one call under way. */
const cases: Case[] = [
  { name: "one room, one sender", rooms: 1, senders: 1, batch: 1, messages: 500 },
  { name: "one room, 4 senders", rooms: 1, senders: 4, batch: 1, messages: 1000 },
  { name: "one room, one sender, 50 in a call", rooms: 1, senders: 1, batch: 50, messages: 5000 },
  { name: "one room, 4 senders, 50 in a call", rooms: 1, senders: 4, batch: 50, messages: 10_000 },
  { name: "16 rooms, 16 senders", rooms: 16, senders: 16, batch: 1, messages: 1600 },
  { name: "16 rooms, 16 senders, 50 in a call", rooms: 16, senders: 16, batch: 50, messages: 16_000 },
];
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);

/** Messages that are stored in a second over HTTP, nobody listening. */
export async function inserts({ stack, db, people }: World): Promise<Figure[]> {
  const rooms: string[] = [];
  for (let at = 0; at < 16; at++) rooms.push(await makeRoom(stack, db, people.slice(0, 16)));
  let seq = 0;
  const send = (room: string, sender: Person, batch: number) => {
    const messages = Array.from({ length: batch }, () =>
      text(message(room, sender, { epoch: 1, seq: ++seq })),
    );
    return call(stack, sender, "send_messages", { room, messages });
  };
  const rates = new Map(cases.map((one) => [one, [] as number[]]));
  for (let turn = 0; turn < ROUNDS; turn++) {
    for (const one of cases) {
      const start = performance.now();
      const each = Math.ceil(one.messages / one.senders / one.batch);
      await Promise.all(
        people.slice(0, one.senders).map(async (sender, at) => {
          for (let done = 0; done < each; done++)
            await send(rooms[at % one.rooms] as string, sender, one.batch);
        }),
      );
      rates.get(one)?.push((each * one.senders * one.batch * 1000) / (performance.now() - start));
    }
  }
  return cases.map((one) => ({
    name: `stored, ${one.name}`,
    value: round(median(rates.get(one) ?? [])),
    unit: "messages/s",
  }));
}
