import { describe, expect, it } from "vitest";
import { CHECKS, GROUND_RULES, type Mutant } from "./mutants.ts";
import { simulate } from "./schedule.ts";

/** The first schedule that notices what is missing. */
async function noticed(mutant: Mutant, most = 1500): Promise<string | null> {
  for (let seed = 1; seed <= most; seed++) {
    const { violated } = await simulate(seed, mutant);
    if (violated) return `seed ${seed}: ${violated}`;
  }
  return null;
}

describe("a rule that is missing is noticed", () => {
  it.each([...GROUND_RULES, ...CHECKS])(
    "$name",
    async (mutant) => {
      expect(await noticed(mutant)).toMatch(/^seed/);
    },
    600_000,
  );
});
