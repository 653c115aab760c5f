/** Two people talk over lines that are cut, on devices that are started anew, in a room that others are put out of. */
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Message, Room, TrackIt } from "../../sdk/src/index.ts";
import { clocks } from "../../sdk/src/live/clocks.ts";
import { memoryKeystore } from "../../sdk/src/store/keys/memory.ts";
import { listen, type Talker, talker, texts } from "../story/chat-kit.ts";
import type { Inbox } from "../story/realtime-wait.ts";
import { PASSWORD, type SdkKit, startSdkKit } from "../story/sdk-kit.ts";
import { type CuttingProxy, cuttingProxy } from "../support/cutting-proxy.ts";
import { type Dice, dice, seed } from "../support/random.ts";

/** By command TRACKIT_WRITES=2000 TRACKIT_CUTS=300 npx vitest run --project long tests/long/chat-cuts.test.ts */
const writes = Number(process.env.TRACKIT_WRITES ?? 150);
const cuts = Number(process.env.TRACKIT_CUTS ?? 30);
const RESTARTS = 3;

let kit: SdkKit;
const lines: CuttingProxy[] = [];
beforeAll(async () => {
  clocks.headCheck = 500;
  clocks.answer = 5_000;
  // Whoever waits before trying again waits for a moment.
  vi.spyOn(Math, "random").mockReturnValue(0.05);
  vi.spyOn(console, "error").mockImplementation(() => {});
  kit = await startSdkKit();
});
afterAll(async () => {
  await kit?.stop();
  for (const line of lines) await line.close();
});

/** Somebody with a line of their own, whose device outlives its clients. */
class Side {
  readonly name: string;
  readonly line: CuttingProxy;
  readonly keystore = memoryKeystore();
  readonly unexpected: unknown[] = [];
  email = "";
  id = "";
  trackit!: TrackIt;
  room!: Room;
  told!: { said: Inbox<Message>; changed: Inbox<Message> };

  constructor(name: string, line: CuttingProxy) {
    this.name = name;
    this.line = line;
    lines.push(line);
  }

  async join(): Promise<void> {
    const { email, id } = await kit.register(this.name);
    Object.assign(this, { email, id });
    await this.#signIn();
    await this.trackit.devices.me();
  }

  async #signIn(): Promise<void> {
    this.trackit = kit.trackit({ url: this.line.url, chat: { keystore: this.keystore } });
    await this.trackit.auth.signIn({ email: this.email, password: PASSWORD });
  }

  async open(id: string): Promise<void> {
    this.room = await this.trackit.rooms.get(id);
    this.told = listen(this.room);
  }

  /** The app ends in the middle of whatever it does, and is started anew. */
  async restart(): Promise<void> {
    await this.trackit.close();
    this.line.set("open");
    await this.#signIn();
    await this.open(this.room.id);
  }

  /** Says something, and waits for nothing: what is not sent when the app ends, the next one sends. */
  say(text: string): void {
    this.room.send(text).catch((error: { code?: string }) => {
      if (error.code !== "NETWORK_ABORTED") this.unexpected.push(error);
    });
  }

  /** Cuts the line in the middle of what goes over it now, for a moment. */
  async cut(roll: Dice): Promise<void> {
    const before = this.line.cuts;
    this.line.after(roll.between(0, 6), roll.pick(["down", "deaf"] as const));
    // Where nothing goes over it any more it is cut as it rests.
    for (let looks = 0; this.line.cuts === before && looks < 50; looks++) await moment(20);
    if (this.line.cuts === before) this.line.set("down");
    await moment(roll.between(0, 200));
    this.line.set("open");
  }

  /** What the room says, once everything that anybody wrote is in it. */
  async all(count: number): Promise<string[]> {
    this.line.set("open");
    const isThere = async (): Promise<number> => {
      const room = await this.trackit.rooms.get(this.room.id).catch(() => null);
      const sent = (await room?.history().toArray())?.filter(({ status }) => status !== "pending");
      return sent?.length ?? 0;
    };
    await expect.poll(isThere, { timeout: 300_000, interval: 300 }).toBe(count);
    return texts(this.room);
  }
}

const moment = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** At which writes something happens: so many of them, spread by chance. */
const spread = (roll: Dice, count: number): Set<number> =>
  new Set(Array.from({ length: count }, (_, at) => Math.floor(((at + roll()) * writes) / count)));

it(`${writes} messages each, ${cuts} cuts each: everybody has each once, and in its order (seed ${seed})`, async () => {
  const roll = dice(seed);
  const sides = await Promise.all(
    ["ada", "ben"].map(async (name) => new Side(name, await cuttingProxy(kit.stack.env.API_URL))),
  );
  const [ada, ben] = sides as [Side, Side];
  await Promise.all(sides.map((side) => side.join()));
  const others: Talker[] = await Promise.all(["cem", "dora", "eli"].map((name) => talker(kit, name)));
  const made = await ada.trackit.rooms.create({
    name: "cuts",
    members: [ben.id, ...others.map(({ id }) => id)],
  });
  await Promise.all(sides.map((side) => side.open(made.id)));

  const leaving = [...spread(roll, others.length)];
  await Promise.all(
    sides.map(async (side) => {
      const [cutAt, restartAt] = [spread(roll, cuts), spread(roll, RESTARTS)];
      for (let n = 0; n < writes; n++) {
        side.say(`${side.name} ${n}`);
        if (cutAt.has(n)) await side.cut(roll);
        // An epoch is due for whoever writes next.
        const gone = side === ada ? leaving.indexOf(n) : -1;
        if (gone >= 0) await (await (others[gone] as Talker).trackit.rooms.get(made.id)).leave();
        if (restartAt.has(n)) await side.restart();
      }
    }),
  );
  const [hers, his] = [await ada.all(2 * writes), await ben.all(2 * writes)];
  expect(his).toEqual(hers);
  for (const { name } of sides) {
    const own = Array.from({ length: writes }, (_, n) => `${name} ${n}`);
    expect(hers.filter((text) => text.startsWith(name))).toEqual(own);
  }
  expect(sides.map(({ unexpected }) => unexpected)).toEqual([[], []]);
  expect(sides.map(({ room }) => [room.alarm, room.members.length])).toEqual([
    [null, 2],
    [null, 2],
  ]);
  for (const side of sides) {
    const heard = side.told.said.all.filter(({ from }) => !from.own);
    expect(new Set(heard.map(({ id }) => id)).size).toBe(heard.length);
  }
  expect(sides.map(({ line }) => line.cuts)).toEqual([cuts, cuts]);
}, 900_000);
