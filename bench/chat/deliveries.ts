import type { Figure } from "../lib/result.ts";
import { round } from "../lib/result.ts";
import { makeAccounts } from "./accounts.ts";
import type { Manner } from "./crowd.ts";
import { type Contender, deliver } from "./delivery.ts";
import { type Prosody, startProsody } from "./prosody.ts";
import type { Seat } from "./protocol.ts";
import { makeRoom, type World } from "./world.ts";

/** Unheard messages at a time, the same for both servers; the outbox sends up to 50 in a call. */
const one: Omit<Manner, "count"> = { batch: 1, window: 40 };
const many: Omit<Manner, "count"> = { batch: 50, window: 100 };
const SIZES = [10, 100];
/** A hundred SDKs in one machine would be measured, and not what is between them. */
const SDK_SIZE = 10;

/** From a send to all members' ears. */
export async function deliveries(world: World): Promise<Figure[]> {
  const prosody = await startProsody(
    `${world.folder}/prosody`,
    world.people.map(({ name }) => name),
  );
  try {
    const figures: Figure[] = [];
    for (const size of SIZES) figures.push(...(await inRoomOf(size, world, prosody)));
    return figures;
  } finally {
    await prosody?.stop();
  }
}

async function inRoomOf(size: number, world: World, prosody: Prosody | null): Promise<Figure[]> {
  const { stack, db, people } = world;
  const members = people.slice(0, size);
  const room = await makeRoom(stack, db, members);
  const of = (deliveries: number) => Math.round(deliveries / size / 50) * 50;
  const ours: Contender = {
    name: "server path",
    seats: members.map(({ id, token }): Seat => {
      const at = { url: stack.url, key: stack.publishableKey, token };
      return { kind: "trackit", ...at, userId: id, room, topic: `room:${room}:1` };
    }),
    saturated: [
      { as: "one by one", manner: { ...one, count: of(10_000) } },
      { as: "50 in a call", manner: { ...many, count: of(30_000) } },
    ],
  };
  const theirs = prosody && {
    name: `Prosody ${prosody.version}, MUC with archive`,
    seats: members.map(({ name: user }): Seat => {
      return { kind: "prosody", port: prosody.port, user, room: `bench${size}` };
    }),
    saturated: [{ as: "", manner: { ...one, count: of(20_000) } }],
  };
  const contenders = [...(theirs ? [theirs] : []), ours, ...(size === SDK_SIZE ? [await whole(world)] : [])];
  const { figures, rates } = await deliver(size, contenders);
  return [...figures, ...ratios(size, rates, theirs?.name)];
}

/** The whole path, with the SDK at each member: its outbox gathers what waits into calls of 50. */
async function whole({ stack }: World): Promise<Contender> {
  const accounts = await makeAccounts(stack, SDK_SIZE, "member");
  return {
    name: "whole path by the SDK",
    seats: accounts.map(({ email, password }): Seat => {
      return { kind: "sdk", url: stack.url, key: stack.publishableKey, email, password };
    }),
    members: accounts.slice(1).map(({ id }) => id),
    saturated: [{ as: "", manner: { ...many, batch: 1, count: 500 } }],
  };
}

function ratios(size: number, rates: Map<string, number>, peer: string | undefined): Figure[] {
  const theirs = rates.get(peer ?? "");
  if (!theirs) return [];
  return [...rates].flatMap(([name, rate]) =>
    name === peer
      ? []
      : [{ name: `${size} members: ${name} / Prosody`, value: round(rate / theirs, 2), unit: "ratio" }],
  );
}
