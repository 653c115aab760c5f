/** Whoever removes somebody is killed on the way: the room is as before or as after, and never in between. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Room } from "../../sdk/src/index.ts";
import { type Talker, talker, texts } from "../story/chat-kit.ts";
import { PASSWORD, refusal, type SdkKit, startSdkKit } from "../story/sdk-kit.ts";
import { dice, seed } from "../support/random.ts";

/** 10 in CI; by command TRACKIT_KILLS=100 npx vitest run --project long tests/long/chat-kills.test.ts */
const kills = Number(process.env.TRACKIT_KILLS ?? 10);
const folder = mkdtempSync(path.join(tmpdir(), "trackit-chat-"));
const key = randomBytes(32).toString("hex");

let kit: SdkKit;
let [ben, cem, dora]: Talker[] = [];
let ada: { id: string; email: string; username: string };
beforeAll(async () => {
  kit = await startSdkKit();
  [ben, cem, dora] = await Promise.all(["ben", "cem", "dora"].map((name) => talker(kit, name)));
  ada = await kit.register("ada");
});
afterAll(async () => {
  await kit?.stop();
  rmSync(folder, { recursive: true, force: true });
});

function start(...words: string[]): ChildProcess {
  const { API_URL, PUBLISHABLE_KEY } = kit.stack.env;
  const file = path.join(import.meta.dirname, "chat-remover.ts");
  const given = [path.join(folder, "keys"), key, API_URL, PUBLISHABLE_KEY, ada.email, PASSWORD, ...words];
  return spawn(process.execPath, ["--import", "tsx", file, ...given], { stdio: ["pipe", "pipe", "inherit"] });
}

/** Whether a process is to die at this stop: the how manieth it is, and what it is called. */
type Death = (count: number, stop: string) => boolean;

/**
 * Lets ada's process go on, and kills it where it is to die: while it waits there, or as it goes on.
 *
 * @returns the stops that it came to.
 */
async function run(words: string[], dies?: Death, waits = true): Promise<string[]> {
  const child = start(...words);
  const over = once(child, "exit");
  const stops: string[] = [];
  let isDone = false;
  for await (const line of createInterface({ input: child.stdout as NonNullable<typeof child.stdout> })) {
    if (line === "done") isDone = true;
    if (!line.startsWith("at ")) continue;
    stops.push(line.slice(3));
    const isEnd = dies?.(stops.length, line.slice(3)) ?? false;
    if (!isEnd || !waits) child.stdin?.write("\n");
    if (isEnd) child.kill("SIGKILL");
  }
  await over;
  if (!dies && !isDone) throw new Error(`ada's process ended early, after ${stops.at(-1)}`);
  return stops;
}

interface State {
  in: boolean;
  removals: number;
  lists: boolean;
}

/** What the server has: whether cem may read, how often he was removed, and whether the last epoch is for him. */
async function stateOf({ id }: Room, who: string): Promise<State> {
  const [found] = await kit.sql<State[]>`
    select exists (select from room_members where room_id = ${id} and user_id = ${who} and left_at is null) as in,
      (select count(*)::int from room_log where room_id = ${id} and op = 3) as removals,
      exists (
        select from epoch_recipients r where r.room_id = ${id} and r.user_id = ${who}
          and r.epoch = (select max(e.epoch) from room_epochs e where e.room_id = ${id})
      ) as lists`;
  return found as State;
}

/** Where a change or a message may have happened, or not. */
const CRITICAL = ["before change_room", "after change_room", "before send_messages", "after send_messages"];

/** The n-th of so many deaths: first at each critical stop, then spread over all that there are. */
function death(n: number, stops: number, lot: number): Death {
  const critical = CRITICAL[n - 1];
  const at = 1 + Math.floor(((n - lot) * stops) / kills);
  return (count, stop) => (critical ? stop === critical : count === at);
}

/** Who changes a room 300 times in an hour has to wait: after some rounds there is another one. */
const ROUNDS = 10;

async function newRoom(people: { ben: Talker; cem: Talker }): Promise<Room> {
  const room = await people.ben.trackit.rooms.create({ name: "kills", members: [ada.id, people.cem.id] });
  await room.setRole(ada.username, "admin");
  return room;
}

/** Right after a death: whoever is out is out of the last epoch as well, and whoever is in reads it. */
async function expectWhole(room: Room, cem: Talker, round: number): Promise<void> {
  const left = await stateOf(room, cem.id);
  expect([round, left.in, left.removals - round]).toEqual([round, left.lists, left.in ? 0 : 1]);
  // The others go on meanwhile, in whichever room it is.
  await room.send(`ben ${round}`);
  const cems = await cem.trackit.rooms.get(room.id).catch(() => null);
  // What was on its way to the server may have come after its sender had died.
  expect([left.in, (await stateOf(room, cem.id)).in]).toContain(cems !== null);
  if (cems) expect((await texts(cems)).at(-1)).toBe(`ben ${round}`);
}

/** After the next start: everything has happened, once. */
async function expectDone(room: Room, cem: Talker, round: number): Promise<void> {
  expect(await stateOf(room, cem.id)).toEqual({ in: false, removals: round + 1, lists: false });
  await expect(cem.trackit.rooms.get(room.id)).rejects.toMatchObject(refusal("ACCESS_NOT_FOUND"));
  const said = await texts(room);
  for (const text of [`before without cem ${round}`, `without cem ${round}`])
    expect([text, said.filter((one) => one === text).length]).toEqual([text, 1]);
  expect([said.length, said.includes("[unreadable]"), room.alarm]).toEqual([3 * (round + 1), false, null]);
}

it(`${kills} kills of whoever removes cem: he reads on or nothing new, and the next start ends it (seed ${seed})`, async () => {
  if (!ben || !cem || !dora) throw new Error("ben, cem and dora are wanted");
  const roll = dice(seed);
  await run([]);
  let room = await newRoom({ ben, cem });
  const met = new Map<string, number>();
  // In the first round nobody dies: it shows how many stops there are.
  let most = 0;
  for (let n = 0; n <= kills; n++) {
    const round = n % ROUNDS;
    if (n > 0 && round === 0) room = await newRoom({ ben, cem });
    const words = [room.id, cem.id, `without cem ${round}`];
    // The first message takes an epoch along.
    await room.add(dora.username);
    await (await dora.trackit.rooms.get(room.id)).leave();
    const stops = await run(words, n === 0 ? undefined : death(n, most, roll()), roll() < 0.5);
    const end = stops.at(-1) ?? "";
    if (n === 0) most = stops.length;
    else met.set(end, (met.get(end) ?? 0) + 1);
    await expectWhole(room, cem, round);
    await run(words);
    await expectDone(await ben.trackit.rooms.get(room.id), cem, round);
    await room.add(cem.username);
  }
  console.log(JSON.stringify({ seed, stops: most, met: Object.fromEntries(met) }));
  expect([...met.keys()]).toEqual(expect.arrayContaining(CRITICAL.slice(0, kills)));
}, 3_600_000);
