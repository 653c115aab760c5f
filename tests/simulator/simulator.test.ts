import { expect, it } from "vitest";
import { simulate } from "./schedule.ts";

const schedules = Number(process.env.TRACKIT_SCHEDULES ?? 300);
const first = Number(process.env.TRACKIT_SEED ?? 1);

it(`${schedules} random schedules violate no invariant`, async () => {
  for (let seed = first; seed < first + schedules; seed++) {
    const { violated, thrown, story } = await simulate(seed);
    expect({ violated, thrown }, `seed ${seed}:\n${story.join("\n")}`).toEqual({
      violated: null,
      thrown: null,
    });
  }
}, 3_600_000);
