import { waitFor } from "../../story/stack-kit.ts";
import type { Dice } from "../random.ts";
import type { Account, Device } from "./cast.ts";
import type { House } from "./house.ts";
import type { Line } from "./line.ts";

/** What a fault is done to. */
export interface Place {
  house: House;
  account: Account;
  watchers: readonly Device[];
  writers: readonly Device[];
  dice: Dice;
}

export interface Fault {
  /** @returns what makes it well again; nothing, for what heals by itself */
  happen(place: Place): Promise<Heal> | Heal;
  /** Whether it may last while others happen: no writer waits for its end. */
  lasts: boolean;
}

type Heal = () => Promise<void> | void;

const onLine =
  (who: "watchers" | "writers", act: (line: Line) => void, undo: (line: Line) => void): Fault["happen"] =>
  (place) => {
    const { line } = place.dice.pick(place[who]);
    act(line);
    return () => undo(line);
  };
const nothing = (): void => {};
const watching = (act: (line: Line) => void, undo: (line: Line) => void = nothing): Fault => ({
  happen: onLine("watchers", act, undo),
  lasts: true,
});
const writing = (act: (line: Line) => void, undo: (line: Line) => void = nothing): Fault => ({
  happen: onLine("writers", act, undo),
  lasts: false,
});
const down = (line: Line): void => line.down();
const deaf = (line: Line): void => line.deaf();
const up = (line: Line): void => line.up();
const pass = (line: Line): void => line.meddle("pass");

/** Everything that can happen, by name. */
export const faults: Record<string, Fault> = {
  "a watcher is cut off": watching((line) => line.cut()),
  "a watcher has no network": watching(down, up),
  "a watcher's answers are lost": watching(deaf, up),
  "a watcher's connections fall silent": watching((line) => line.freeze()),
  "broadcasts are lost": watching((line) => line.meddle("drop"), pass),
  "broadcasts come twice": watching((line) => line.meddle("twice"), pass),
  "broadcasts come late": watching((line) => line.meddle("hold"), pass),
  "a writer is cut off": writing((line) => line.cut()),
  "a writer has no network": writing(down, up),
  "a writer's answers are lost": writing(deaf, up),
  "a writer's connections fall silent": writing((line) => line.freeze()),
  "kill -9 of the stack": {
    lasts: false,
    async happen({ house }) {
      await house.kill();
      return () => house.comeBack();
    },
  },
  "kill -9 of Postgres": {
    lasts: false,
    async happen({ house }) {
      await house.killPostgres();
      return () => {};
    },
  },
  "a token expires": {
    lasts: false,
    async happen({ dice, watchers, house }) {
      const { line, trackit } = dice.pick(watchers);
      line.wellAgain();
      await waitFor(() => line.listens, 60_000);
      const before = line.counts.expired;
      line.renews = false;
      const end = await house.shortenSession(trackit);
      return async () => {
        // The server closes the channel, unless the client was kept from telling it of the token.
        await waitFor(() => line.counts.expired > before || Date.now() > end + 1_000);
        line.renews = true;
      };
    },
  },
  "a session ends, and topics move": {
    lasts: false,
    async happen({ house, account }) {
      await house.endOneSession(account);
      return () => {};
    },
  },
};

/** So many faults in an order of chance: each kind before any comes again. */
export function schedule(count: number, dice: Dice): string[] {
  const names: string[] = [];
  while (names.length < count) names.push(...dice.shuffled(Object.keys(faults)));
  return names.slice(0, count);
}
