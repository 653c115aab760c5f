import { toHex } from "../../sdk/src/crypto/bytes/index.ts";
import type { RoomChange } from "../../sdk/src/crypto/room-log/index.ts";
import { Client } from "./client.ts";
import { FOES } from "./foes.ts";
import { checkAll, nameOf, type Pinned, pinned } from "./invariants.ts";
import { type Mutant, NONE } from "./mutants.ts";
import { approve, newPerson, revoke } from "./people.ts";
import { LIES } from "./server.ts";
import { cheapSuite, Dice, type Person, Violation, type World } from "./world.ts";

const NAMES = ["ada", "ben", "cem", "mal"];

export interface Outcome {
  /** The invariant that did not hold. */
  violated: string | null;
  /** What was thrown, where nothing may be. */
  thrown: unknown;
  story: string[];
  steps: number;
}

/**
 * One random life of a room: four people with their devices, one of whom (mal) keeps no rule, behind a server that
 * lies. After each step the invariants are checked; at the end the server is honest, and the room has to go on.
 *
 * @param seed Decides every choice; keys and salts are the runtime's.
 */
export async function simulate(seed: number, mutant: Mutant = NONE, steps = 24): Promise<Outcome> {
  const { suite, boxes } = cheapSuite();
  const truth = {
    said: new Map(),
    signed: new Set<string>(),
    wrapKeys: new Map(),
    ended: new Map<string, string>(),
    late: new Set<string>(),
  };
  const base = {
    dice: new Dice(seed),
    suite,
    boxes,
    truth,
    room: suite.random(16),
    story: [] as string[],
    time: 1_800_000_000_000,
  };
  const world: World = { ...base, people: [], views: [{ rows: [], wraps: new Map() }], clients: [] };
  const life = new Life(world, mutant);
  let step = 0;
  try {
    await life.begin();
    for (; step < steps; step++) await life.step();
    await life.end();
    return { violated: null, thrown: null, story: world.story, steps: step };
  } catch (error) {
    const is = error instanceof Violation;
    return {
      violated: is ? error.message : null,
      thrown: is ? null : error,
      story: world.story,
      steps: step,
    };
  }
}

class Life {
  readonly #world: World;
  readonly #mutant: Mutant;
  /** Clients of people who keep no rule, and of devices that were stolen. */
  readonly #foes: Client[] = [];

  constructor(world: World, mutant: Mutant) {
    this.#world = world;
    this.#mutant = mutant;
  }

  async begin(): Promise<void> {
    const { people } = this.#world;
    for (const name of NAMES) people.push(await newPerson(this.#world, name));
    const [ada, ...others] = people as [Person, ...Person[]];
    const owner = await this.#enter(ada);
    await owner.readLogs();
    await owner.found(this.#world.dice.chance(0.5) ? "shared" : "none");
    await owner.change(others.map((who) => adding(who, who.name === "ben" ? 2 : 1)));
    for (const who of others) await this.#enter(who);
    const view = this.#world.views[0];
    if (view?.rows.length !== 6) throw new Error("the room does not begin");
    for (const client of [...this.#world.clients, ...this.#foes]) await client.read();
  }

  async #enter(who: Person, device = who.devices[0]): Promise<Client> {
    if (!device) throw new Error("a person without a device");
    const honest = who.name !== "mal";
    const client = await Client.enter(this.#world, who, device, honest ? this.#mutant : NONE);
    (honest ? this.#world.clients : this.#foes).push(client);
    return client;
  }

  async step(): Promise<void> {
    const { dice, clients, story } = this.#world;
    const before = new Map<Client, Pinned>(clients.map((client) => [client, pinned(client)]));
    const act = dice.next();
    if (act < 0.62) await this.#live();
    else if (act < 0.84) {
      const name = dice.pick(Object.keys(LIES)) as string;
      story.push(`server: ${name}`);
      await LIES[name]?.(this.#world);
    } else {
      const foe = dice.pick(this.#foes);
      const name = dice.pick(Object.keys(FOES)) as string;
      if (foe) {
        story.push(`${nameOf(foe)} ${name}`);
        if (dice.chance(0.7)) await foe.read();
        await FOES[name]?.(this.#world, foe);
      }
    }
    for (const client of clients) if (dice.chance(0.6)) await client.read();
    checkAll(this.#world, before);
  }

  async #live(): Promise<void> {
    const { dice, clients, people, story } = this.#world;
    const client = dice.pick(clients);
    const other = dice.pick(people);
    if (!client || !other) return;
    const acts: [string, number, () => Promise<unknown>][] = [
      [
        "sends",
        10,
        () =>
          client.send(
            `${client.person.name} ${++this.#world.time}`,
            dice.pick(["no", "no", "no", "taken", "untaken"] as const),
          ),
      ],
      [`adds ${other.name}`, 2, () => client.change([adding(other, 1)])],
      [`removes ${other.name}`, 2, () => client.change([{ op: "remove", user: other.user }])],
      ["leaves", 0.5, () => client.change([{ op: "leave" }])],
      [`makes ${other.name} an admin`, 1, () => client.change([{ op: "role", user: other.user, role: 2 }])],
      ["rotates", 1, () => client.change([], "asked")],
      ["approves a device", 2, () => this.#approve(client)],
      ["revokes a device", 3, () => this.#revoke(client)],
      ["is stolen", 2.5, () => this.#steal(client)],
      [
        "is lost",
        0.3,
        async () => void clients.splice(clients.length > 3 ? clients.indexOf(client) : clients.length, 1),
      ],
      ["is copied", 0.5, async () => void clients.push(client.copy())],
    ];
    let left = dice.next() * acts.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [name, weight, run] of acts) {
      left -= weight;
      if (left > 0) continue;
      story.push(`${nameOf(client)} ${name}`);
      await run();
      return;
    }
  }

  async #approve(client: Client): Promise<void> {
    const { person, device } = client;
    if (person.devices.length > 3 || person.revoked.has(client.id) || device.stolen) return;
    const added = await approve(this.#world, person, device);
    if (!added) return;
    const fresh = await this.#enter(person, added);
    fresh.view = client.view;
  }

  /** Whoever notices a theft revokes from another device; what the thief signs from then on is late. */
  async #revoke(client: Client): Promise<void> {
    const { person } = client;
    const theirs = person.devices.filter(({ signer }) => {
      const id = toHex(signer.id);
      return id !== client.id && !person.revoked.has(id);
    });
    const target = theirs.find(({ stolen }) => stolen) ?? theirs[0];
    if (!target || person.revoked.has(client.id) || client.device.stolen) return;
    const id = toHex(target.signer.id);
    if (!(await revoke(this.#world, person, target, client.device))) return;
    const { clients } = this.#world;
    for (const gone of clients.filter((one) => one.id === id)) clients.splice(clients.indexOf(gone), 1);
    if (!(await client.change([], "asked")) || !client.dropped.has(id)) return;
    this.#world.truth.ended.set(id, toHex(client.state.room.epochs.last?.hash ?? new Uint8Array()));
    const thief = this.#foes.find((one) => one.id === id);
    if (thief) await FOES["signs late and is put before its end"]?.(this.#world, thief);
  }

  /** A thief has the device with its keys; its owner has it no more. */
  async #steal(client: Client): Promise<void> {
    const { clients } = this.#world;
    const others = clients.filter(({ person, id }) => person === client.person && id !== client.id);
    if (others.length === 0 || client.device.stolen) return;
    client.device.stolen = true;
    for (const one of clients.filter(({ id }) => id === client.id)) clients.splice(clients.indexOf(one), 1);
    this.#foes.push(client);
  }

  /** From here on the server is honest: whoever was not lied to can go on. */
  async end(): Promise<void> {
    const { clients, views } = this.#world;
    for (const client of clients) client.withheld.clear();
    for (const client of clients) await client.read();
    checkAll(this.#world, new Map());
    for (const [at] of views.entries())
      await this.#goOn(clients.filter((one) => one.view === at && this.#isWell(one)));
  }

  #isWell(client: Client): boolean {
    const { person, id, state } = client;
    const { log } = state.room;
    const member = log.members.get(toHex(person.user));
    const twins = this.#world.clients.filter((one) => one.id === id).length > 1;
    const alive =
      !person.revoked.has(id) && !client.device.stolen && member?.erased === false && !log.deleted;
    return alive && !client.stopped && !client.wasDeceived && !twins;
  }

  async #goOn(well: Client[]): Promise<void> {
    for (const client of well) await client.send(`${client.person.name} is back`);
    const still = well.filter((one) => this.#isWell(one));
    for (const client of still) {
      const words = `${client.person.name} goes on ${++this.#world.time}`;
      const sent = await client.send(words);
      if (!this.#isWell(client)) continue;
      if (!sent) throw new Violation(`${nameOf(client)} cannot send any more`);
      for (const other of still) {
        await other.read();
        const heard = other.shown.some(({ text }) => text === words);
        if (this.#isWell(other) && !heard)
          throw new Violation(`${nameOf(other)} does not hear ${nameOf(client)} any more`);
      }
    }
    checkAll(this.#world, new Map());
  }
}

const adding = (who: Person, role: 1 | 2): RoomChange => ({
  op: "add",
  user: who.user,
  userRoot: who.log.root,
  userHead: who.log.head,
  role,
  invite: new Uint8Array(16),
});
