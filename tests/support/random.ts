/** The seed of a random test: from SEED, or a new one; tests carry it in their names. */
export const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

export interface Dice {
  /** From 0 up to 1. */
  (): number;
  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
  shuffled<T>(items: readonly T[]): T[];
}

/** Mulberry32: the same numbers for the same seed. */
export function dice(from: number): Dice {
  let state = from >>> 0;
  const roll = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (least: number, most: number): number => least + Math.floor(roll() * (most - least + 1));
  return Object.assign(roll, {
    between,
    pick<T>(from: readonly T[]): T {
      if (from.length === 0) throw new Error("picking from nothing; wanted at least one");
      return from[between(0, from.length - 1)] as T;
    },
    shuffled: <T>(items: readonly T[]): T[] =>
      items
        .map((item) => ({ item, lot: roll() }))
        .sort((a, b) => a.lot - b.lot)
        .map(({ item }) => item),
  });
}
