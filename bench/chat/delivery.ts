import { type Figure, median, round } from "../lib/result.ts";
import { Crowd, type Delivered, type Manner } from "./crowd.ts";
import type { Seat } from "./protocol.ts";

/** Who is measured, by the name that the figures carry, and how it speaks. */
export interface Contender {
  name: string;
  seats: readonly Seat[];
  /** With the SDK: the ids of those whom the first member brings in. */
  members?: string[];
  /** As fast as it goes, in each of these ways. */
  saturated: { as: string; manner: Manner }[];
}

/** So that the figures at a pace do not depend on how fast anything is. */
const PACE = 50;
const PACED_SECONDS = 4;
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 3);

interface Run {
  name: string;
  saturated: Delivered[];
  paced: Delivered[];
}

/** What members of a room hear, a contender and a way at a time, round by round; the median counts. */
export async function deliver(
  members: number,
  contenders: readonly Contender[],
): Promise<{ figures: Figure[]; rates: Map<string, number>; rooms: Map<string, string> }> {
  const crowds = new Map<Contender, Crowd>();
  const rooms = new Map<string, string>();
  const runs = new Map<string, Run>();
  try {
    for (const one of contenders) {
      const crowd = await Crowd.open(one.seats);
      crowds.set(one, crowd);
      if (one.members) rooms.set(one.name, await crowd.meet(one.members));
    }
    for (let turn = -1; turn < ROUNDS; turn++) {
      for (const [one, crowd] of crowds) await takeTurn(one, crowd, turn, runs);
    }
  } finally {
    for (const crowd of crowds.values()) crowd.close();
  }
  const rates = new Map([...runs].map(([name, { saturated }]) => [name, rateOf(saturated)]));
  return { figures: [...runs.values()].flatMap((run) => figuresOf(members, run)), rates, rooms };
}

/** The first round warms up, and does not count; the pace is kept once. */
async function takeTurn(
  { name, saturated }: Contender,
  crowd: Crowd,
  turn: number,
  runs: Map<string, Run>,
): Promise<void> {
  for (const [at, { as, manner }] of saturated.entries()) {
    const key = as === "" ? name : `${name}, ${as}`;
    const run = runs.get(key) ?? { name: key, saturated: [], paced: [] };
    runs.set(key, run);
    const count = turn < 0 ? Math.ceil(manner.count / 4) : manner.count;
    const done = await crowd.say({ ...manner, count });
    if (turn >= 0) run.saturated.push(done);
    if (turn === 0 && at === 0)
      run.paced.push(
        await crowd.say({
          count: PACE * PACED_SECONDS,
          batch: 1,
          window: Number.MAX_SAFE_INTEGER,
          perSecond: PACE,
        }),
      );
  }
}

const rateOf = (runs: readonly Delivered[]) => median(runs.map(({ perSecond }) => perSecond));
const middle = (runs: readonly Delivered[], pick: (one: Delivered) => number) =>
  round(median(runs.map(pick)), 2);

function figuresOf(members: number, { name, saturated, paced }: Run): Figure[] {
  const of = `${members} members, ${name}`;
  return [
    { name: of, value: rateOf(saturated), unit: "deliveries/s" },
    { name: `${of}: p50`, value: middle(saturated, ({ p50 }) => p50), unit: "ms" },
    { name: `${of}: p99`, value: middle(saturated, ({ p99 }) => p99), unit: "ms" },
    ...paced.flatMap(({ p50, p99 }) => [
      { name: `${of}, ${PACE}/s: p50`, value: p50, unit: "ms" },
      { name: `${of}, ${PACE}/s: p99`, value: p99, unit: "ms" },
    ]),
  ];
}
