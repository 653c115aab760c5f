import { waitFor } from "../../story/stack-kit.ts";
import { dice } from "../random.ts";
import { type Account, deviceOf, openOutbox, openWatchers, type Watcher } from "./cast.ts";
import { type Fault, faults, type Place, schedule } from "./faults.ts";
import { hasten } from "./haste.ts";
import { House } from "./house.ts";
import { condition, expectEqual } from "./judge.ts";
import { knownNone, Writer } from "./writer.ts";

export interface Scale {
  faults: number;
  /** Rows that the two writers make between them at least; about as many are changed, deleted or restored. */
  rows: number;
  seed: number;
  /** Told what happens, as it happens. */
  tell?: (what: string) => void;
}

/** A run that is over, its house still open. */
export interface Run {
  house: House;
  account: Account;
  watchers: Watcher[];
  /** What has happened, in order. */
  happened: string[];
  /** Rows that were made. */
  made: number;
  close(): Promise<void>;
}

/**
 * Two devices of ada's write, one with an outbox and one that repeats its calls; others watch. Meanwhile the network,
 * the stack and Postgres fail in an order of chance. When all is written, every watcher must come to equal the table,
 * half-open connections and all, and once more when the very last broadcast has been lost.
 */
export async function runFaults({ faults: count, rows, seed, tell = () => {} }: Scale): Promise<Run> {
  const atEase = hasten();
  const chance = dice(seed);
  const house = await House.open();
  const account = await house.register("ada");
  const kept = await deviceOf(house, account, "a writer with an outbox", openOutbox());
  const plain = await deviceOf(house, account, "a writer that repeats");
  const watchers = await openWatchers(house, account);
  const known = knownNone();
  const writers = [
    new Writer(kept.trackit, dice(seed + 1), known, null),
    new Writer(plain.trackit, dice(seed + 2), knownNone(), known),
  ] as const;
  const place: Place = { house, account, watchers, writers: [kept, plain], dice: chance };
  const run: Run = {
    house,
    account,
    watchers,
    happened: [],
    made: 0,
    async close() {
      atEase();
      const devices = [kept, plain, ...watchers];
      for (const { trackit } of devices) await trackit.close();
      for (const { line } of devices) await line.close();
      await house.close();
    },
  };
  try {
    await throughAll({ faults: count, rows, tell }, run, place, writers);
  } catch (cause) {
    const last = house.last();
    await run.close().catch(() => {});
    throw new Error(`${(cause as Error).message}\n${last}`, { cause });
  }
  return run;
}

type Limits = Pick<Scale, "faults" | "rows"> & Required<Pick<Scale, "tell">>;

async function throughAll(
  { faults: count, rows, tell }: Limits,
  run: Run,
  place: Place,
  writers: readonly [Writer, Writer],
): Promise<void> {
  const steps = Math.ceil(rows / count / writers.length);
  const lingering: (() => Promise<void> | void)[] = [];
  for (const name of schedule(count, place.dice)) {
    tell(`${run.happened.length + 1} of ${count}: ${name}`);
    run.happened.push(name);
    const heal = await throughFault(faultOf(name), place, writers, steps);
    for (const late of lingering.splice(0)) await late();
    lingering.push(heal);
  }
  for (const late of lingering) await late();
  tell("all is well again");
  await Promise.all(writers.map((writer) => writer.writeUntil(rows / writers.length)));
  await drain(writers[0]);
  run.made = writers[0].made + writers[1].made;
  await expectEqual(run);
  tell("topics move, and the last broadcast is lost");
  await loseTheLast(place, run.watchers, writers[1]);
  await expectEqual(run);
}

function faultOf(name: string): Fault {
  const fault = faults[name];
  if (!fault) throw new Error(`looking up the fault ${name}: there is none; wanted one of the list`);
  return fault;
}

/**
 * Both write, and somewhere on the way it happens.
 * @returns what makes it well again, where it may last into the next round: nobody who writes waits for it
 */
async function throughFault(
  fault: Fault,
  place: Place,
  writers: readonly [Writer, Writer],
  steps: number,
): Promise<() => Promise<void> | void> {
  const [kept] = writers;
  const start = kept.steps + place.dice.between(0, steps - 1);
  const written = writers.map((writer) => writer.write(steps));
  // Awaited below, unless something else fails before.
  for (const one of written) one.catch(() => {});
  await kept.hasTaken(start);
  const heal = await fault.happen(place);
  await written[0];
  if (!fault.lasts) await heal();
  await Promise.all(written);
  return fault.lasts ? heal : () => {};
}

/** Sends what waits in the outbox; of two that changed the same row, ours is put on top. */
async function drain({ trackit }: Writer): Promise<void> {
  await waitFor(async () => {
    const { pending, failed } = await trackit.outbox.flush();
    for (const { id } of failed > 0 ? await trackit.outbox.failed() : []) await trackit.outbox.retry(id);
    return pending + failed === 0;
  }, 120_000);
}

/**
 * A lost last broadcast leaves no gap that anyone could see. Everybody hears before it, on the topic that has moved
 * and whose connection may never have been lost; the last one passes nobody.
 */
async function loseTheLast(
  { house, account }: Place,
  watchers: readonly Watcher[],
  writer: Writer,
): Promise<void> {
  for (const { line } of watchers) line.thaw();
  await house.endOneSession(account);
  const heard = countsOf(watchers, "passed");
  const hears = ({ line }: Watcher): boolean => line.counts.passed > (heard.get(line) ?? 0);
  await all(watchers, "hear again", hears, () => writer.last());
  const lost = countsOf(watchers, "dropped");
  for (const { line } of watchers) line.meddle("drop");
  // Whoever is just joining anew misses nothing that was said before; then there is another last one.
  const misses = ({ line }: Watcher): boolean => line.counts.dropped > (lost.get(line) ?? 0);
  await all(watchers, "miss the last", misses, () => writer.last());
  for (const { line } of watchers) line.meddle("pass");
}

const countsOf = (watchers: readonly Watcher[], what: "passed" | "dropped") =>
  new Map(watchers.map(({ line }) => [line, line.counts[what]]));

/** Waits until something is true of everybody; does something for it about once a second. */
async function all(
  watchers: readonly Watcher[],
  what: string,
  done: (watcher: Watcher) => boolean,
  prompt = async (): Promise<void> => {},
): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    await prompt();
    const areDone = await waitFor(() => watchers.every(done), 1_000).catch(() => false);
    if (areDone) return;
  }
  const others = watchers.filter((watcher) => !done(watcher)).map(condition);
  throw new Error(`waiting until all ${what}; these did not: ${others.join("; ")}`);
}
